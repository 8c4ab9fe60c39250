package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

// slowDB takes its time for each of the engine's own transactions.
type slowDB struct {
	ports.Transactor
	each time.Duration
}

func (s slowDB) InLooseTx(ctx context.Context, fn func(context.Context, ports.Stores) error) error {
	err := s.Transactor.InLooseTx(ctx, fn)
	<-time.After(s.each)
	return err
}

// While a claim is under way, requests of the one before it are answered. What
// there was no room for then is claimed as soon as there is, not at the next poll, which never comes here.
func TestABacklogGoesOutWithoutPauses(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		var came atomic.Int32
		srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if came.Add(1)%2 == 0 {
				<-time.After(20 * time.Millisecond)
			}
		}))
		t.Cleanup(srv.Close)
		w.MustEndpoint(t, srv.URL)
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		const files = 240
		for i := range files {
			w.MustUpload(t, staff, fmt.Sprintf("%d.txt", i), "hello", nil)
		}
		w.Engine.DB, w.Engine.Poll = slowDB{w.DB, 40 * time.Millisecond}, time.Hour
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- w.Engine.Run(ctx) }()
		world.Eventually(t, "all of it came", func() bool { return came.Load() == files })
		stop()
		<-ended
	})
}

// An endpoint that answers well gets requests that were leased ahead, and never
// more of them at once than its limit. When it answers badly they are given back.
func TestWhatIsLeasedAheadIsGivenBackAfterABadAnswer(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		const files, well = 200, 120
		var came, atOnce atomic.Int32
		answer, over := make(chan int), make(chan struct{})
		srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			if atOnce.Add(1) > domain.DefaultMaxInFlight {
				t.Error("more requests at once than the limit")
			}
			if came.Add(1) > well {
				select {
				case code := <-answer:
					rw.WriteHeader(code)
				case <-over:
				}
			}
			atOnce.Add(-1)
		}))
		t.Cleanup(srv.Close)
		ep, _ := w.MustEndpoint(t, srv.URL)
		w.Courier.Timeout = time.Minute
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		for i := range files {
			w.MustUpload(t, staff, fmt.Sprintf("%d.txt", i), "hello", nil)
		}
		leased := func() int {
			st, err := w.DB.Reads().Deliveries.Standing(context.Background(), w.Clock.Now())
			if err != nil {
				t.Error(err)
			}
			return st.Leased[ep.ID]
		}
		w.Engine.Poll = time.Hour
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- w.Engine.Run(ctx) }()
		world.Eventually(t, "more is leased than may be sent at once", func() bool { return leased() > domain.DefaultMaxInFlight })
		answer <- http.StatusInternalServerError
		world.Eventually(t, "what was leased ahead is given back", func() bool { return leased() <= domain.DefaultMaxInFlight })
		close(over)
		world.Eventually(t, "all of it came", func() bool { return came.Load() == files })
		stop()
		<-ended
	})
}

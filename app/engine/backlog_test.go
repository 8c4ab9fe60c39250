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

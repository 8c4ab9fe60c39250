package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"doorito/e2e/portal"
	"doorito/e2e/services"
	"doorito/e2e/world"
)

// stormSlots is what a worker has in flight at most (slots in serve.go): no more
// can come twice for each one that dies.
const stormSlots = 512

// storm is delivery load: workers over PostgreSQL and Redis of their own,
// receivers that count, and events that are committed by the hundred.
type storm struct {
	stack   *services.Stack
	workers []*portal.Portal
	to      []*tally
	events  []uuid.UUID
	deaths  []death
}

// death is from the blow until what was killed was there again. What it had sent,
// or sends on without its database, comes to a receiver in between, and again
// within some time of the blow.
type death struct {
	from, to time.Time
	within   time.Duration
}

func newStorm(t *testing.T, workers int) *storm {
	t.Helper()
	s := &storm{stack: services.Private(t, services.WantPostgres, services.WantRedis)}
	env := []string{"DATABASE_URL=" + s.stack.Postgres.URL, "REDIS_URL=" + s.stack.Redis.URL}
	for range workers {
		s.workers = append(s.workers, portal.MustStart(t, portal.Options{Role: "worker", Env: env}))
	}
	for range 3 {
		to := newTally(t)
		s.workers[0].MustCLI(t, "endpoint", "create", "--url", to.url, "--events", "file.stored")
		s.to = append(s.to, to)
	}
	return s
}

const stormEvents = `INSERT INTO outbox_events (id, aggregate_type, aggregate_id, event_type, payload, subject, status, idempotency_key, attempts, max_attempts, error_message, created_at, updated_at)
	SELECT i.id, 'file', i.id, 'file.stored', convert_to(format('{"id":"%s","type":"file.stored","data":{"file_id":"%s"}}', i.id, i.id), 'UTF8'),
		'storm', 'pending', 'file.stored:' || i.id, 0, 0, '', now(), now() FROM unnest($1::uuid[]) AS i(id)`

// commit adds n events. The workers find them by themselves, bell or not.
func (s *storm) commit(t *testing.T, n int) {
	t.Helper()
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7())
	}
	s.query(t, func(ctx context.Context, db *pgx.Conn) error {
		// On the disk, or PostgreSQL may forget them when it is killed.
		if _, err := db.Exec(ctx, "SET synchronous_commit = on"); err != nil {
			return err
		}
		_, err := db.Exec(ctx, stormEvents, ids)
		return err
	})
	s.events = append(s.events, ids...)
}

func (s *storm) query(t *testing.T, ask func(ctx context.Context, db *pgx.Conn) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	db, err := pgx.Connect(ctx, s.stack.Postgres.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(ctx)
	if err := ask(ctx, db); err != nil {
		t.Fatal(err)
	}
}

func (s *storm) number(t *testing.T, query string) (n int) {
	t.Helper()
	s.query(t, func(ctx context.Context, db *pgx.Conn) error { return db.QueryRow(ctx, query).Scan(&n) })
	return n
}

// came is how many requests all receivers got.
func (s *storm) came() (n int) {
	for _, to := range s.to {
		n += to.count()
	}
	return n
}

// await waits until n more requests came than had come at from.
func (s *storm) await(t *testing.T, from, n int) {
	t.Helper()
	world.Within(t, time.Minute, fmt.Sprintf("%d requests come", n), func() bool { return s.came() >= from+n })
}

// allOf waits until there are want, for as long as no minute passes without one more.
func allOf(t *testing.T, want int, what string, count func() int) {
	t.Helper()
	for n := count(); n < want; n = count() {
		world.Within(t, time.Minute, fmt.Sprintf("more than %d of %d %s", n, want, what), func() bool { return count() > n })
	}
}

// settled wants every event at every endpoint, recorded by one attempt, and
// what came again to have come before and after a death. It prints how many.
func (s *storm) settled(t *testing.T) {
	t.Helper()
	want := len(s.events) * len(s.to)
	allOf(t, want, "deliveries came", s.came)
	allOf(t, want, "deliveries are recorded", func() int {
		return s.number(t, "SELECT count(*) FROM webhook_deliveries WHERE status = 'delivered'")
	})
	if n := s.number(t, "SELECT count(*) FROM delivery_attempts"); n != want {
		t.Errorf("%d deliveries have %d attempts", want, n)
	}
	again := 0
	for i, to := range s.to {
		if to.overlaps > 0 {
			t.Errorf("endpoint %d got a delivery again %d times before it had answered it", i, to.overlaps)
		}
		for _, id := range s.events {
			times := to.came[id.String()]
			if len(times) == 0 {
				t.Fatalf("event %s never came to endpoint %d", id, i)
			}
			for j, at := range times[1:] {
				again++
				died, ok := s.deathBetween(times[j], at)
				if !ok {
					t.Errorf("event %s came to endpoint %d at %s and at %s, and nothing died in between", id, i, times[j], at)
				} else if took := at.Sub(died.from); took > died.within {
					t.Errorf("event %s came again only %s after the death", id, took)
				}
			}
		}
	}
	if again > len(s.deaths)*stormSlots {
		t.Errorf("%d came again after %d deaths", again, len(s.deaths))
	}
	fmt.Fprintf(os.Stderr, "%s: %d events at %d endpoints, %d deaths, %d of %d deliveries came again\n",
		t.Name(), len(s.events), len(s.to), len(s.deaths), again, want)
}

func (s *storm) deathBetween(a, b time.Time) (death, bool) {
	for _, d := range s.deaths {
		if d.to.After(a) && d.from.Before(b) {
			return d, true
		}
	}
	return death{}, false
}

// tally is a receiver that notes when each event came.
type tally struct {
	url string

	mu       sync.Mutex
	came     map[string][]time.Time // by event
	n        int
	open     map[string]bool // being answered
	overlaps int
}

func newTally(t *testing.T) *tally {
	t.Helper()
	r := &tally{came: map[string][]time.Time{}, open: map[string]bool{}}
	srv := httptest.NewServer(r)
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	r.url = srv.URL
	return r
}

// ServeHTTP implements http.Handler.
func (r *tally) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return
	}
	id := req.Header.Get("Webhook-Id")
	r.mu.Lock()
	r.n++
	r.came[id] = append(r.came[id], time.Now())
	if r.open[id] {
		r.overlaps++
	}
	r.open[id] = true
	r.mu.Unlock()
	rw.WriteHeader(http.StatusNoContent)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, id)
}

func (r *tally) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

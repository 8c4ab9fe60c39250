package gormdb_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"doorito/adapters/gormdb"
	"doorito/domain"
	"doorito/ports"
)

func both(t *testing.T, fn func(t *testing.T, url string)) {
	t.Helper()
	for name, fresh := range map[string]func(testing.TB) string{"SQLite": sqlitePath, "Postgres": postgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fn(t, fresh(t))
		})
	}
}

func newEndpoint(t *testing.T, db ports.Transactor) *domain.Endpoint {
	t.Helper()
	ep, err := domain.NewEndpoint(uuid.Must(uuid.NewV7()), domain.EndpointForm{URL: "https://example.com"}, true, nil, stopped{}.Now())
	must(t, err)
	must(t, db.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error { return s.Endpoints.Insert(ctx, ep) }))
	return ep
}

func newPing(t *testing.T, ep *domain.Endpoint) *domain.Event {
	t.Helper()
	e := domain.NewPing(ep, uuid.New(), stopped{}.Now())
	must(t, e.AssignID(uuid.Must(uuid.NewV7())))
	return e
}

func TestBellRingsOnceAfterCommitWithWork(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, url string) {
		var rings atomic.Int32
		db := openWith(t, gormdb.Config{URL: url, Bell: func(context.Context) error {
			rings.Add(1)
			return errors.New("no clapper") // is logged, and nobody is told
		}})
		ep := newEndpoint(t, db)
		e := newPing(t, ep)
		d := domain.NewDelivery(uuid.Must(uuid.NewV7()), e, ep, "ping", stopped{}.Now())
		failing := errors.New("on purpose")
		for _, step := range []struct {
			name  string
			rings int32
			fn    func(ctx context.Context, s ports.Stores) error
		}{
			{"an event that rolls back", 0, func(ctx context.Context, s ports.Stores) error {
				_, err := s.Outbox.Append(ctx, e)
				return errors.Join(failing, err)
			}},
			{"two events", 1, func(ctx context.Context, s ports.Stores) error {
				_, err := s.Outbox.Append(ctx, e)
				must(t, err)
				_, err = s.Outbox.Append(ctx, newPing(t, ep))
				return err
			}},
			{"an event that is there", 0, func(ctx context.Context, s ports.Stores) error {
				_, err := s.Outbox.Append(ctx, e)
				return err
			}},
			{"a due delivery", 1, func(ctx context.Context, s ports.Stores) error {
				return s.Deliveries.InsertAll(ctx, []*domain.Delivery{d})
			}},
			{"no change", 0, func(ctx context.Context, s ports.Stores) error { return nil }},
		} {
			rings.Store(0)
			if err := db.InTx(context.Background(), step.fn); err != nil && !errors.Is(err, failing) {
				t.Fatal(err)
			}
			if got := rings.Load(); got != step.rings {
				t.Errorf("%s rang %d times, want %d", step.name, got, step.rings)
			}
		}
	})
}

// Two transactions that lock two rows crosswise: PostgreSQL breaks one off, and
// it runs again to its end.
func TestDeadlockRunsAgain(t *testing.T) {
	t.Parallel()
	db := open(t, postgresURL(t))
	ep := newEndpoint(t, db)
	var ids [2]uuid.UUID
	must(t, db.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error {
		for i := range ids {
			e := newPing(t, ep)
			_, err := s.Outbox.Append(ctx, e)
			must(t, err)
			d := domain.NewDelivery(uuid.Must(uuid.NewV7()), e, ep, "ping", stopped{}.Now())
			must(t, s.Deliveries.InsertAll(ctx, []*domain.Delivery{d}))
			ids[i] = d.ID
		}
		return nil
	}))
	var runs atomic.Int32
	var wg sync.WaitGroup
	var meet sync.WaitGroup
	meet.Add(2)
	for i := range 2 {
		wg.Go(func() {
			first := true
			err := db.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error {
				runs.Add(1)
				if _, err := s.Deliveries.Lock(ctx, ids[i]); err != nil {
					return err
				}
				if first {
					first = false
					meet.Done()
					meet.Wait()
				}
				_, err := s.Deliveries.Lock(ctx, ids[1-i])
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if runs.Load() < 3 {
		t.Errorf("the closures ran %d times, want a third", runs.Load())
	}
}

// Two files may join a batch side by side: each holds it until both did.
func TestJoinsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	db := open(t, postgresURL(t))
	now := stopped{}.Now()
	b, err := domain.NewBatch(uuid.Must(uuid.NewV7()), "L", "", nil, now)
	must(t, err)
	b.Status = domain.BatchInProgress
	must(t, db.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error {
		_, _, err := s.Batches.Insert(ctx, b)
		return err
	}))
	var wg, meet sync.WaitGroup
	meet.Add(2)
	for range 2 {
		wg.Go(func() {
			err := db.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error {
				_, err := s.Batches.Join(ctx, b.ID, now)
				meet.Done()
				meet.Wait()
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	t.Parallel()
	for url, code := range map[string]domain.Code{
		"":                             domain.Invalid,
		"mysql://root@localhost/x":     domain.Invalid,
		"postgres://u:secret@[::1/x":   domain.Invalid,
		"postgres://u:s@127.0.0.1:1/x": domain.Unavailable,
	} {
		_, err := gormdb.Open(context.Background(), gormdb.Config{URL: url, Clock: stopped{}})
		if !domain.IsCode(err, code) {
			t.Errorf("%q: %v, want %s", url, err, code)
		}
	}
}

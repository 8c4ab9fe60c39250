package gormdb_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"doorito/domain"
	"doorito/ports"
)

// A fan-out that fails goes to PostgreSQL with the COMMIT: then that tells of it,
// and nothing of the transaction stays.
func TestFailureOfALastStatementUndoesTheTransaction(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, url string) {
		db, ctx := open(t, url), context.Background()
		ep := newEndpoint(t, db)
		first, second := newPing(t, ep), newPing(t, ep)
		id := uuid.Must(uuid.NewV7())
		err := db.InLooseTx(ctx, func(ctx context.Context, s ports.Stores) error {
			for _, e := range []*domain.Event{first, second} {
				if _, err := s.Outbox.Append(ctx, e); err != nil {
					return err
				}
			}
			return s.Deliveries.FanOut(ctx, ports.FanOut{Deliveries: []*domain.Delivery{
				domain.NewDelivery(id, first, ep, "ping", stopped{}.Now()), domain.NewDelivery(id, second, ep, "ping", stopped{}.Now()),
			}})
		})
		if !domain.IsCode(err, domain.Conflict) {
			t.Errorf("two deliveries of one id give %v, not a conflict", err)
		}
		undone(t, db, first)
	})
}

func TestContextThatEndsInATransactionUndoesIt(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, url string) {
		db := open(t, url)
		ep := newEndpoint(t, db)
		e := newPing(t, ep)
		ctx, cancel := context.WithCancel(context.Background())
		err := db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			_, err := s.Outbox.Append(ctx, e)
			cancel()
			return err
		})
		if err == nil {
			t.Error("a transaction whose context ended tells of no error")
		}
		undone(t, db, e)
	})
}

func TestTransactionWhoseConnectionDiesIsUndone(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	db, ctx := open(t, url), context.Background()
	e := newPing(t, newEndpoint(t, db))
	err := db.InLooseTx(ctx, func(ctx context.Context, s ports.Stores) error {
		_, err := s.Outbox.Append(ctx, e)
		must(t, err)
		asked(t, url, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'", 1)
		return nil
	})
	if err == nil {
		t.Error("a transaction whose connection died tells of no error")
	}
	undone(t, db, e)
}

// undone wants an event not to be there, and to be appended by the next transaction.
func undone(t *testing.T, db ports.Transactor, e *domain.Event) {
	t.Helper()
	if _, err := db.Reads().Outbox.Find(context.Background(), e.ID); !domain.IsCode(err, domain.NotFound) {
		t.Errorf("the event of a transaction that failed: %v", err)
	}
	must(t, db.InLooseTx(context.Background(), func(ctx context.Context, s ports.Stores) error {
		_, err := s.Outbox.Append(ctx, e)
		return err
	}))
}

func TestWarmOpensTheEnginesConnectionsAndLeavesNothing(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	db := open(t, url)
	ep := newEndpoint(t, db)
	e := newPing(t, ep)
	must(t, db.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error {
		_, err := s.Outbox.Append(ctx, e)
		return err
	}))
	for range 3 { // each gives up after some seconds
		if db.Warm(context.Background()); db.Pools()["engine"].Idle == 8 {
			break
		}
	}
	if got := db.Pools()["engine"]; got.Idle != 8 || got.InUse != 0 {
		t.Errorf("the engine has %d idle connections and %d in use, not 8 and 0", got.Idle, got.InUse)
	}
	asked(t, url, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'", 0)
	asked(t, url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", 0)
	asked(t, url, "SELECT (SELECT count(*) FROM outbox_events WHERE relayed_at IS NOT NULL) + (SELECT count(*) FROM webhook_deliveries) + (SELECT count(*) FROM delivery_leases)", 0)
}

// asked wants a number from PostgreSQL, on a connection of its own.
func asked(t *testing.T, url, query string, want int) {
	t.Helper()
	c, err := pgx.Connect(context.Background(), url)
	must(t, err)
	defer func() { _ = c.Close(context.Background()) }()
	var got int
	must(t, c.QueryRow(context.Background(), query).Scan(&got))
	if got != want {
		t.Errorf("%s: %d, not %d", query, got, want)
	}
}

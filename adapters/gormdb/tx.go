package gormdb

import (
	"context"
	"time"

	"gorm.io/gorm"

	"doorito/domain"
	"doorito/ports"
)

// retryWaits are the waits before a broken-off transaction runs again.
var retryWaits = []time.Duration{5 * time.Millisecond, 20 * time.Millisecond, 60 * time.Millisecond, 150 * time.Millisecond, 400 * time.Millisecond}

// inTx marks a context that is inside a transaction.
type inTx struct{}

// txState is what a transaction remembers until its commit.
type txState struct {
	ring     bool            // events were appended or deliveries made due
	standing *ports.Standing // asked for with the events that were claimed
}

// conn is what each repository works on.
type conn struct {
	db    *gorm.DB
	d     dialect
	clock ports.Clock
	tx    *txState // nil outside a transaction
	names *lookups // nil inside one
}

// reading returns the connection for a statement that changes nothing.
func (c conn) reading(ctx context.Context) *gorm.DB { return c.db.WithContext(ctx) }

// writing returns the transaction; Internal outside of one.
func (c conn) writing(ctx context.Context) (*gorm.DB, error) {
	if c.tx == nil {
		return nil, domain.Errorf(domain.Internal, "A write outside a transaction was refused.")
	}
	return c.db.WithContext(ctx), nil
}

// InTx implements ports.Transactor.
func (db *DB) InTx(ctx context.Context, fn func(ctx context.Context, s ports.Stores) error) error {
	return db.inTx(ctx, db.write, fn)
}

// InLooseTx implements ports.Transactor. SQLite syncs it like any other.
func (db *DB) InLooseTx(ctx context.Context, fn func(ctx context.Context, s ports.Stores) error) error {
	return db.inTx(ctx, db.loose, fn)
}

func (db *DB) inTx(ctx context.Context, pool *gorm.DB, fn func(ctx context.Context, s ports.Stores) error) error {
	if ctx.Value(inTx{}) != nil {
		return domain.Errorf(domain.Internal, "A transaction inside a transaction was refused.")
	}
	for try := 0; ; try++ {
		state := &txState{}
		err := db.once(ctx, pool, state, fn)
		if err == nil {
			if state.ring {
				db.ring(ctx)
			}
			return nil
		}
		if !isRetryable(err) || try == len(retryWaits) || !wait(ctx, retryWaits[try]) {
			return err
		}
	}
}

// once runs fn in one transaction. A panic rolls back and goes on. What fn
// returns comes back as it is.
func (db *DB) once(ctx context.Context, pool *gorm.DB, state *txState, fn func(ctx context.Context, s ports.Stores) error) error {
	var own error
	in := transaction
	if db.dialect.isPostgres() {
		in = throughPipe
	}
	err := in(ctx, pool, func(tx *gorm.DB) error {
		own = fn(context.WithValue(ctx, inTx{}, true), stores(conn{tx, db.dialect, db.clock, state, nil}))
		return own
	})
	if own != nil {
		return own
	}
	return translate(err, "record")
}

// transaction is throughPipe for SQLite.
func transaction(ctx context.Context, pool *gorm.DB, fn func(tx *gorm.DB) error) error {
	pool.ConnPool.(*prepared).prepareMissing(ctx)
	return pool.WithContext(ctx).Transaction(fn)
}

// ring tells that there is work. The commit has happened, so the caller's
// deadline does not matter any more.
func (db *DB) ring(ctx context.Context) {
	if db.bell == nil {
		return
	}
	if err := db.bell(context.WithoutCancel(ctx)); err != nil && db.log != nil {
		db.log.WarnContext(ctx, "the bell did not ring; the due-poll finds the work", "error", err)
	}
}

// wait returns false when ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// outside is for what is asked outside any transaction.
func (db *DB) outside() conn { return conn{db.read, db.dialect, db.clock, nil, &db.names} }

// Reads implements ports.Transactor.
func (db *DB) Reads() ports.Stores {
	return stores(db.outside())
}

// Stats answers the dashboard's questions, outside any transaction.
func (db *DB) Stats() ports.Stats {
	return &Stats{db.outside()}
}

// Charts answers what is drawn over time, as Stats does.
func (db *DB) Charts() ports.Charts {
	return &Stats{db.outside()}
}

// Figures fills what Stats and Charts read.
func (db *DB) Figures() ports.Figures {
	return &Figures{conn: db.outside(), write: db.write}
}

func stores(c conn) ports.Stores {
	return ports.Stores{
		Users:       &Users{c},
		WebSessions: &WebSessions{c},
		Tokens:      &Tokens{c},
		Factors:     &SecondFactors{c},
		Invitations: &Invitations{c},
		ShareLinks:  &ShareLinks{c},
		Accesses:    &ShareAccesses{c},
		Throttles:   &Throttles{c},
		Batches:     &Batches{c},
		Files:       &Files{c},
		Sessions:    &Sessions{c},
		Uploads:     &Uploads{c},
		StorageKeys: &StorageKeys{c},
		Outbox:      &Outbox{c},
		Endpoints:   &Endpoints{c},
		Deliveries:  &Deliveries{c},
		Attempts:    &Attempts{c},
		FileChecks:  &FileChecks{c},
		Replays:     &Replays{c},
		Schedules:   &Schedules{c},
		Runs:        &ScheduleRuns{c},
		Audit:       &Audit{c},
		Idempotency: &Idempotency{c},
	}
}

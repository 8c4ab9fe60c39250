package gormdb

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"doorito/ports"
)

// resultConns is how many connections of the main pool the engine writes results on.
const resultConns = 2

// warmWithin is how long a start waits for that.
const warmWithin = 5 * time.Second

// Warm opens the engine's connections, one after the other, and has PostgreSQL
// plan its statements on each. A process of PostgreSQL takes some 30 ms of a
// processor to answer them for the first time; the first burst would open all of
// them at once, and its events arrive a quarter of a second late. What cannot be
// opened now is opened when it is needed. Call it before the engine runs.
func (db *DB) Warm(ctx context.Context) {
	if !db.dialect.isPostgres() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, warmWithin)
	defer cancel()
	err := errors.Join(db.warm(ctx, db.loose, looseConns, rehearseQueue), db.warm(ctx, db.write, resultConns, rehearseResults))
	if err != nil && db.log != nil {
		db.log.WarnContext(ctx, "connections are opened when they are needed", "error", err)
	}
}

// errRehearsed rolls a rehearsal back.
var errRehearsed = errors.New("rehearsed")

// warm holds what it opens until it has so many.
func (db *DB) warm(ctx context.Context, pool *gorm.DB, conns int, rehearse func(context.Context, conn) error) error {
	all, err := pool.DB()
	if err != nil {
		return err
	}
	for range conns {
		c, err := all.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		err = onConn(ctx, pool, c, func(tx *gorm.DB) error {
			if err := rehearse(ctx, conn{tx, db.dialect, db.clock, &txState{}, nil}); err != nil {
				return err
			}
			return errRehearsed
		})
		if !errors.Is(err, errRehearsed) {
			return err
		}
	}
	return nil
}

// rehearseQueue runs what relays, claims and settlings ask, with nothing to do.
func rehearseQueue(ctx context.Context, c conn) error {
	outbox, deliveries := &Outbox{c}, &Deliveries{c}
	if _, err := outbox.ClaimUnrelayed(ctx, c.clock.Now().Add(time.Hour), 1, true); err != nil {
		return err
	}
	inserting, err := deliveries.inserting(nil)
	if err != nil {
		return err
	}
	leasing, err := deliveries.leasing(nil)
	if err != nil {
		return err
	}
	marking, err := deliveries.marking(ports.FanOut{})
	if err != nil {
		return err
	}
	if err := later(c.db, inserting, leasing, marking); err != nil {
		return err
	}
	if _, err := outbox.lockEnded(c.db, nil); err != nil {
		return err
	}
	if _, err := outbox.settleAll(c.db, nil, c.clock.Now()); err != nil {
		return err
	}
	// Last, for claims of others stand in line until the rollback.
	_, err = deliveries.Claim(ctx, ports.ClaimRequest{Limit: 1})
	return err
}

// rehearseResults runs what Finish asks, with nothing to write.
func rehearseResults(_ context.Context, c conn) error {
	deliveries := &Deliveries{c}
	attempts, err := c.d.insertingAttempts(nil)
	if err != nil {
		return err
	}
	health, err := c.d.notingHealth(nil)
	if err != nil {
		return err
	}
	if err := c.d.steer(c.db); err != nil {
		return err
	}
	if _, err := deliveries.unlease(c.db, &uuid.Nil, nil); err != nil {
		return err
	}
	if err := later(c.db, attempts, health); err != nil {
		return err
	}
	_, err = deliveries.updateResults(c.db, nil)
	return err
}

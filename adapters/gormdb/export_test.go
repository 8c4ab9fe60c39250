package gormdb

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"doorito/ports"
)

// Explain is how PostgreSQL runs the relay, a claim and a settling, on the
// connections of the engine or (steered false) on the usual ones.
func Explain(db *DB, engine bool, c ports.ClaimRequest, events []uuid.UUID) (map[string]string, error) {
	pool := db.write
	if engine {
		pool = db.loose
	}
	cn := conn{db: pool, d: db.dialect, clock: db.clock}
	picked, err := (&Deliveries{cn}).pick(c)
	if err != nil {
		return nil, err
	}
	wanted, err := db.dialect.idsRelation("r", events)
	if err != nil {
		return nil, err
	}
	now := at(c.Now)
	results, err := db.dialect.relation("r", resultColumns, [][]any{{events[0], "delivered", 1, 1, now, &now, 200, "", "", &now, now}})
	if err != nil {
		return nil, err
	}
	marks, err := (&Deliveries{cn}).marking(ports.FanOut{Relayed: events, At: c.Now})
	if err != nil {
		return nil, err
	}
	out := make(map[string]string)
	for name, query := range map[string]*gorm.DB{
		"relay":  pool.Raw("EXPLAIN "+toSend+db.dialect.liningUp()+unrelayed+db.dialect.forUpdateSkipping("t"), at(c.Now.AddDate(-1, 0, 0)), 100),
		"claim":  pool.Raw("EXPLAIN ?", picked),
		"sweep":  pool.Raw("EXPLAIN "+unsettled+db.dialect.forUpdateSkipping("t"), 10_000),
		"leases": pool.Raw("EXPLAIN "+db.dialect.deleteNamed("delivery_leases", "delivery_id"), wanted),
		"result": pool.Raw("EXPLAIN "+resultUpdate(db.dialect), results),
		"mark":   pool.Raw("EXPLAIN ?", marks),
		"ended":  pool.Raw("EXPLAIN "+settling(db.dialect), now, now, wanted),
		"settle": pool.Raw("EXPLAIN "+lockedEnded(db.dialect)+db.dialect.forNoKeyUpdate("t"), wanted),
	} {
		var lines []string
		if err := query.Scan(&lines).Error; err != nil {
			return nil, err
		}
		out[name] = strings.Join(lines, "\n")
	}
	return out, nil
}

// QuickNumber asks SQLite for a number as quickRow does, outside a transaction
// or in one.
func QuickNumber(ctx context.Context, db *DB, inside bool, query string) (n int, err error) {
	if !inside {
		return n, quickRow(db.read.WithContext(ctx), "number", query, nil, &n)
	}
	err = transaction(ctx, db.write, func(tx *gorm.DB) error { return quickRow(tx, "number", query, nil, &n) })
	return n, err
}

// Prepared are how many statements SQLite's writer and readers keep.
func Prepared(db *DB) (writer, readers int) {
	count := func(pool *gorm.DB) int {
		p := pool.ConnPool.(*prepared)
		p.mu.RLock()
		defer p.mu.RUnlock()
		return len(p.ready)
	}
	return count(db.write), count(db.read)
}

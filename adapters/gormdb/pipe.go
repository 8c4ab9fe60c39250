package gormdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
)

// pipe is a transaction on one connection to PostgreSQL. It sends statements
// whose result nobody needs together with what comes after them: BEGIN with the
// first, and the last ones with the COMMIT. Each way to PostgreSQL and back wakes
// two processes, which takes longer than most of the engine's statements do.
type pipe struct {
	*sql.Conn
	log  logger.Interface
	held []*pgx.QueuedQuery // go with the next statement, BEGIN before all
	sent bool               // some of it
}

// rollbackWithin is how long PostgreSQL may take to answer ROLLBACK; the
// connection is given up then, and it rolls back by itself.
const rollbackWithin = 5 * time.Second

// throughPipe runs fn in a transaction of a pool. A panic rolls back and goes on.
func throughPipe(ctx context.Context, pool *gorm.DB, fn func(tx *gorm.DB) error) error {
	db, err := pool.DB()
	if err != nil {
		return err
	}
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	return onConn(ctx, pool, c, fn)
}

// onConn is throughPipe on a connection that the caller has.
func onConn(ctx context.Context, pool *gorm.DB, c *sql.Conn, fn func(tx *gorm.DB) error) error {
	p := &pipe{Conn: c, log: pool.Logger, held: []*pgx.QueuedQuery{{SQL: "begin"}}}
	done := false
	defer func() {
		if !done && p.sent {
			p.rollback(ctx)
		}
	}()
	tx := pool.Session(&gorm.Session{Context: ctx, NewDB: true})
	tx.Statement.ConnPool = p
	if err := fn(tx); err != nil {
		return err
	}
	if !p.sent && len(p.held) == 1 {
		return nil // nothing was asked
	}
	err := p.commit(ctx)
	done = err == nil
	return err
}

// commit sends what is left. A statement alone is a transaction by itself.
func (p *pipe) commit(ctx context.Context) error {
	if !p.sent && len(p.held) == 2 {
		only := p.held[1]
		p.held = nil
		err := p.send(ctx, only)
		p.sent = false // there is nothing to roll back
		return err
	}
	end := &pgx.QueuedQuery{SQL: "commit"}
	end.Exec(func(tag pgconn.CommandTag) error {
		if tag.String() != "COMMIT" {
			return pgx.ErrTxCommitRollback
		}
		return nil
	})
	return p.send(ctx, end)
}

func (p *pipe) rollback(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackWithin)
	defer cancel()
	if _, err := p.Conn.ExecContext(ctx, "rollback"); err != nil {
		_ = p.Raw(func(any) error { return driver.ErrBadConn }) // the pool forgets it
	}
}

// later runs statements whose result nobody needs. In a pipe they go with what
// comes next, whose error then tells of them.
func later(tx *gorm.DB, statements ...clause.Expr) error {
	p, ok := tx.Statement.ConnPool.(*pipe)
	for _, s := range statements {
		if !ok {
			if err := tx.Exec("?", s).Error; err != nil {
				return err
			}
			continue
		}
		p.hold(statementOf(tx.Raw("?", s)))
	}
	return nil
}

// hold keeps a statement for what is sent next.
func (p *pipe) hold(q *pgx.QueuedQuery) { p.held = append(p.held, q) }

// statementOf is what Raw has written.
func statementOf(raw *gorm.DB) *pgx.QueuedQuery {
	return &pgx.QueuedQuery{SQL: raw.Statement.SQL.String(), Arguments: raw.Statement.Vars}
}

// queued is a statement of Raw that puts its rows where into says.
func queued[R any](raw *gorm.DB, to pgx.RowToFunc[R], into *[]R) *pgx.QueuedQuery {
	q := statementOf(raw)
	q.Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, to)
		return err
	})
	return q
}

// rowsOf are what a statement of Raw returns.
func rowsOf[R any](raw *gorm.DB, to pgx.RowToFunc[R]) (rows []R, err error) {
	p, ok := raw.Statement.ConnPool.(*pipe)
	if !ok {
		err = raw.Scan(&rows).Error
		return rows, err
	}
	err = p.send(raw.Statement.Context, queued(raw, to, &rows))
	return rows, err
}

// idsOf are the ids that a statement of Raw returns.
func idsOf(raw *gorm.DB) ([]uuid.UUID, error) { return rowsOf(raw, pgx.RowTo[uuid.UUID]) }

// row reads the one row of a statement.
func (p *pipe) row(ctx context.Context, query string, args []any, into ...any) error {
	q := &pgx.QueuedQuery{SQL: query, Arguments: args}
	q.QueryRow(func(r pgx.Row) error { return r.Scan(into...) })
	return p.send(ctx, q)
}

// send sends these after what is held, all at once.
func (p *pipe) send(ctx context.Context, last ...*pgx.QueuedQuery) error {
	b := &pgx.Batch{QueuedQueries: append(p.held, last...)}
	p.held, p.sent = nil, true
	began := time.Now()
	err := p.Raw(func(c any) error {
		return c.(*stdlib.Conn).Conn().SendBatch(ctx, b).Close()
	})
	p.log.Trace(ctx, began, func() (string, int64) { return longest(b.QueuedQueries), -1 }, err)
	return err
}

// longest stands for several statements in the log of slow ones.
func longest(all []*pgx.QueuedQuery) (sql string) {
	for _, q := range all {
		if len(q.SQL) > len(sql) {
			sql = q.SQL
		}
	}
	return sql
}

// ready sends what has to be sent before a statement of database/sql.
func (p *pipe) ready(ctx context.Context) error {
	if len(p.held) == 0 {
		return nil
	}
	return p.send(ctx)
}

// ExecContext implements gorm.ConnPool.
func (p *pipe) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	var n int64
	q := &pgx.QueuedQuery{SQL: query, Arguments: args}
	q.Exec(func(tag pgconn.CommandTag) error {
		n = tag.RowsAffected()
		return nil
	})
	err := p.send(ctx, q)
	return driver.RowsAffected(n), err
}

// QueryContext implements gorm.ConnPool.
func (p *pipe) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := p.ready(ctx); err != nil {
		return nil, err
	}
	return p.Conn.QueryContext(ctx, query, args...)
}

// QueryRowContext implements gorm.ConnPool. A row tells of an error only when it
// is read: one of what was held comes as that of a context that ended. Ask row.
func (p *pipe) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := p.ready(ctx); err != nil {
		ended, cancel := context.WithCancelCause(ctx)
		cancel(err)
		ctx = ended
	}
	return p.Conn.QueryRowContext(ctx, query, args...)
}

var _ gorm.ConnPool = (*pipe)(nil)

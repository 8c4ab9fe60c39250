package gormdb

import (
	"context"
	"database/sql"
	"sync"

	"gorm.io/gorm"
)

// prepared is a pool of connections to SQLite that keeps what quickRow and
// quickExec ask prepared: SQLite takes longer to read such a statement than to
// run it. pgx does the same for PostgreSQL.
type prepared struct {
	*sql.DB
	mu    sync.RWMutex
	ready map[string]*sql.Stmt
	// missing were asked inside a transaction, which has the only connection
	// that writes.
	missing map[string]bool
}

func newPrepared(pool *sql.DB) *prepared {
	return &prepared{DB: pool, ready: map[string]*sql.Stmt{}}
}

// statement is a query as the pool of tx has it prepared; nil where it has not.
func statement(tx *gorm.DB, query string) *sql.Stmt {
	p, ok := tx.ConnPool.(*prepared)
	if !ok {
		return nil
	}
	s := p.find(query)
	within, inside := tx.Statement.ConnPool.(*sql.Tx)
	switch {
	case s != nil && inside:
		return within.StmtContext(tx.Statement.Context, s)
	case s != nil:
		return s
	case inside:
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.missing == nil {
			p.missing = map[string]bool{}
		}
		p.missing[query] = true
		return nil
	}
	return p.prepare(tx.Statement.Context, query)
}

func (p *prepared) find(query string) *sql.Stmt {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.ready[query]
}

// prepareMissing prepares what was asked in transactions before this one.
func (p *prepared) prepareMissing(ctx context.Context) {
	p.mu.Lock()
	missing := p.missing
	p.missing = nil
	p.mu.Unlock()
	for query := range missing {
		p.prepare(ctx, query)
	}
}

// prepare keeps a statement; nil for one that cannot be prepared. Whoever runs
// that as it is written learns why.
func (p *prepared) prepare(ctx context.Context, query string) *sql.Stmt {
	if s := p.find(query); s != nil {
		return s
	}
	s, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.ready[query]; first != nil {
		_ = s.Close()
		return first
	}
	p.ready[query] = s
	return s
}

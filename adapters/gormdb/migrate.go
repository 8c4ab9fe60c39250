package gormdb

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"doorito/domain"
)

// Migration is one numbered step of the schema.
type Migration struct {
	Version   int64
	Name      string
	AppliedAt time.Time // zero when it is still to come
}

// Migrate brings the schema up to date. fsys holds migrations/postgres and
// migrations/sqlite. Any number of processes may call it at once: one works,
// the others wait. An error leaves the failed step undone.
func (db *DB) Migrate(ctx context.Context, fsys fs.FS) error {
	return db.withProvider(ctx, fsys, func(p *goose.Provider) error {
		done, err := p.Up(ctx)
		if err != nil {
			return fmt.Errorf("migrating the database: %w", err)
		}
		for _, r := range done {
			db.log.InfoContext(ctx, "migrated", "step", r.Source.Path, "took_ms", r.Duration.Milliseconds())
		}
		return nil
	})
}

// MigrationStatus lists all steps in order.
func (db *DB) MigrationStatus(ctx context.Context, fsys fs.FS) ([]Migration, error) {
	var out []Migration
	err := db.withProvider(ctx, fsys, func(p *goose.Provider) error {
		all, err := p.Status(ctx)
		if err != nil {
			return fmt.Errorf("reading the migrations' state: %w", err)
		}
		for _, s := range all {
			m := Migration{Version: s.Source.Version, Name: s.Source.Path}
			if s.State == goose.StateApplied {
				m.AppliedAt = s.AppliedAt.UTC()
			}
			out = append(out, m)
		}
		return nil
	})
	return out, err
}

func (db *DB) withProvider(ctx context.Context, fsys fs.FS, fn func(*goose.Provider) error) error {
	sub, err := fs.Sub(fsys, "migrations/"+string(db.dialect))
	if err != nil {
		return fmt.Errorf("the migrations are missing: %w", err)
	}
	if db.dialect.isPostgres() {
		return db.withPostgresProvider(sub, fn)
	}
	return db.withSQLiteProvider(ctx, sub, fn)
}

func (db *DB) withPostgresProvider(sub fs.FS, fn func(*goose.Provider) error) error {
	// A try each second: whoever waits is a process that starts.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return fmt.Errorf("the migrations' lock: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db.pools[0], sub, goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	return fn(p)
}

// withSQLiteProvider works on connections of its own: goose wants more than
// the one that the writer has.
func (db *DB) withSQLiteProvider(ctx context.Context, sub fs.FS, fn func(*goose.Provider) error) error {
	unlock, err := lockFile(ctx, db.path+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	pool, err := sql.Open(sqlite.DriverName, db.dsn)
	if err != nil {
		return translate(err, "database")
	}
	defer func() { _ = pool.Close() }()
	p, err := goose.NewProvider(goose.DialectSQLite3, pool, sub, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	return fn(p)
}

// lockFile waits for an exclusive lock, which the kernel drops when the
// process dies.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, domain.WrapError(domain.Unavailable, err, "The lock file %s cannot be made.", path)
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR || !wait(ctx, 20*time.Millisecond) {
			_ = f.Close()
			return nil, domain.WrapError(domain.Unavailable, err, "The database is being migrated by another process. Try again when that is done.")
		}
	}
}

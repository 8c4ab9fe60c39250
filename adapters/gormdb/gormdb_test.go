package gormdb_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"doorito/adapters/gormdb"
	"doorito/e2e/services"
	"doorito/ports"
	"doorito/ports/portstest"
)

// root is the folder that holds migrations.
var root = os.DirFS("../..")

// stopped is a clock that stands at the time the suites begin.
type stopped struct{}

func (stopped) Now() time.Time { return time.Date(2026, 1, 15, 12, 0, 0, 123456000, time.UTC) }

func open(tb testing.TB, url string) *gormdb.DB {
	tb.Helper()
	return openWith(tb, gormdb.Config{URL: url, MaxConns: 8})
}

func openWith(tb testing.TB, c gormdb.Config) *gormdb.DB {
	tb.Helper()
	c.Logger, c.Clock = slog.New(slog.NewTextHandler(io.Discard, nil)), stopped{}
	db, err := gormdb.Open(context.Background(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// migrate brings a database up to date and closes it.
func migrate(url string) error {
	db, err := gormdb.Open(context.Background(), gormdb.Config{URL: url, Clock: stopped{}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return err
	}
	if err := db.Migrate(context.Background(), root); err != nil {
		_ = db.Close()
		return err
	}
	return db.Close()
}

// postgresURL is a fresh migrated database.
func postgresURL(tb testing.TB) string {
	tb.Helper()
	return services.PostgresFrom(tb, "gormdb", migrate)
}

// sqlitePath is a fresh migrated file.
func sqlitePath(tb testing.TB) string {
	tb.Helper()
	return services.SQLiteFrom(tb, "gormdb", migrate)
}

func TestStoresOnSQLite(t *testing.T) {
	t.Parallel()
	portstest.Stores(t, func(t *testing.T) ports.Transactor { return open(t, sqlitePath(t)) })
}

func TestStoresOnPostgres(t *testing.T) {
	t.Parallel()
	portstest.Stores(t, func(t *testing.T) ports.Transactor { return open(t, postgresURL(t)) })
}

func TestStatsOnSQLite(t *testing.T) {
	t.Parallel()
	portstest.Stats(t, func(t *testing.T) (ports.Transactor, ports.Stats) {
		db := open(t, sqlitePath(t))
		return db, db.Stats()
	})
}

func counted(db *gormdb.DB) portstest.Counted {
	return portstest.Counted{DB: db, Stats: db.Stats(), Charts: db.Charts(), Figures: db.Figures()}
}

func TestFiguresOnSQLite(t *testing.T) {
	t.Parallel()
	portstest.Figures(t, func(t *testing.T) portstest.Counted { return counted(open(t, sqlitePath(t))) })
}

func TestFiguresOnPostgres(t *testing.T) {
	t.Parallel()
	portstest.Figures(t, func(t *testing.T) portstest.Counted { return counted(open(t, postgresURL(t))) })
}

func TestStatsOnPostgres(t *testing.T) {
	t.Parallel()
	portstest.Stats(t, func(t *testing.T) (ports.Transactor, ports.Stats) {
		db := open(t, postgresURL(t))
		return db, db.Stats()
	})
}

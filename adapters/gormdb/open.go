package gormdb

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/libtnb/sqlite"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"doorito/domain"
	"doorito/ports"
)

// Config says which database and what to do after a commit.
type Config struct {
	// URL is postgres://…, or sqlite://PATH, or the path of a SQLite file,
	// which is made with its folder when it is missing.
	URL    string
	Logger *slog.Logger
	// Bell is rung after a commit that appended events or made deliveries due;
	// nil for none. Its error is logged.
	Bell  func(ctx context.Context) error
	Clock ports.Clock
	// MaxConns bounds the connections; 0 means DefaultMaxConns.
	MaxConns int
}

// DefaultMaxConns to PostgreSQL from one process.
const DefaultMaxConns = 20

// DB is an open database.
type DB struct {
	dialect dialect
	write   *gorm.DB
	read    *gorm.DB // the same as write on PostgreSQL
	loose   *gorm.DB // for InLooseTx; the same as write on SQLite
	pools   []*sql.DB
	path    string // of the SQLite file
	dsn     string // of the SQLite writer
	log     *slog.Logger
	bell    func(ctx context.Context) error
	clock   ports.Clock
	names   lookups
}

var _ ports.Transactor = (*DB)(nil)

// Open opens the database and asks it for an answer. It migrates nothing. A
// URL that is none is Invalid on field url; a database that does not answer is
// Unavailable.
func Open(ctx context.Context, c Config) (*DB, error) {
	for try := 0; ; try++ {
		db, err := openOnce(ctx, c)
		// SQLite has nobody wait for another process that switches a new file to WAL.
		if err == nil || !isRetryable(err) || try == len(retryWaits) || !wait(ctx, retryWaits[try]) {
			return db, err
		}
	}
}

func openOnce(ctx context.Context, c Config) (*DB, error) {
	db := &DB{log: c.Logger, bell: c.Bell, clock: c.Clock}
	if c.MaxConns <= 0 {
		c.MaxConns = DefaultMaxConns
	}
	var err error
	if strings.HasPrefix(c.URL, "postgres://") || strings.HasPrefix(c.URL, "postgresql://") {
		err = db.openPostgres(c)
	} else {
		err = db.openSQLite(c)
	}
	if err == nil {
		err = db.Ping(ctx)
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

func (db *DB) openPostgres(c Config) error {
	pc, err := pgx.ParseConfig(c.URL)
	if err != nil {
		// The cause may quote the URL, and with it the password.
		return domain.FieldErrorf("url", "The database URL cannot be read. It looks like postgres://user:password@host:5432/name.")
	}
	pc.RuntimeParams["timezone"] = "UTC"
	if pc.RuntimeParams["application_name"] == "" {
		pc.RuntimeParams["application_name"] = "doorito"
	}
	for name, value := range prompt {
		pc.RuntimeParams[name] = value
	}
	db.dialect = postgresDialect
	if db.write, err = db.postgresPool(pc, c.MaxConns, idleFor); err != nil {
		return err
	}
	db.read = db.write
	for _, name := range steered {
		pc.RuntimeParams[name] = "off"
	}
	pc.RuntimeParams["synchronous_commit"] = "off"
	pc.RuntimeParams["plan_cache_mode"] = plannedOnce
	db.loose, err = db.postgresPool(pc, looseConns, 0) // see Warm
	return err
}

// prompt keeps PostgreSQL from preparing for long work: compiling a statement, or
// starting processes for it, takes longer than a page may.
var prompt = map[string]string{"jit": "off", "max_parallel_workers_per_gather": "0"}

// looseConns is how many connections the engine's own work needs: a relay, a
// claim, a settling, a renewal, and passes of tasks beside them.
const looseConns = 8

// plannedOnce has a statement planned once, not each time: with steering all plans are alike.
const plannedOnce = "force_generic_plan"

// steered are switched off to keep the engine's statements on their indexes, whatever the planner
// believes: on tables that grew from nothing within seconds it knows no better
// than to read whole partial indexes into bitmaps and hashes. These statements
// all look up a few rows. Compiling (jit) would follow from the prices that such
// plans get where a table has no index.
var steered = []string{"enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "jit"}

func (db *DB) postgresPool(pc *pgx.ConnConfig, conns int, idle time.Duration) (*gorm.DB, error) {
	// pgx prepares each statement once for each connection, and keeps it.
	pool := stdlib.OpenDB(*pc.Copy())
	limit(pool, conns, idle)
	db.pools = append(db.pools, pool)
	return db.gorm(postgres.New(postgres.Config{Conn: pool}))
}

func (db *DB) openSQLite(c Config) error {
	path := strings.TrimPrefix(c.URL, "sqlite://")
	if path == "" || strings.Contains(path, "://") {
		return domain.FieldErrorf("url", "%q is no database. Give postgres://user:password@host/name or the path of a SQLite file.", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return domain.WrapError(domain.Unavailable, err, "The folder of the database %s cannot be made.", path)
	}
	db.dialect, db.path, db.dsn = sqliteDialect, path, sqliteDSN(path, false)
	writer, err := sql.Open(sqlite.DriverName, db.dsn)
	if err != nil {
		return translate(err, "database")
	}
	limit(writer, 1, idleFor)
	db.pools = append(db.pools, writer)
	if db.write, err = db.gorm(&sqlite.Dialector{Conn: newPrepared(writer)}); err != nil {
		return err
	}
	db.loose = db.write
	reader, err := sql.Open(sqlite.DriverName, sqliteDSN(path, true))
	if err != nil {
		return translate(err, "database")
	}
	limit(reader, min(c.MaxConns, 2+2*runtime.NumCPU()), idleFor)
	db.pools = append(db.pools, reader)
	db.read, err = db.gorm(&sqlite.Dialector{Conn: newPrepared(reader)})
	return err
}

// sqliteDSN: a writer takes the lock when it begins, so that it never has to
// give up half-way; a reader cannot write. Each of the readers has a small cache
// of its own, since there are many and the kernel keeps the file's pages anyway:
// one that has walked through a big batch holds on to what it read.
func sqliteDSN(path string, reader bool) string {
	v := url.Values{"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(FULL)", "temp_store(MEMORY)"}}
	if reader {
		v["_pragma"] = append(v["_pragma"], "query_only(1)", "cache_size(-2000)")
	} else {
		v.Add("_pragma", "cache_size(-16000)")
		v.Set("_txlock", "immediate")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

// idleFor is how long a connection is kept that nobody uses.
const idleFor = 10 * time.Minute

// limit bounds a pool; with an idle time of 0 its connections are kept.
func limit(pool *sql.DB, n int, idle time.Duration) {
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	pool.SetConnMaxIdleTime(idle)
}

func (db *DB) gorm(d gorm.Dialector) (*gorm.DB, error) {
	g, err := gorm.Open(d, &gorm.Config{
		SkipDefaultTransaction:                   true,
		DisableAutomaticPing:                     true,
		DisableForeignKeyConstraintWhenMigrating: true,
		NowFunc:                                  db.clock.Now,
		Logger:                                   slowLog{db.log},
	})
	return g, translate(err, "database")
}

// Ping tells whether the database answers; Unavailable when it does not.
func (db *DB) Ping(ctx context.Context) error {
	for _, p := range db.pools {
		if err := p.PingContext(ctx); err != nil {
			return domain.WrapError(domain.Unavailable, err, "The database cannot be reached right now. Check DATABASE_URL and whether it runs.")
		}
	}
	return nil
}

// Now is what the database's machine has for the time; SQLite runs on this one.
func (db *DB) Now(ctx context.Context) (now time.Time, err error) {
	if !db.dialect.isPostgres() {
		return db.clock.Now(), nil
	}
	err = db.read.WithContext(ctx).Raw("SELECT clock_timestamp()").Row().Scan(&now)
	return now, translate(err, "database")
}

// Close closes all connections; transactions in flight break off.
func (db *DB) Close() error {
	var first error
	for _, p := range db.pools {
		if err := p.Close(); err != nil && first == nil {
			first = fmt.Errorf("closing the database: %w", err)
		}
	}
	return first
}

// Pools are the numbers of its connections: one pool for all and one for the
// engine on PostgreSQL, a writer and readers on SQLite.
func (db *DB) Pools() map[string]sql.DBStats {
	names := []string{"main", "engine"}
	if !db.dialect.isPostgres() {
		names = []string{"writer", "readers"}
	}
	out := map[string]sql.DBStats{}
	for i, p := range db.pools {
		out[names[i]] = p.Stats()
	}
	return out
}

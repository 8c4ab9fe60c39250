package services

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const adminWithin = 30 * time.Second

// Postgres returns the URL of a fresh, empty database on the shared server. It
// is dropped at the test's cleanup, whoever may still be connected.
func Postgres(tb testing.TB) string {
	tb.Helper()
	return freshDatabase(tb, "template0")
}

// PostgresFrom returns the URL of a fresh database that is a copy of the
// template called name. The first call in this process makes the template by
// running migrate on an empty database; migrate must close its connections.
// Copying takes some 20 ms, however long the migrations are.
func PostgresFrom(tb testing.TB, name string, migrate func(url string) error) string {
	tb.Helper()
	made, _ := templates.LoadOrStore(name, &template{})
	tpl := made.(*template)
	tpl.once.Do(func() { tpl.database, tpl.err = makeTemplate(name, migrate) })
	if tpl.err != nil {
		tb.Fatalf("make the template database %s: %v", name, tpl.err)
	}
	return freshDatabase(tb, tpl.database)
}

var templates sync.Map // name -> *template

type template struct {
	once     sync.Once
	database string
	err      error
}

// SQLiteFrom returns the path of a fresh SQLite file that is a copy of the
// template called name, made like PostgresFrom's.
func SQLiteFrom(tb testing.TB, name string, migrate func(path string) error) string {
	tb.Helper()
	made, _ := sqliteTemplates.LoadOrStore(name, &sqliteTemplate{})
	tpl := made.(*sqliteTemplate)
	tpl.once.Do(func() { tpl.content, tpl.err = sqliteContent(migrate) })
	if tpl.err != nil {
		tb.Fatalf("make the template file %s: %v", name, tpl.err)
	}
	path := filepath.Join(tb.TempDir(), name+".db")
	if err := os.WriteFile(path, tpl.content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

var sqliteTemplates sync.Map // name -> *sqliteTemplate

type sqliteTemplate struct {
	once    sync.Once
	content []byte
	err     error
}

func sqliteContent(migrate func(path string) error) ([]byte, error) {
	dir, err := os.MkdirTemp("", "template")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "template.db")
	if err := migrate(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func makeTemplate(name string, migrate func(url string) error) (string, error) {
	server, err := sharedPostgres()
	if err != nil {
		return "", err
	}
	database := databaseName(fmt.Sprintf("template_%s_%d", name, os.Getpid()))
	if err := adminExec(server, "CREATE DATABASE "+quote(database)+" TEMPLATE template0"); err != nil {
		return "", err
	}
	if err := migrate(inDatabase(server, database)); err != nil {
		return "", fmt.Errorf("migrate: %w", err)
	}
	// A database that someone is connected to cannot be copied.
	return database, adminExec(server, "ALTER DATABASE "+quote(database)+" ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+database+"'")
}

func freshDatabase(tb testing.TB, from string) string {
	tb.Helper()
	server, err := sharedPostgres()
	if err != nil {
		tb.Fatal(err)
	}
	database := databaseName("test")
	if err := adminExec(server, "CREATE DATABASE "+quote(database)+" TEMPLATE "+quote(from)); err != nil {
		tb.Fatalf("create a database for this test: %v", err)
	}
	tb.Cleanup(func() {
		if err := adminExec(server, "DROP DATABASE IF EXISTS "+quote(database)+" WITH (FORCE)"); err != nil {
			tb.Errorf("drop the database of this test: %v", err)
		}
	})
	return inDatabase(server, database)
}

// adminExec runs statements, each in a transaction of its own, on a short connection.
func adminExec(server string, statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), adminWithin)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("no PostgreSQL at %s (unset %s if it was left over): %w", server, EnvPostgresURL, err)
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// databaseName is unique and within PostgreSQL's 63 bytes.
func databaseName(stem string) string {
	keep := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}
	stem = strings.Map(keep, strings.ToLower(stem))
	return stem[:min(len(stem), 40)] + "_" + strings.ToLower(rand.Text()[:16])
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

func inDatabase(server, database string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + database
	return u.String()
}

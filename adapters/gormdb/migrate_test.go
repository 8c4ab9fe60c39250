package gormdb_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	"github.com/libtnb/sqlite"

	"doorito/e2e/services"
)

// Six processes that start at once all find the schema in place.
func TestSixMigratorsAtOnce(t *testing.T) {
	t.Parallel()
	for name, fresh := range map[string]func(t *testing.T) string{
		"SQLite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "new", "doorito.db") },
		"Postgres": func(t *testing.T) string { return services.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := fresh(t)
			var wg sync.WaitGroup
			for range 6 {
				wg.Go(func() {
					if err := migrate(url); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			all, err := open(t, url).MigrationStatus(context.Background(), root)
			must(t, err)
			for _, m := range all {
				if m.AppliedAt.IsZero() {
					t.Errorf("%s is not applied", m.Name)
				}
			}
			if len(all) < 4 {
				t.Errorf("%d migrations, want at least 4", len(all))
			}
		})
	}
}

func TestMigrationStatusOfAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	all, err := open(t, filepath.Join(t.TempDir(), "doorito.db")).MigrationStatus(context.Background(), root)
	must(t, err)
	for _, m := range all {
		if !m.AppliedAt.IsZero() {
			t.Errorf("%s is applied", m.Name)
		}
	}
}

// Deleting a user keeps batches, files and endpoints; sessions and tokens go.
func TestDeletedUserLeavesFiles(t *testing.T) {
	t.Parallel()
	const at = "'2026-01-15T12:00:00.000000Z'"
	id := func(n string) string { return "'0190c000-0000-7000-8000-00000000000" + n + "'" }
	statements := []string{
		"INSERT INTO users (id, email, name, password_hash, role, active, last_login_at, created_at, updated_at) VALUES (" + id("1") + ", 'a@example.com', 'Ada', 'h', 'staff', TRUE, NULL, " + at + ", " + at + ")",
		"INSERT INTO upload_batches VALUES (" + id("2") + ", " + id("1") + ", 'L', 'init', NULL, 'k', 0, 0, 0, 0, 0, " + at + ", " + at + ")",
		"INSERT INTO upload_files VALUES (" + id("3") + ", " + id("2") + ", " + id("1") + ", 'f', 't', 1, '', 'k', 0, '{}', 'stored', '', FALSE, NULL, NULL, NULL, NULL, NULL, NULL, " + at + ", " + at + ")",
		"INSERT INTO api_tokens VALUES (" + id("4") + ", " + id("1") + ", 'n', 'p', 'h', '[]', NULL, NULL, NULL, " + at + ", " + at + ")",
		"DELETE FROM users",
	}
	for driver, url := range map[string]string{sqlite.DriverName: sqlitePath(t) + "?_pragma=foreign_keys(1)", "pgx": postgresURL(t)} {
		pool, err := sql.Open(driver, url)
		must(t, err)
		for _, s := range statements {
			if _, err := pool.Exec(s); err != nil {
				t.Fatalf("%s: %s: %v", driver, s, err)
			}
		}
		var files, tokens int
		must(t, pool.QueryRow("SELECT count(*) FROM upload_files f JOIN upload_batches b ON b.id = f.batch_id WHERE f.uploaded_by IS NULL AND b.created_by IS NULL").Scan(&files))
		must(t, pool.QueryRow("SELECT count(*) FROM api_tokens").Scan(&tokens))
		if files != 1 || tokens != 0 {
			t.Errorf("%s: %d files and %d tokens are left, want 1 and 0", driver, files, tokens)
		}
		must(t, pool.Close())
	}
}

package gormdb_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/libtnb/sqlite"

	"doorito/e2e/services"
	"doorito/ports"
)

// A backlog: 100,000 due deliveries (20,000 on SQLite) of one endpoint that
// hangs, and 999 others, each with one. All were leased by a worker that died.
const (
	fillEndpoints = `INSERT INTO webhook_endpoints (id, name, url, event_types, active, disabled_reason, headers, timeout_us, max_in_flight, rate_limit, created_at, updated_at)
		SELECT id, 'E', 'https://example.com', '[]', TRUE, '', '{}', 0, 0, 0, day, day FROM ids WHERE n <= 1000`
	fillEvents = `INSERT INTO outbox_events (id, aggregate_type, aggregate_id, event_type, payload, subject, status, idempotency_key, attempts, max_attempts, relayed_at, error_message, created_at, updated_at)
		SELECT id, 'file', id, 'file.stored', '{}', 'f', 'pending', id, 0, 0, day, '', day, day FROM ids`
	fillDeliveries = `INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, subject, status, attempts, attempts_made, next_attempt_at, last_status_code, last_error_class, last_error, created_at, updated_at)
		SELECT id, id, (SELECT id FROM ids WHERE n = CASE WHEN i.n <= m THEN 1 ELSE i.n - m + 1 END), 'file.stored', 'f', 'pending', 0, 0, day, 0, '', '', day, day FROM ids i, (SELECT max(n) - 999 AS m FROM ids) AS x`
	fillLeases  = `INSERT INTO delivery_leases (delivery_id, endpoint_id, token, until) SELECT id, endpoint_id, id, created_at FROM webhook_deliveries`
	postgresIDs = `CREATE TEMP TABLE ids AS SELECT n, gen_random_uuid() AS id, timestamptz '2026-01-15 11:00:00Z' + n * interval '1 ms' AS day FROM generate_series(1, 100999) n; CREATE INDEX ON ids (n); ANALYZE ids`
	sqliteIDs   = `CREATE TEMP TABLE ids AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20999)
		SELECT n, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(6))) AS id, '2026-01-15T11:00:00.000000Z' AS day FROM c;
		CREATE INDEX temp.ids_n ON ids (n)`
)

// fill makes the backlog.
func fill(driver, url, ids string, after ...string) error {
	return statements(driver, url, append([]string{ids, fillEndpoints, fillEvents, fillDeliveries, fillLeases}, after...)...)
}

// statements run over one connection, since the table ids is its own.
func statements(driver, url string, all ...string) error {
	pool, err := sql.Open(driver, url)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	pool.SetMaxOpenConns(1)
	for _, s := range all {
		if _, err := pool.Exec(s); err != nil {
			return fmt.Errorf("%s: %w", s[:30], err)
		}
	}
	return nil
}

// backlogURL is a fresh PostgreSQL database with the backlog, and as many
// files and attempts.
func backlogURL(t *testing.T) string {
	t.Helper()
	return services.PostgresFrom(t, "gormdb_backlog", func(url string) error {
		if err := migrate(url); err != nil {
			return err
		}
		return fill("pgx", url, postgresIDs, fillFiles, fillAttempts, "ANALYZE")
	})
}

func TestBacklogDoesNotHideOthersOnSQLite(t *testing.T) {
	t.Parallel()
	path := sqlitePath(t)
	must(t, fill(sqlite.DriverName, path, sqliteIDs))
	claimBacklog(t, path)
}

func TestBacklogDoesNotHideOthersOnPostgres(t *testing.T) {
	t.Parallel()
	claimBacklog(t, backlogURL(t))
}

// claimBacklog: a few claims reach every endpoint, and the one with the
// backlog gets no more than it has room for.
func claimBacklog(t *testing.T, url string) {
	t.Helper()
	db := open(t, url)
	now := stopped{}.Now()
	by := make(map[uuid.UUID]int)
	for range 11 {
		err := db.InTx(context.Background(), func(ctx context.Context, st ports.Stores) error {
			got, err := st.Deliveries.Claim(ctx, ports.ClaimRequest{Token: uuid.New(), Now: now, Until: now.Add(time.Minute), Limit: 100})
			for _, d := range got {
				by[d.EndpointID]++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(by) != 1000 {
		t.Errorf("deliveries of %d endpoints were claimed, want 1000", len(by))
	}
	for id, n := range by {
		if n > 16 {
			t.Errorf("%s has %d leases", id, n)
		}
	}
}

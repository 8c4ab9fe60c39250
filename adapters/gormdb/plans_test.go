package gormdb_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

const (
	fillFiles = `INSERT INTO upload_files (id, original_filename, content_type, size_bytes, sha256, storage_key, link_serial, metadata, status, error_message, stored_at, expires_at, created_at, updated_at)
		SELECT id, 'f', 'text/plain', 1, id, id, 0, '{}', 'stored', '', day, day + interval '30 days', day, day FROM ids`
	fillAttempts = `INSERT INTO delivery_attempts (id, delivery_id, endpoint_id, number, started_at, dns_us, connect_us, tls_us, first_byte_us, total_us, url, status_code, request_headers, response_headers, response_body, truncated, error_class, error_text)
		SELECT id, id, d.endpoint_id, 1, d.created_at, 0, 0, 0, 0, n, '', 200, '{}', '{}', '', FALSE, '', '' FROM ids JOIN webhook_deliveries d USING (id)`
)

// On big tables nothing that runs often may read a whole table. PostgreSQL
// counts the rows that sequential scans read, so the proof needs no plans.
// Counting a list without conditions may read the table up to its cap, and on a
// machine that is late as many of the newest rows again.
func TestNoSequentialScansOnPostgres(t *testing.T) {
	t.Parallel()
	url := backlogURL(t)
	const rounds = 7
	before := tableReads(t, url, "seq_tup_read")
	func() {
		db := open(t, url)
		for range rounds { // from the sixth time on PostgreSQL may use one plan for all values
			everyday(t, db)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	for table, n := range tableReads(t, url, "seq_tup_read") {
		if read := n - before[table]; read > 2*rounds*(ports.CountCap+1) {
			t.Errorf("sequential scans read %d rows of %s", read, table)
		}
	}
}

// everyday does what the portal does all the time.
func everyday(t *testing.T, db ports.Transactor) {
	t.Helper()
	now := stopped{}.Now()
	err := db.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error {
		token := uuid.New()
		got, err := s.Deliveries.Claim(ctx, ports.ClaimRequest{Token: token, Now: now, Until: now.Add(time.Minute), Limit: 20})
		must(t, err)
		var ids, events []uuid.UUID
		var rs []ports.DeliveryResult
		for _, d := range got {
			ids, events = append(ids, d.ID), append(events, d.EventID)
			a := &domain.Attempt{ID: uuid.Must(uuid.NewV7()), DeliveryID: d.ID, EndpointID: d.EndpointID, Number: 1, StartedAt: now, StatusCode: 200}
			d.Record(a, domain.DefaultRetrySchedule, 0, 0, now)
			rs = append(rs, ports.DeliveryResult{Delivery: d, Attempt: a})
		}
		_, err = s.Deliveries.Standing(ctx, now)
		must(t, err)
		_, err = s.Deliveries.Renew(ctx, token, ids, now.Add(time.Hour))
		must(t, err)
		_, err = s.Deliveries.Finish(ctx, token, rs)
		must(t, err)
		_, err = s.Outbox.Settle(ctx, events, 100, now)
		must(t, err)
		_, err = s.Outbox.ClaimUnrelayed(ctx, time.Time{}, 100, true)
		must(t, err)
		must(t, s.Deliveries.FanOut(ctx, ports.FanOut{Relayed: events, At: now}))
		_, err = s.Outbox.Reopen(ctx, events[:1], now)
		must(t, err)
		_, err = s.Deliveries.ReopenFailed(ctx, events, nil, now)
		must(t, err)
		_, err = s.Outbox.DeleteSettled(ctx, now.AddDate(0, 0, -7), 100)
		must(t, err)
		_, err = s.Attempts.DeleteBefore(ctx, now.AddDate(0, 0, -30), 100)
		must(t, err)
		return nil
	})
	must(t, err)
	everydayReads(t, db.Reads(), now)
}

func everydayReads(t *testing.T, r ports.Stores, now time.Time) {
	t.Helper()
	ctx, id := context.Background(), uuid.New()
	_, err := r.Deliveries.OldestDue(ctx, now)
	must(t, err)
	_, err = r.Files.ListStale(ctx, now, 100)
	must(t, err)
	_, err = r.Files.ListExpired(ctx, now, time.Hour, 100)
	must(t, err)
	_, err = r.Files.ListExpiring(ctx, now, now.Add(2*time.Hour), 100)
	must(t, err)
	_, err = r.Files.ListUnpurged(ctx, 100)
	must(t, err)
	_, err = r.Files.Contents(ctx, id, &id, &ports.Cursor{At: now, ID: id}, 500)
	must(t, err)
	_, err = r.Files.Held(ctx, id)
	must(t, err)
	_, err = r.Attempts.ListOf(ctx, id, 10)
	must(t, err)
	_, err = r.Files.Peek(ctx, ports.ListQuery{Search: "zzz", Limit: 5}, 1000)
	must(t, err)
	for _, filters := range []map[string][]string{nil, {"class": {"timeout"}}, {"endpoint": {id.String()}}, {"delivery": {id.String()}}} {
		_, err = r.Attempts.List(ctx, ports.ListQuery{Filters: filters})
		must(t, err)
	}
	_, err = r.Outbox.FindAll(ctx, []uuid.UUID{id, uuid.New()})
	must(t, err)
	for _, filters := range []map[string][]string{nil, {"status": {"failed"}}, {"batch": {id.String()}}, {"owner": {id.String()}}} {
		_, err = r.Files.List(ctx, ports.ListQuery{Filters: filters, After: &ports.Cursor{At: now, ID: id}})
		must(t, err)
	}
	for _, filters := range []map[string][]string{nil, {"status": {"failed"}}, {"endpoint": {id.String()}}, {"endpoint": {id.String()}, "status": {"failed"}}, {"event": {id.String()}}} {
		_, err = r.Deliveries.List(ctx, ports.ListQuery{Filters: filters})
		must(t, err)
	}
	for _, filters := range []map[string][]string{nil, {"status": {"failed"}}, {"type": {"file.deleted"}}, {"aggregate": {id.String()}}} {
		_, err = r.Outbox.List(ctx, ports.ListQuery{Filters: filters})
		must(t, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tableReads are counters of rows that were read so far. They are complete once
// the connections that did the work are gone.
func tableReads(t *testing.T, url, counter string) map[string]int64 {
	t.Helper()
	pool, err := sql.Open("pgx", url)
	must(t, err)
	defer func() { _ = pool.Close() }()
	for others := 1; others > 0; {
		must(t, pool.QueryRow("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'").Scan(&others))
	}
	rows, err := pool.Query("SELECT relname, " + counter + " FROM pg_stat_user_tables")
	must(t, err)
	defer func() { _ = rows.Close() }()
	out := make(map[string]int64)
	for rows.Next() {
		var table string
		var n int64
		must(t, rows.Scan(&table, &n))
		if strings.Contains(" outbox_events webhook_deliveries delivery_attempts upload_files ", " "+table+" ") {
			out[table] = n
		}
	}
	return out
}

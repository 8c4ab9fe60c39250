package gormdb_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"doorito/domain"
	"doorito/e2e/services"
	"doorito/ports"
)

// rareURL is a database with 100,000 files, events, deliveries and attempts, all
// of them of one kind.
func rareURL(t *testing.T) string {
	t.Helper()
	return services.PostgresFrom(t, "gormdb_rare", func(url string) error {
		if err := migrate(url); err != nil {
			return err
		}
		done := strings.NewReplacer("'pending'", "'delivered'", "day, 0, '', ''", "day, 200, '', ''")
		return statements("pgx", url, postgresIDs, fillEndpoints, done.Replace(fillEvents), done.Replace(fillDeliveries), fillFiles, fillAttempts, "VACUUM ANALYZE")
	})
}

// What there is none of is not looked for in every row, also where conditions
// that nearly all rows meet stand beside it.
func TestRareRowsAreNotLookedForInAllOnPostgres(t *testing.T) {
	t.Parallel()
	url := rareURL(t)
	const reads = "seq_tup_read + coalesce(idx_tup_fetch, 0)"
	file, delivery, event, attempt := "upload_files", "webhook_deliveries", "outbox_events", "delivery_attempts"
	for _, c := range []struct {
		table string
		q     ports.ListQuery
	}{
		{file, ports.ListQuery{Filters: map[string][]string{"type": {"video/"}}}},
		{file, ports.ListQuery{Filters: map[string][]string{"type": {"video/mp4"}, "status": {"stored"}}, Oldest: true}},
		{file, ports.ListQuery{Filters: map[string][]string{"size_min": {"1000000"}, "size_max": {"100000000"}}}},
		{file, ports.ListQuery{Filters: map[string][]string{"size_min": {"1000000000"}, "status": {"stored"}, "type": {"text/plain"}}}},
		{file, ports.ListQuery{Search: "nothing", Filters: map[string][]string{"type": {"text/plain"}, "status": {"stored"}}}},
		{delivery, ports.ListQuery{Filters: map[string][]string{"type": {string(domain.EventFileDeleted)}}}},
		{delivery, ports.ListQuery{Filters: map[string][]string{"code": {"404"}, "status": {"delivered"}}}},
		{delivery, ports.ListQuery{Filters: map[string][]string{"class": {"timeout"}}}},
		{delivery, ports.ListQuery{Search: "nothing at all"}},
		{event, ports.ListQuery{Filters: map[string][]string{"type": {string(domain.EventFileDeleted)}, "status": {"delivered"}}}},
		{event, ports.ListQuery{Search: "nothing"}},
		{attempt, ports.ListQuery{Filters: map[string][]string{"code": {"404"}}}},
		{attempt, ports.ListQuery{Search: "nothing"}},
	} {
		before := tableReads(t, url, reads)[c.table]
		db := open(t, url)
		found, err := listed(db.Reads(), c.table, c.q)
		must(t, err)
		must(t, db.Close())
		if read := tableReads(t, url, reads)[c.table] - before; read > 20_000 || found != 0 {
			t.Errorf("%s, %v: %d found in %d rows", c.table, c.q, found, read)
		}
	}
}

func listed(r ports.Stores, table string, q ports.ListQuery) (int, error) {
	ctx := context.Background()
	switch table {
	case "upload_files":
		page, err := r.Files.List(ctx, q)
		return page.Total, err
	case "webhook_deliveries":
		page, err := r.Deliveries.List(ctx, q)
		return page.Total, err
	case "outbox_events":
		page, err := r.Outbox.List(ctx, q)
		return page.Total, err
	case "delivery_attempts":
		page, err := r.Attempts.List(ctx, q)
		return page.Total, err
	}
	return 0, fmt.Errorf("no list of %s", table)
}

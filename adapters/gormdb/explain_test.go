package gormdb_test

import (
	"database/sql"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/gormdb"
	"doorito/e2e/services"
	"doorito/ports"
)

// What the engine does all the time finds its rows by their indexes, whether
// PostgreSQL knows how much there is or, as on tables that have just been
// filled, does not. What was planned when there was nothing is kept.
func TestRelayClaimAndSettlingUseTheirIndexes(t *testing.T) {
	t.Parallel()
	fresh := services.PostgresFrom(t, "gormdb_unanalyzed", func(url string) error {
		if err := migrate(url); err != nil {
			return err
		}
		pool, err := sql.Open("pgx", url)
		if err != nil {
			return err
		}
		defer func() { _ = pool.Close() }()
		for _, table := range []string{"webhook_deliveries", "delivery_leases", "outbox_events", "webhook_endpoints"} {
			if _, err := pool.Exec("ALTER TABLE " + table + " SET (autovacuum_enabled = off)"); err != nil {
				return err
			}
		}
		return fill("pgx", url, postgresIDs, fillFiles)
	})
	explains(t, "filled", backlogURL(t), false, true)
	explains(t, "not analyzed", fresh, true)
	explains(t, "hardly filled", services.PostgresFrom(t, "gormdb_hardly_filled", func(url string) error {
		if err := migrate(url); err != nil {
			return err
		}
		return fill("pgx", url, strings.Replace(postgresIDs, "100999", "1020", 1), fillFiles, "ANALYZE")
	}), true)
	explains(t, "vacuumed while there were no leases", services.PostgresFrom(t, "gormdb_no_leases", func(url string) error {
		if err := migrate(url); err != nil {
			return err
		}
		return fill("pgx", url, strings.Replace(postgresIDs, "100999", "1020", 1), "DELETE FROM delivery_leases", "VACUUM ANALYZE")
	}), true)
	explains(t, "empty", services.PostgresFrom(t, "gormdb_empty", migrate), true)
}

func explains(t *testing.T, name, url string, engine ...bool) {
	t.Helper()
	db := open(t, url)
	now := stopped{}.Now()
	c := ports.ClaimRequest{Token: uuid.New(), Now: now, Until: now.Add(time.Minute), Limit: 100}
	byID := regexp.MustCompile(`(?m)Scan using (webhook_deliveries|delivery_leases|outbox_events|upload_files)_(pkey|once) .*\n *[^I ]`)
	for _, on := range engine {
		plans, err := gormdb.Explain(db, on, c, []uuid.UUID{uuid.New(), uuid.New()})
		must(t, err)
		for what, plan := range plans {
			for line := range strings.Lines(plan) {
				bad := strings.Contains(line, "Seq Scan on") && !strings.Contains(line, "Seq Scan on webhook_endpoints")
				if bad || on && (strings.Contains(line, "Bitmap") || strings.Contains(line, "Hash Cond") || strings.Contains(line, "Materialize")) {
					t.Errorf("%s, %s: %s", name, what, plan)
					break
				}
			}
			if byID.MatchString(plan + "\n") {
				t.Errorf("%s, %s reads a whole index: %s", name, what, plan)
			}
			if what == "claim" && (!strings.Contains(plan, "webhook_deliveries_pending") || !strings.Contains(plan, "Index Cond: (delivery_id = d.id)")) {
				t.Errorf("%s, claims: %s", name, plan)
			}
			if what == "result" && !strings.Contains(plan, "webhook_deliveries_pkey") {
				t.Errorf("%s, results: %s", name, plan)
			}
			if what == "sweep" && !strings.Contains(plan, "webhook_deliveries_once") {
				t.Errorf("%s, sweep: %s", name, plan)
			}
			if what == "relay" && (!strings.Contains(plan, "outbox_events_unrelayed") || !strings.Contains(plan, "Index Cond: (id = t.aggregate_id)")) {
				t.Errorf("%s, relay: %s", name, plan)
			}
		}
	}
}

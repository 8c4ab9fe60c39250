package gormdb

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// health is what a batch of results says of one endpoint, in their order.
type health struct {
	ok      bool // one got through
	alive   bool // one was answered in a way that is no strike
	fails   int  // since the last that got through
	strikes int  // since the last that was alive
	seen    time.Time
	pause   time.Time // asked for by a throttling endpoint
}

func healthOf(rs []ports.DeliveryResult) map[uuid.UUID]*health {
	by := make(map[uuid.UUID]*health)
	for _, r := range rs {
		if r.Attempt == nil {
			continue
		}
		h := by[r.Delivery.EndpointID]
		if h == nil {
			h = &health{}
			by[r.Delivery.EndpointID] = h
		}
		if r.Delivery.UpdatedAt.After(h.seen) {
			h.seen = r.Delivery.UpdatedAt
		}
		switch {
		case r.Attempt.OK():
			h.ok, h.alive, h.fails, h.strikes = true, true, 0, 0
		case r.Attempt.Strikes():
			h.fails, h.strikes = h.fails+1, h.strikes+1
		default:
			h.alive, h.fails, h.strikes = true, h.fails+1, 0
		}
		if until := r.Delivery.UpdatedAt.Add(r.Pause); r.Pause > 0 && until.After(h.pause) {
			h.pause = until
		}
	}
	return by
}

// noteHealth moves what is known of the endpoints' health. A row that all
// workers would write is left alone while it says nearly the same.
func (s *Deliveries) noteHealth(tx *gorm.DB, rs []ports.DeliveryResult) error {
	var rows [][]any
	for id, h := range healthOf(rs) {
		row := []any{id, h.ok, h.alive, h.fails, h.strikes, at(h.seen), at(h.seen.Add(-time.Second)), (*stamp)(nil)}
		if !h.pause.IsZero() {
			row[7] = at(h.pause)
		}
		for _, p := range domain.Pauses() {
			until := h.seen.Add(p)
			if h.pause.After(until) {
				until = h.pause
			}
			row = append(row, at(until))
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil
	}
	noting, err := s.d.notingHealth(rows)
	if err != nil {
		return err
	}
	return translate(later(tx, noting), "endpoint")
}

// notingHealth is the statement of noteHealth.
func (d dialect) notingHealth(rows [][]any) (clause.Expr, error) {
	cols := []column{{"rid", kindUUID}, {"ok", kindBool}, {"alive", kindBool}, {"fails", kindInt}, {"hits", kindInt}, {"seen", kindTime}, {"fresh", kindTime}, {"pause", kindTime}}
	pauses := domain.Pauses()
	var levels strings.Builder
	for i := range pauses {
		cols = append(cols, column{fmt.Sprintf("pause%d", i), kindTime})
		fmt.Fprintf(&levels, " WHEN %d THEN n.pause%d", domain.StrikesToOpen+i, i)
	}
	batch, err := d.relation("r", cols, rows)
	most := domain.StrikesToOpen + len(pauses) - 1
	// Locked in one order, so that two batches of results never deadlock.
	return clause.Expr{SQL: `UPDATE webhook_endpoints SET
			failing_since = CASE WHEN n.fails = 0 THEN NULL WHEN n.ok OR failing_since IS NULL THEN n.seen ELSE failing_since END,
			last_success_at = CASE WHEN n.ok THEN n.seen ELSE last_success_at END,
			last_failure_at = CASE WHEN n.fails > 0 THEN n.seen ELSE last_failure_at END,
			failures = CASE WHEN n.ok THEN n.fails ELSE failures + n.fails END,
			strikes = n.now,
			paused_until = CASE WHEN n.hits = 0 AND NOT n.alive THEN paused_until ELSE CASE n.now` + levels.String() + `
				ELSE coalesce(n.pause, CASE WHEN n.alive THEN NULL ELSE paused_until END) END END
		FROM (
			SELECT t.id, r.*, CASE
					WHEN r.alive THEN ` + d.least("r.hits", "?") + `
					WHEN t.strikes >= ? AND r.hits > 0 THEN ` + d.least("t.strikes + 1", "?") + `
					ELSE ` + d.least("t.strikes + r.hits", "?") + `
				END AS now
			FROM ? JOIN webhook_endpoints t ON t.id = r.rid
			WHERE r.ok AND (t.failing_since IS NOT NULL OR t.last_success_at IS NULL OR t.last_success_at < r.fresh)
				OR r.fails > 0 OR r.alive AND t.paused_until IS NOT NULL
			ORDER BY t.id` + d.forNoKeyUpdate("t") + `
		) AS n WHERE webhook_endpoints.id = n.id`, Vars: []any{domain.StrikesToOpen, domain.StrikesToOpen, most, domain.StrikesToOpen, batch}}, err
}

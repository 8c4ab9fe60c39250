package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
)

// lockEvents keeps settling and reopening of the same events apart. Always in
// the order of ids: two that lock the same events wait, and never deadlock.
func lockEvents(tx *gorm.DB, d dialect, ids []uuid.UUID) error {
	if !d.isPostgres() || len(ids) == 0 {
		return nil
	}
	_, err := holdEvents(tx, d, ids)
	return err
}

// holdEvents locks events and returns those that are there.
func holdEvents(tx *gorm.DB, d dialect, ids []uuid.UUID) ([]uuid.UUID, error) {
	wanted, err := d.idsRelation("r", ids)
	if err != nil {
		return nil, err
	}
	held, err := idsOf(tx.Raw(`SELECT t.id FROM outbox_events t WHERE `+d.isNamed("t.id")+` ORDER BY t.id`+d.forNoKeyUpdate("t"), wanted))
	return held, translate(err, "event")
}

// ended are, of pending events, those that were relayed and owe nothing any more.
// Each is looked up by itself: a join with all that is pending took twelve seconds
// of a backlog, and kept what was written meanwhile from being cleaned up.
var ended = `t.relayed_at IS NOT NULL
			AND (SELECT 1 FROM webhook_deliveries d WHERE d.event_id = t.id AND ` + isPending("d") + ` LIMIT 1) IS NULL`

// Settle implements ports.Outbox. First the events that owe nothing are locked,
// then counted by a statement that sees what was committed meanwhile. Of two
// that finish the last deliveries of an event at once, the one that looks last
// finds it owing nothing.
func (o *Outbox) Settle(ctx context.Context, ids []uuid.UUID, limit int, now time.Time) (int, error) {
	tx, err := o.writing(ctx)
	if err != nil {
		return 0, err
	}
	if ids == nil {
		ids, err = o.unsettled(tx, limit)
	} else {
		ids, err = o.lockEnded(tx, ids)
	}
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return o.settleAll(tx, ids, now)
}

func (o *Outbox) settleAll(tx *gorm.DB, ids []uuid.UUID, now time.Time) (int, error) {
	wanted, err := o.d.idsRelation("r", ids)
	if err != nil {
		return 0, err
	}
	when := at(now)
	tx = tx.Exec(settling(o.d), when, when, wanted)
	return int(tx.RowsAffected), translate(tx.Error, "event")
}

// settling writes how the deliveries of events ended.
func settling(d dialect) string {
	return `UPDATE outbox_events SET
			status = CASE WHEN s.failed > 0 THEN 'failed' ELSE 'delivered' END,
			delivered_at = CASE WHEN s.failed > 0 THEN NULL ELSE coalesce(s.delivered_at, ?) END,
			attempts = s.attempts, error_message = s.error_message, next_attempt_at = NULL, updated_at = ?
		FROM (
			SELECT t.id, count(CASE WHEN d.status = 'failed' THEN 1 END) AS failed,
				max(d.delivered_at) AS delivered_at, coalesce(max(d.attempts), 0) AS attempts,
				coalesce(max(CASE WHEN d.status = 'failed' THEN d.last_error END), '') AS error_message
			FROM outbox_events t LEFT JOIN webhook_deliveries d ON ` + d.is("d.event_id", "t.id") + `
			WHERE ` + d.isNamed("t.id") + ` AND ` + isPending("t") + ` AND t.relayed_at IS NOT NULL
			GROUP BY t.id HAVING count(CASE WHEN d.status = 'pending' THEN 1 END) = 0
		) AS s
		WHERE ` + d.is("outbox_events.id", "s.id") + ` AND ` + isPending("outbox_events")
}

func lockedEnded(d dialect) string {
	return `SELECT t.id FROM outbox_events t WHERE ` + d.isNamed("t.id") + ` AND ` + isPending("t") + ` AND ` + ended + ` ORDER BY t.id`
}

// lockEnded locks those of these events that owe nothing, in the order of ids
// like lockEvents.
func (o *Outbox) lockEnded(tx *gorm.DB, ids []uuid.UUID) ([]uuid.UUID, error) {
	wanted, err := o.d.idsRelation("r", ids)
	if err != nil {
		return nil, err
	}
	locked, err := idsOf(tx.Raw(lockedEnded(o.d)+o.d.forNoKeyUpdate("t"), wanted))
	return locked, translate(err, "event")
}

var unsettled = `SELECT t.id FROM outbox_events t WHERE t.status = 'pending' AND ` + ended + ` ORDER BY t.relayed_at, t.id LIMIT ?`

// unsettled locks up to limit events that owe nothing; those that others are
// settling are left to them.
func (o *Outbox) unsettled(tx *gorm.DB, limit int) ([]uuid.UUID, error) {
	ids, err := idsOf(tx.Raw(unsettled+o.d.forUpdateSkipping("t"), limit))
	return ids, translate(err, "event")
}

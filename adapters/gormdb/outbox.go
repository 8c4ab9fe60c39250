package gormdb

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// Outbox keeps events.
type Outbox struct{ conn }

var _ ports.Outbox = (*Outbox)(nil)

type eventRow struct {
	ID             uuid.UUID
	AggregateType  string
	AggregateID    uuid.UUID
	EventType      string
	Payload        []byte
	Subject        string
	Status         string
	IdempotencyKey string
	Attempts       int
	MaxAttempts    int
	NextAttemptAt  *stamp
	RelayedAt      *stamp
	DeliveredAt    *stamp
	ErrorMessage   string
	TargetID       *uuid.UUID
	LinkSerial     int     `gorm:"->"`
	Line           *string `gorm:"-"` // see liningUp
	CreatedAt      stamp
	UpdatedAt      stamp
}

func (eventRow) TableName() string { return "outbox_events" }

func fromEvent(e *domain.Event) eventRow {
	return eventRow{
		ID: e.ID, AggregateType: e.AggregateType, AggregateID: e.AggregateID, EventType: string(e.Type), Payload: append([]byte{}, e.Payload...),
		Subject: subjectOf(e.Payload), Status: string(e.Status), IdempotencyKey: clean(e.IdempotencyKey), Attempts: e.Attempts, MaxAttempts: e.MaxAttempts,
		NextAttemptAt: atPtr(e.NextAttemptAt), RelayedAt: atPtr(e.RelayedAt), DeliveredAt: atPtr(e.DeliveredAt), ErrorMessage: clean(e.ErrorMessage),
		TargetID: e.TargetID, CreatedAt: at(e.CreatedAt), UpdatedAt: at(e.UpdatedAt),
	}
}

func toEvent(r eventRow) *domain.Event {
	return &domain.Event{
		ID: r.ID, AggregateType: r.AggregateType, AggregateID: r.AggregateID, Type: domain.EventType(r.EventType), Payload: r.Payload,
		Status: domain.EventStatus(r.Status), IdempotencyKey: r.IdempotencyKey, Attempts: r.Attempts, MaxAttempts: r.MaxAttempts,
		NextAttemptAt: r.NextAttemptAt.ptr(), RelayedAt: r.RelayedAt.ptr(), DeliveredAt: r.DeliveredAt.ptr(), ErrorMessage: r.ErrorMessage,
		TargetID: r.TargetID, LinkSerial: r.LinkSerial, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

// subjectOf takes from a payload what people search for: the file's name, the
// batch's label or the endpoint's name. A payload of another form has none.
func subjectOf(payload []byte) string {
	var body struct {
		Data struct {
			Filename string `json:"original_filename"`
			Label    string `json:"label"`
			Name     string `json:"name"`
		} `json:"data"`
	}
	if json.Unmarshal(payload, &body) != nil {
		return ""
	}
	for _, s := range []string{body.Data.Filename, body.Data.Label, body.Data.Name} {
		if s != "" {
			return clean(s)
		}
	}
	return ""
}

// Append implements ports.Outbox.
func (o *Outbox) Append(ctx context.Context, e *domain.Event) (bool, error) {
	tx, err := o.writing(ctx)
	if err != nil {
		return false, err
	}
	row := fromEvent(e)
	ins := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "event_type"}, {Name: "idempotency_key"}}, DoNothing: true}).Create(&row)
	if ins.Error != nil {
		return false, translate(ins.Error, "event")
	}
	if e.Type == domain.EventFileExpiring {
		// So that ListExpiring need not look for events.
		if err := tx.Exec("UPDATE upload_files SET expiry_told = expires_at WHERE id = ?", e.AggregateID).Error; err != nil {
			return false, translate(err, "event")
		}
	}
	added := ins.RowsAffected > 0
	o.tx.ring = o.tx.ring || added
	return added, nil
}

// toSend and eventsToSend read events with what only their sending needs. The
// file is asked for by itself: a join planned while there were no files may read
// all of them, in the order of their ids, for each event.
const toSend = `SELECT t.*, coalesce((SELECT f.link_serial FROM upload_files f WHERE f.id = t.aggregate_id), 0) AS link_serial`

const eventsToSend = ` FROM outbox_events t`

const unrelayed = eventsToSend + ` WHERE t.relayed_at IS NULL AND t.created_at >= ? ORDER BY t.created_at, t.id LIMIT ?`

// ClaimUnrelayed implements ports.Outbox.
func (o *Outbox) ClaimUnrelayed(ctx context.Context, from time.Time, limit int, inLine bool) ([]*domain.Event, error) {
	tx, err := o.writing(ctx)
	if err != nil {
		return nil, err
	}
	sql := toSend
	if inLine {
		sql += o.d.liningUp()
	}
	rows, err := o.claimed(ctx, tx.Raw(sql+unrelayed+o.d.forUpdateSkipping("t"), at(from), limit))
	return mapped(rows, toEvent), translate(err, "event")
}

// claimed asks for events. A pipe asks along with them for what a relay asks next.
func (o *Outbox) claimed(ctx context.Context, claim *gorm.DB) (rows []eventRow, err error) {
	p, ok := claim.Statement.ConnPool.(*pipe)
	if !ok {
		err = claim.Scan(&rows).Error
		return rows, err
	}
	var st []standingRow
	if err = p.send(ctx, queued(claim, pgx.RowToStructByNameLax, &rows), queued(standing(claim, o.clock.Now()), pgx.RowToStructByName, &st)); err == nil {
		o.tx.standing = toStanding(st)
	}
	return rows, err
}

// Reopen implements ports.Outbox. The rows are locked first, so that a
// settling that is about to end them is waited for and then undone.
func (o *Outbox) Reopen(ctx context.Context, ids []uuid.UUID, now time.Time) (int, error) {
	tx, err := o.writing(ctx)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if err := lockEvents(tx, o.d, ids); err != nil {
		return 0, err
	}
	wanted, err := o.d.idsRelation("r", ids)
	if err != nil {
		return 0, err
	}
	tx = tx.Exec(`UPDATE outbox_events SET status = 'pending', attempts = 0, error_message = '', delivered_at = NULL, updated_at = ?
		WHERE `+o.d.isNamed("id")+` AND status <> 'pending'`, at(now), wanted)
	return int(tx.RowsAffected), translate(tx.Error, "event")
}

// DeleteSettled implements ports.Outbox. An event that still owes something
// stays. With them go leases whose deliveries went first.
func (o *Outbox) DeleteSettled(ctx context.Context, before time.Time, limit int) (int, error) {
	tx, err := o.writing(ctx)
	if err != nil {
		return 0, err
	}
	if err := tx.Exec("DELETE FROM delivery_leases WHERE until < ?", at(before)).Error; err != nil {
		return 0, translate(err, "event")
	}
	gone, err := idsOf(tx.Raw(`DELETE FROM outbox_events WHERE id IN (
		SELECT t.id FROM outbox_events t WHERE t.status <> 'pending' AND t.updated_at < ?
			AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.event_id = t.id AND d.status = 'pending')
		ORDER BY t.updated_at LIMIT ?`+o.d.forUpdateSkipping("t")+`) RETURNING id`, at(before), limit))
	if err != nil {
		return 0, translate(err, "event")
	}
	// On SQLite they are gone by now, by foreign keys.
	deliveries, err := o.deleteNamed(tx, "webhook_deliveries", "event_id", gone)
	if err == nil {
		_, err = o.deleteNamed(tx, "delivery_attempts", "delivery_id", deliveries)
	}
	return len(gone), err
}

// deleteNamed removes the rows of these parents, and tells which.
func (c conn) deleteNamed(tx *gorm.DB, table, parent string, ids []uuid.UUID) (gone []uuid.UUID, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	wanted, err := c.d.idsRelation("r", ids)
	if err != nil {
		return nil, err
	}
	gone, err = idsOf(tx.Raw(c.d.deleteNamed(table, parent)+" RETURNING id", wanted))
	return gone, translate(err, "event")
}

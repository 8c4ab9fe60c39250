package gormdb

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

var deliveryInsertColumns = []column{
	{"id", kindUUID}, {"event_id", kindUUID}, {"endpoint_id", kindUUID}, {"event_type", kindText}, {"subject", kindText}, {"status", kindText},
	{"attempts", kindInt}, {"attempts_made", kindInt}, {"next_attempt_at", kindTime},
	{"last_attempt_at", kindTime}, {"last_status_code", kindInt}, {"last_error_class", kindText}, {"last_error", kindText}, {"delivered_at", kindTime},
	{"created_at", kindTime}, {"updated_at", kindTime},
}

// InsertAll implements ports.Deliveries.
func (s *Deliveries) InsertAll(ctx context.Context, ds []*domain.Delivery) error {
	tx, err := s.writing(ctx)
	if err != nil || len(ds) == 0 {
		return err
	}
	ids := make([]uuid.UUID, len(ds))
	for i, d := range ds {
		ids[i] = d.EventID
	}
	held, err := holdEvents(tx, s.d, ids)
	if err != nil {
		return err
	}
	ds = slices.DeleteFunc(slices.Clone(ds), func(d *domain.Delivery) bool { return !slices.Contains(held, d.EventID) })
	if err := s.FanOut(ctx, ports.FanOut{Deliveries: ds}); err != nil {
		return err
	}
	for _, d := range ds {
		s.ringIfDue(d)
	}
	return nil
}

// FanOut implements ports.DeliveryQueue.
func (s *Deliveries) FanOut(ctx context.Context, f ports.FanOut) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	var all []clause.Expr
	add := func(sql clause.Expr, e error) { all, err = append(all, sql), errors.Join(err, e) }
	if len(f.Deliveries) > 0 {
		add(s.inserting(f.Deliveries))
	}
	if rows := leaseRows(f.Deliveries); len(rows) > 0 {
		add(s.leasing(rows))
	}
	if len(f.Relayed) > 0 {
		add(s.marking(f))
	}
	if err != nil || len(all) == 0 {
		return err
	}
	return translate(later(tx, all...), "delivery")
}

// inserting is the statement that adds deliveries, of events that the transaction
// holds and to endpoints that it holds by this.
func (s *Deliveries) inserting(ds []*domain.Delivery) (clause.Expr, error) {
	rows, to := make([][]any, len(ds)), make(map[uuid.UUID]bool)
	for i, d := range ds {
		to[d.EndpointID] = true
		r := fromDelivery(d)
		rows[i] = []any{
			r.ID, r.EventID, r.EndpointID, r.EventType, r.Subject, r.Status, r.Attempts, r.AttemptsMade, r.NextAttemptAt,
			r.LastAttemptAt, r.LastStatusCode, r.LastErrorClass, r.LastError, r.DeliveredAt, r.CreatedAt, r.UpdatedAt,
		}
	}
	batch, err := s.d.relation("r", deliveryInsertColumns, rows)
	if err != nil {
		return clause.Expr{}, err
	}
	wanted, err := s.d.idsRelation("r", slices.SortedFunc(maps.Keys(to), compareIDs))
	names := columnNames(deliveryInsertColumns)
	return clause.Expr{
		SQL:  "INSERT INTO webhook_deliveries (" + names + ") SELECT " + names + " FROM ? WHERE " + s.d.stands("r.endpoint_id") + " ON CONFLICT (event_id, endpoint_id) DO NOTHING",
		Vars: []any{batch, wanted},
	}, err
}

// marking is the statement that marks a fan-out's events.
func (s *Deliveries) marking(f ports.FanOut) (clause.Expr, error) {
	unwanted := make(map[uuid.UUID]bool, len(f.Unwanted))
	for _, id := range f.Unwanted {
		unwanted[id] = true
	}
	rows := make([][]any, len(f.Relayed))
	for i, id := range f.Relayed {
		rows[i] = []any{id, unwanted[id]}
	}
	batch, err := s.d.relation("r", []column{{"rid", kindUUID}, {"unwanted", kindBool}}, rows)
	when := at(f.At)
	return clause.Expr{SQL: `UPDATE outbox_events SET relayed_at = ?, updated_at = ?,
			status = CASE WHEN r.unwanted THEN 'delivered' ELSE status END,
			delivered_at = CASE WHEN r.unwanted THEN ? ELSE delivered_at END
		FROM ? WHERE ` + s.d.is("outbox_events.id", "r.rid"), Vars: []any{when, when, when, batch}}, err
}

// ringIfDue wants the bell for a delivery that anybody may claim at once.
func (s *Deliveries) ringIfDue(d *domain.Delivery) {
	if d.Status == domain.DeliveryPending && d.LeaseToken == nil && !d.NextAttemptAt.After(d.UpdatedAt) {
		s.tx.ring = true
	}
}

// Save implements ports.Deliveries; NotFound when the delivery is gone.
func (s *Deliveries) Save(ctx context.Context, d *domain.Delivery) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	row := fromDelivery(d)
	s.ringIfDue(d)
	if err := affected(tx.Model(&row).Select("*").Omit("id", "created_at").Updates(row), "delivery"); err != nil {
		return err
	}
	if d.LeaseToken != nil {
		return s.lease(tx, []*domain.Delivery{d})
	}
	_, err = s.unlease(tx, nil, []uuid.UUID{d.ID})
	return err
}

const reopened = `status = 'pending', attempts = 0, next_attempt_at = ?, delivered_at = NULL, updated_at = ?`

// ReopenFailed implements ports.Deliveries. For a whole endpoint the failed
// events become pending again too, since the caller cannot name them.
func (s *Deliveries) ReopenFailed(ctx context.Context, events []uuid.UUID, endpoint *uuid.UUID, now time.Time) (int, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return 0, err
	}
	when := at(now)
	if events == nil {
		if endpoint == nil {
			return 0, domain.Errorf(domain.Internal, "Reopening deliveries needs events or an endpoint.")
		}
		return s.reopenEndpoint(ctx, *endpoint, now)
	}
	if len(events) == 0 {
		return 0, nil
	}
	if err := lockEvents(tx, s.d, events); err != nil {
		return 0, err
	}
	wanted, err := s.d.idsRelation("r", events)
	if err != nil {
		return 0, err
	}
	sql, args := `UPDATE webhook_deliveries SET `+reopened+` FROM ? WHERE `+s.d.is("event_id", "r.rid")+` AND status = 'failed'`, []any{when, when, wanted}
	if endpoint != nil {
		sql, args = sql+" AND endpoint_id = ?", append(args, *endpoint)
	}
	tx = tx.Exec(sql, args...)
	s.tx.ring = s.tx.ring || tx.RowsAffected > 0
	return int(tx.RowsAffected), translate(tx.Error, "delivery")
}

func (s *Deliveries) reopenEndpoint(ctx context.Context, endpoint uuid.UUID, now time.Time) (int, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return 0, err
	}
	var events []uuid.UUID
	err = tx.Raw(`UPDATE webhook_deliveries SET `+reopened+` WHERE endpoint_id = ? AND status = 'failed' RETURNING event_id`, at(now), at(now), endpoint).Scan(&events).Error
	if err != nil || len(events) == 0 {
		return 0, translate(err, "delivery")
	}
	s.tx.ring = true
	outbox := Outbox{s.conn}
	_, err = outbox.Reopen(ctx, events, now)
	return len(events), err
}

// Reopen implements ports.Deliveries. The events are locked first, as in
// ReopenFailed, so that a settling waits.
func (s *Deliveries) Reopen(ctx context.Context, ids []uuid.UUID, now time.Time) ([]uuid.UUID, error) {
	tx, err := s.writing(ctx)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	wanted, err := s.d.idsRelation("r", ids)
	if err != nil {
		return nil, err
	}
	var events []uuid.UUID
	if err := tx.Raw("SELECT d.event_id FROM webhook_deliveries d WHERE "+s.d.isNamed("d.id"), wanted).Scan(&events).Error; err != nil {
		return nil, translate(err, "delivery")
	}
	if err := lockEvents(tx, s.d, events); err != nil {
		return nil, err
	}
	var reopenedOf []uuid.UUID
	when := at(now)
	err = tx.Raw(`UPDATE webhook_deliveries SET `+reopened+` WHERE `+s.d.isNamed("id")+` AND status <> 'pending' RETURNING event_id`, when, when, wanted).Scan(&reopenedOf).Error
	s.tx.ring = s.tx.ring || len(reopenedOf) > 0
	return reopenedOf, translate(err, "delivery")
}

// Cancel implements ports.Deliveries.
func (s *Deliveries) Cancel(ctx context.Context, ids []uuid.UUID, reason string, now time.Time) (map[uuid.UUID]uuid.UUID, error) {
	tx, err := s.writing(ctx)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	wanted, err := s.d.idsRelation("r", ids)
	if err != nil {
		return nil, err
	}
	var rows []struct{ ID, EventID uuid.UUID }
	err = tx.Raw(`UPDATE webhook_deliveries SET `+cancelled+` WHERE `+s.d.isNamed("id")+` AND status = 'pending' RETURNING id, event_id`, clean(reason), at(now), wanted).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, translate(err, "delivery")
	}
	events, ended := make(map[uuid.UUID]uuid.UUID, len(rows)), make([]uuid.UUID, len(rows))
	for i, r := range rows {
		events[r.ID], ended[i] = r.EventID, r.ID
	}
	_, err = s.unlease(tx, nil, ended)
	return events, err
}

const cancelled = `status = 'cancelled', last_error = ?, updated_at = ?`

// CancelPending implements ports.Deliveries. Tests go on: an endpoint that is off
// may be tested. What is being sent this moment is
// cancelled too: its lease is gone, so its result is not written.
func (s *Deliveries) CancelPending(ctx context.Context, endpoint uuid.UUID, reason string, now time.Time) ([]uuid.UUID, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return nil, err
	}
	var events []uuid.UUID
	err = tx.Raw(`UPDATE webhook_deliveries SET `+cancelled+`
		WHERE endpoint_id = ? AND status = 'pending' AND event_type <> 'ping' RETURNING event_id`, clean(reason), at(now), endpoint).Scan(&events).Error
	if err != nil || len(events) == 0 {
		return nil, translate(err, "delivery")
	}
	err = tx.Exec(`DELETE FROM delivery_leases WHERE endpoint_id = ? AND NOT EXISTS (
		SELECT 1 FROM webhook_deliveries d WHERE d.id = delivery_id AND d.status = 'pending')`, endpoint).Error
	return events, translate(err, "delivery")
}

package gormdb

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Find implements ports.EventReader. While an event is pending, its attempts
// and the next one's time are read from its deliveries.
func (o *Outbox) Find(ctx context.Context, id uuid.UUID) (*domain.Event, error) {
	e, err := one(o.reading(ctx).Where("id = ?", id), toEvent, "event")
	if err != nil {
		return nil, err
	}
	return e, o.addProgress(ctx, []*domain.Event{e})
}

// FindAll implements ports.EventReader. It is on the way of every delivery and
// reads the events alone.
func (o *Outbox) FindAll(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.Event, error) {
	out := make(map[uuid.UUID]*domain.Event, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	wanted, err := o.d.idsRelation("r", ids)
	if err != nil {
		return nil, err
	}
	var rows []eventRow
	if err := o.reading(ctx).Raw(toSend+eventsToSend+" WHERE "+o.d.isNamed("t.id"), wanted).Scan(&rows).Error; err != nil {
		return nil, translate(err, "event")
	}
	for _, r := range rows {
		out[r.ID] = toEvent(r)
	}
	return out, nil
}

var eventList = listed[eventRow, *domain.Event]{
	what: "outbox_events", columns: "t.*",
	search: func(c conn, word string) condition {
		return anyOf(append(byNewID(c, "t.id", made("outbox_events"), word), byNewID(c, "t.aggregate_id", made("upload_files"), word)...)...)
	},
	subject: func(ids string) string { return "t.aggregate_id = ANY(ARRAY(" + ids + "))" },
	filters: map[string]filter{"status": oneOf("t.status"), "type": oneOf("t.event_type"), "aggregate": oneID("t.aggregate_id")},
	groups:  map[string]group{"status": textGroup("t.status"), "type": textGroup("t.event_type")},
	place:   func(r eventRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:      toEvent,
}

// List implements ports.EventReader.
func (o *Outbox) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.Event], error) {
	page, err := list(ctx, o.conn, eventList, q)
	if err != nil {
		return page, err
	}
	return page, o.addProgress(ctx, page.Items)
}

// addProgress fills what only the deliveries know of pending events.
func (o *Outbox) addProgress(ctx context.Context, events []*domain.Event) error {
	pending := make(map[uuid.UUID]*domain.Event)
	var ids []uuid.UUID
	for _, e := range events {
		if e.Status == domain.EventPending {
			pending[e.ID] = e
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		EventID  uuid.UUID
		Attempts int
		Next     *stamp
	}
	err := o.reading(ctx).Raw(`SELECT d.event_id, max(d.attempts) AS attempts, min(CASE WHEN d.status = 'pending' THEN d.next_attempt_at END) AS next
		FROM webhook_deliveries d WHERE d.event_id IN ? GROUP BY d.event_id`, ids).Scan(&rows).Error
	for _, r := range rows {
		pending[r.EventID].Attempts, pending[r.EventID].NextAttemptAt = r.Attempts, r.Next.ptr()
	}
	return translate(err, "event")
}

// Tally implements ports.EventReader.
func (o *Outbox) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, o.conn, eventList, q, by)
}

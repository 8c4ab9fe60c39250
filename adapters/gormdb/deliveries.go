package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Deliveries keeps what is owed; delivery_claim.go, delivery_leases.go and
// delivery_finish.go are the sending side.
type Deliveries struct{ conn }

var _ ports.Deliveries = (*Deliveries)(nil)

type deliveryRow struct {
	ID             uuid.UUID
	EventID        uuid.UUID
	EndpointID     uuid.UUID
	EventType      string
	Subject        string
	Status         string
	Attempts       int
	AttemptsMade   int
	NextAttemptAt  stamp
	LastAttemptAt  *stamp
	LastStatusCode int
	LastErrorClass string
	LastError      string
	DeliveredAt    *stamp
	EndpointName   string     `gorm:"->"`
	EndpointURL    string     `gorm:"->;column:endpoint_url"`
	HeldBack       bool       `gorm:"->"`
	HeldBy         *uuid.UUID `gorm:"->"` // who sends it, where it is asked for
	HeldUntil      *stamp     `gorm:"->"`
	RateLimit      int        `gorm:"->"` // of its endpoint, for a claim
	CreatedAt      stamp
	UpdatedAt      stamp
}

func (deliveryRow) TableName() string { return "webhook_deliveries" }

func fromDelivery(d *domain.Delivery) deliveryRow {
	return deliveryRow{
		ID: d.ID, EventID: d.EventID, EndpointID: d.EndpointID, EventType: string(d.EventType), Subject: clean(d.Subject), Status: string(d.Status),
		Attempts: d.Attempts, AttemptsMade: d.AttemptsMade, NextAttemptAt: at(d.NextAttemptAt),
		LastAttemptAt: atPtr(d.LastAttemptAt), LastStatusCode: d.LastStatusCode, LastErrorClass: string(d.LastErrorClass), LastError: clean(d.LastError),
		DeliveredAt: atPtr(d.DeliveredAt), CreatedAt: at(d.CreatedAt), UpdatedAt: at(d.UpdatedAt),
	}
}

func toDelivery(r deliveryRow) *domain.Delivery {
	return &domain.Delivery{
		ID: r.ID, EventID: r.EventID, EndpointID: r.EndpointID, EventType: domain.EventType(r.EventType), Subject: r.Subject, Status: domain.DeliveryStatus(r.Status),
		Attempts: r.Attempts, AttemptsMade: r.AttemptsMade, NextAttemptAt: r.NextAttemptAt.Time, LeaseToken: r.HeldBy, LeaseUntil: r.HeldUntil.ptr(),
		LastAttemptAt: r.LastAttemptAt.ptr(), LastStatusCode: r.LastStatusCode, LastErrorClass: domain.ErrorClass(r.LastErrorClass), LastError: r.LastError,
		DeliveredAt: r.DeliveredAt.ptr(), EndpointName: r.EndpointName, EndpointURL: r.EndpointURL, HeldBack: r.HeldBack, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

const (
	deliveryColumns = "t.*, p.name AS endpoint_name, p.url AS endpoint_url, p.active AND p.paused_until IS NOT NULL AS held_back"
	deliveryJoins   = "JOIN webhook_endpoints p ON p.id = t.endpoint_id"
)

// Find implements ports.DeliveryReader.
func (s *Deliveries) Find(ctx context.Context, id uuid.UUID) (*domain.Delivery, error) {
	return s.one(ctx, id, "")
}

// Lock implements ports.Deliveries.
func (s *Deliveries) Lock(ctx context.Context, id uuid.UUID) (*domain.Delivery, error) {
	if _, err := s.writing(ctx); err != nil {
		return nil, err
	}
	return s.one(ctx, id, s.d.forUpdate("t"))
}

func (s *Deliveries) one(ctx context.Context, id uuid.UUID, lock string) (*domain.Delivery, error) {
	return one(s.reading(ctx).Raw("SELECT "+deliveryColumns+", l.token AS held_by, l.until AS held_until FROM webhook_deliveries t "+deliveryJoins+`
		LEFT JOIN delivery_leases l ON l.delivery_id = t.id WHERE t.id = ?`+lock, id), toDelivery, "delivery")
}

var deliveryList = listed[deliveryRow, *domain.Delivery]{
	what: "webhook_deliveries", columns: deliveryColumns, joins: deliveryJoins,
	search: func(c conn, word string) condition {
		return anyOf(append(byNewID(c, "t.id", made("webhook_deliveries"), word), byNewID(c, "t.event_id", made("outbox_events"), word)...)...)
	},
	subject: func(ids string) string {
		return "t.event_id = ANY(ARRAY(SELECT e.id FROM outbox_events e WHERE e.aggregate_id = ANY(ARRAY(" + ids + "))))"
	},
	filters: map[string]filter{
		"status": oneOf("t.status"), "endpoint": oneID("t.endpoint_id"), "event": oneID("t.event_id"), "type": oneOf("t.event_type"),
		"class": within(undelivered+" AND ", oneOf("t.last_error_class"), ""), "code": oneCode("t.last_status_code", undelivered),
	},
	rare: map[string]rarity{"type": ofRareEvents},
	groups: map[string]group{
		"status": textGroup("t.status"), "endpoint": idGroup("t.endpoint_id"), "type": textGroup("t.event_type"), "class": textGroup("t.last_error_class"),
	},
	place: func(r deliveryRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:    toDelivery,
}

// undelivered is true for all that failed last, and what the indexes by state are of.
const undelivered = "t.status <> 'delivered'"

// ofRareEvents finds the deliveries of types that few events have through these
// events: deliveries have no index by type.
func ofRareEvents(ctx context.Context, c conn, types []string) (condition, error) {
	var ids []uuid.UUID
	err := c.asking(ctx).Table("outbox_events").Where("event_type IN ?", types).Limit(fewNames+1).Pluck("id", &ids).Error
	if err != nil || len(ids) > fewNames {
		return condition{}, translate(err, "event")
	}
	return oneOfIDs(c, "t.event_id", ids)
}

// List implements ports.DeliveryReader.
func (s *Deliveries) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.Delivery], error) {
	return list(ctx, s.conn, deliveryList, q)
}

// ListOldestPending implements ports.DeliveryReader.
func (s *Deliveries) ListOldestPending(ctx context.Context, limit int) ([]*domain.Delivery, error) {
	var rows []deliveryRow
	err := s.reading(ctx).Raw("SELECT "+deliveryColumns+" FROM webhook_deliveries t "+deliveryJoins+" WHERE t.status = 'pending' ORDER BY t.created_at, t.id LIMIT ?", limit).Scan(&rows).Error
	return mapped(rows, toDelivery), translate(err, "delivery")
}

// oldestDue are the oldest pending delivery of each endpoint that nothing is
// being sent to, by the index that claims use, and the oldest event that waits
// for the relay. An endpoint that is busy or hangs is late by itself; so is one
// that its breaker or its rate keeps waiting, until nobody goes on after that.
const oldestDue = `SELECT due FROM (
		SELECT CASE WHEN first.paused_until > first.next_attempt_at THEN first.paused_until ELSE first.next_attempt_at END AS due FROM (
			SELECT p.paused_until, (SELECT d.next_attempt_at FROM webhook_deliveries d WHERE d.endpoint_id = p.id AND d.status = 'pending'
				ORDER BY d.next_attempt_at LIMIT 1) AS next_attempt_at FROM webhook_endpoints p
			WHERE NOT (p.rate_limit > 0 AND p.paced_us > ?)
				AND NOT EXISTS (SELECT 1 FROM delivery_leases l WHERE l.endpoint_id = p.id AND l.until > ?)
		) AS first
	) AS late WHERE due <= ?
	UNION ALL SELECT created_at FROM (SELECT created_at FROM outbox_events WHERE relayed_at IS NULL ORDER BY created_at, id LIMIT 1) AS event WHERE created_at <= ?
	ORDER BY due LIMIT 1`

// pacedLately is how long ago an endpoint with a rate was sent to, at most,
// while it works off its backlog.
const pacedLately = 5 * time.Second

// OldestDue implements ports.DeliveryReader.
func (s *Deliveries) OldestDue(ctx context.Context, now time.Time) (time.Time, error) {
	var found []stamp
	if err := s.reading(ctx).Raw(oldestDue, now.Add(-pacedLately).UnixMicro(), at(now), at(now), at(now)).Scan(&found).Error; err != nil {
		return time.Time{}, translate(err, "delivery")
	}
	if len(found) == 0 {
		return time.Time{}, nil
	}
	return found[0].Time, nil
}

// Tally implements ports.DeliveryReader.
func (s *Deliveries) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, s.conn, deliveryList, q, by)
}

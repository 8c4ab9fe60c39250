package gormdb

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Attempts keeps tries. Deliveries.Finish adds them.
type Attempts struct{ conn }

var _ ports.Attempts = (*Attempts)(nil)

type attemptRow struct {
	ID              uuid.UUID
	DeliveryID      uuid.UUID
	EndpointID      uuid.UUID
	Number          int
	StartedAt       stamp
	DNSUS           int64  `gorm:"column:dns_us"`
	ConnectUS       int64  `gorm:"column:connect_us"`
	TLSUS           int64  `gorm:"column:tls_us"`
	FirstByteUS     int64  `gorm:"column:first_byte_us"`
	TotalUS         int64  `gorm:"column:total_us"`
	URL             string `gorm:"column:url"`
	StatusCode      int
	RequestHeaders  document[map[string][]string]
	ResponseHeaders document[map[string][]string]
	ResponseBody    []byte
	Truncated       bool
	ErrorClass      string
	ErrorText       string
	EndpointName    string `gorm:"->"` // these three of lists alone
	EventType       string `gorm:"->"`
	Subject         string `gorm:"->"`
}

func (attemptRow) TableName() string { return "delivery_attempts" }

func toAttempt(r attemptRow) *domain.Attempt {
	return &domain.Attempt{
		ID: r.ID, DeliveryID: r.DeliveryID, EndpointID: r.EndpointID, Number: r.Number, StartedAt: r.StartedAt.Time,
		Phases: domain.Phases{DNS: micros(r.DNSUS), Connect: micros(r.ConnectUS), TLS: micros(r.TLSUS), FirstByte: micros(r.FirstByteUS), Total: micros(r.TotalUS)},
		URL:    r.URL, StatusCode: r.StatusCode, RequestHeaders: r.RequestHeaders.V, ResponseHeaders: r.ResponseHeaders.V,
		ResponseBody: r.ResponseBody, Truncated: r.Truncated, ErrorClass: domain.ErrorClass(r.ErrorClass), ErrorText: r.ErrorText,
		EndpointName: r.EndpointName, EventType: domain.EventType(r.EventType), Subject: r.Subject,
	}
}

// ListOf implements ports.Attempts.
func (a *Attempts) ListOf(ctx context.Context, delivery uuid.UUID, limit int) ([]*domain.Attempt, error) {
	var rows []attemptRow
	err := a.reading(ctx).Where("delivery_id = ?", delivery).Order("number DESC, id DESC").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, translate(err, "attempt")
	}
	return mapped(rows, toAttempt), nil
}

// failedAttempt is true for all without a 2xx, and what their index is of.
const failedAttempt = "t.error_class <> ''"

// attemptList leaves out what is long: headers and answers are on the page of
// the delivery.
var attemptList = listed[attemptRow, *domain.Attempt]{
	what: "delivery_attempts", created: "started_at",
	columns: "t.id, t.delivery_id, t.endpoint_id, t.number, t.started_at, t.dns_us, t.connect_us, t.tls_us, t.first_byte_us, t.total_us, t.url, t.status_code, " +
		"t.truncated, t.error_class, t.error_text, p.name AS endpoint_name, d.event_type, d.subject",
	joins: "LEFT JOIN webhook_endpoints p ON p.id = t.endpoint_id LEFT JOIN webhook_deliveries d ON d.id = t.delivery_id",
	search: func(c conn, word string) condition {
		why := byText(c, "t.error_text", word)
		why.sql = failedAttempt + " AND " + why.sql
		return anyOf(append(byNewID(c, "t.delivery_id", made("webhook_deliveries"), word), append(byNewID(c, "t.id", lately{"delivery_attempts", "id", "started_at"}, word), why)...)...)
	},
	filters: map[string]filter{
		"endpoint": oneID("t.endpoint_id"), "delivery": oneID("t.delivery_id"), "class": attemptClass, "code": oneCode("t.status_code", failedAttempt),
	},
	groups: map[string]group{"endpoint": idGroup("t.endpoint_id"), "class": textGroup("CASE t.error_class WHEN '' THEN 'ok' ELSE t.error_class END")},
	place:  func(r attemptRow) ports.Cursor { return ports.Cursor{At: r.StartedAt.Time, ID: r.ID} },
	to:     toAttempt,
}

// attemptClass is oneOf the error classes, of which the empty one is called ok.
func attemptClass(c conn, key string, values []string) (condition, error) {
	values = slices.Clone(values)
	for i, v := range values {
		if v == "ok" {
			values[i] = ""
		}
	}
	return oneOf("t.error_class")(c, key, values)
}

// List implements ports.Attempts.
func (a *Attempts) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.Attempt], error) {
	return list(ctx, a.conn, attemptList, q)
}

// DeleteBefore implements ports.Attempts.
func (a *Attempts) DeleteBefore(ctx context.Context, before time.Time, limit int) (int, error) {
	tx, err := a.writing(ctx)
	if err != nil {
		return 0, err
	}
	tx = tx.Exec(`DELETE FROM delivery_attempts WHERE id IN (
		SELECT t.id FROM delivery_attempts t WHERE t.started_at < ? ORDER BY t.started_at LIMIT ?`+a.d.forUpdateSkipping("t")+`)`, at(before), limit)
	return int(tx.RowsAffected), translate(tx.Error, "attempt")
}

// Tally implements ports.Attempts.
func (a *Attempts) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, a.conn, attemptList, q, by)
}

package gormdb

import (
	"context"
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
}

func (attemptRow) TableName() string { return "delivery_attempts" }

func toAttempt(r attemptRow) *domain.Attempt {
	return &domain.Attempt{
		ID: r.ID, DeliveryID: r.DeliveryID, EndpointID: r.EndpointID, Number: r.Number, StartedAt: r.StartedAt.Time,
		Phases: domain.Phases{DNS: micros(r.DNSUS), Connect: micros(r.ConnectUS), TLS: micros(r.TLSUS), FirstByte: micros(r.FirstByteUS), Total: micros(r.TotalUS)},
		URL:    r.URL, StatusCode: r.StatusCode, RequestHeaders: r.RequestHeaders.V, ResponseHeaders: r.ResponseHeaders.V,
		ResponseBody: r.ResponseBody, Truncated: r.Truncated, ErrorClass: domain.ErrorClass(r.ErrorClass), ErrorText: r.ErrorText,
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

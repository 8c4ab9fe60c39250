package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// Idempotency remembers what was made under the keys of clients.
type Idempotency struct{ conn }

var _ ports.Idempotency = (*Idempotency)(nil)

type idempotencyRow struct {
	OwnerID     uuid.UUID
	Operation   string
	Key         string
	Fingerprint string
	ResourceID  uuid.UUID
	CreatedAt   stamp
}

func (idempotencyRow) TableName() string { return "idempotency_records" }

func fromIdempotency(r *domain.IdempotencyRecord) idempotencyRow {
	return idempotencyRow{
		OwnerID: r.OwnerID, Operation: r.Operation, Key: clean(r.Key), Fingerprint: r.Fingerprint, ResourceID: r.ResourceID, CreatedAt: at(r.CreatedAt),
	}
}

func toIdempotency(r idempotencyRow) *domain.IdempotencyRecord {
	return &domain.IdempotencyRecord{
		OwnerID: r.OwnerID, Operation: r.Operation, Key: r.Key, Fingerprint: r.Fingerprint, ResourceID: r.ResourceID, CreatedAt: r.CreatedAt.Time,
	}
}

const sameKey = "owner_id = ? AND operation = ? AND key = ?"

// Insert implements ports.Idempotency.
func (i *Idempotency) Insert(ctx context.Context, r *domain.IdempotencyRecord) (*domain.IdempotencyRecord, bool, error) {
	tx, err := i.writing(ctx)
	if err != nil {
		return nil, false, err
	}
	row := fromIdempotency(r)
	ins := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	if ins.Error != nil {
		return nil, false, translate(ins.Error, "idempotency key")
	}
	if ins.RowsAffected > 0 {
		return toIdempotency(row), true, nil
	}
	var kept idempotencyRow
	err = i.reading(ctx).Where(sameKey, row.OwnerID, row.Operation, row.Key).Take(&kept).Error
	return toIdempotency(kept), false, translate(err, "idempotency key")
}

// Replace implements ports.Idempotency.
func (i *Idempotency) Replace(ctx context.Context, r *domain.IdempotencyRecord, from uuid.UUID) error {
	tx, err := i.writing(ctx)
	if err != nil {
		return err
	}
	row := fromIdempotency(r)
	tx = tx.Exec("UPDATE idempotency_records SET fingerprint = ?, resource_id = ?, created_at = ? WHERE "+sameKey+" AND resource_id = ?",
		row.Fingerprint, row.ResourceID, row.CreatedAt, row.OwnerID, row.Operation, row.Key, from)
	if tx.Error == nil && tx.RowsAffected == 0 {
		return domain.Errorf(domain.Conflict, "Another request with this key was first. Send it again.")
	}
	return translate(tx.Error, "idempotency key")
}

// DeleteBefore implements ports.Idempotency, oldest first.
func (i *Idempotency) DeleteBefore(ctx context.Context, before time.Time, limit int) (int, error) {
	tx, err := i.writing(ctx)
	if err != nil {
		return 0, err
	}
	tx = tx.Exec(`DELETE FROM idempotency_records WHERE (owner_id, operation, key) IN (
		SELECT owner_id, operation, key FROM idempotency_records WHERE created_at < ? ORDER BY created_at LIMIT ?)`, at(before), limit)
	return int(tx.RowsAffected), translate(tx.Error, "idempotency key")
}

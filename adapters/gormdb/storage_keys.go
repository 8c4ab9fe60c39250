package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/ports"
)

// reservedRow keeps keys that were reserved together.
type reservedRow struct {
	ID        uuid.UUID
	Keys      document[[]string]
	CreatedAt stamp
}

func (reservedRow) TableName() string { return "reserved_keys" }

// Reserve implements ports.StorageKeys.
func (s *StorageKeys) Reserve(ctx context.Context, id uuid.UUID, keys []string, now time.Time) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	return translate(tx.Create(&reservedRow{ID: id, Keys: document[[]string]{keys}, CreatedAt: at(now)}).Error, "reservation")
}

// DeleteReserved implements ports.StorageKeys.
func (s *StorageKeys) DeleteReserved(ctx context.Context, before time.Time) (int, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return 0, err
	}
	tx = tx.Exec("DELETE FROM reserved_keys WHERE created_at < ?", at(before))
	return int(tx.RowsAffected), translate(tx.Error, "reservation")
}

// StorageKeys asks files and sessions what they keep in the storage.
type StorageKeys struct{ conn }

var _ ports.StorageKeys = (*StorageKeys)(nil)

// Uses implements ports.StorageKeys. Open sessions are few and have an index of
// their own, so their keys need none.
func (s *StorageKeys) Uses(ctx context.Context, keys []string) (map[string]ports.KeyUse, error) {
	uses := map[string]ports.KeyUse{}
	if len(keys) == 0 {
		return uses, nil
	}
	var rows []struct {
		StorageKey string
		Open       bool
		Kept       bool
	}
	err := s.reading(ctx).Raw(`SELECT storage_key, status = 'uploading' AS open, purged_at IS NULL AS kept FROM upload_files WHERE storage_key IN ?
		UNION ALL
		SELECT storage_key, true AS open, true AS kept FROM upload_sessions WHERE status IN ('init', 'in_progress', 'completing') AND storage_key IN ?`, keys, keys).Scan(&rows).Error
	if err != nil {
		return nil, translate(err, "file")
	}
	for _, r := range rows {
		use := uses[r.StorageKey]
		uses[r.StorageKey] = ports.KeyUse{Open: use.Open || r.Open, Kept: use.Kept || r.Kept}
	}
	return uses, nil
}

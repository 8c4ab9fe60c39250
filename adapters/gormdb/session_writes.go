package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
)

// Insert implements ports.SessionWriter. It waits for a transaction that is
// inserting the same key.
func (s *Sessions) Insert(ctx context.Context, session *domain.UploadSession) (*domain.UploadSession, bool, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return nil, false, err
	}
	row := fromSession(session)
	ins := tx.Clauses(clause.OnConflict{
		Columns:     []clause.Column{{Name: "user_id"}, {Name: "idempotency_key"}},
		TargetWhere: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "idempotency_key <> ''"}}},
		DoNothing:   true,
	}).Create(&row)
	if ins.Error != nil {
		return nil, false, translate(ins.Error, "upload")
	}
	if ins.RowsAffected > 0 {
		return toSession(row), true, nil
	}
	got, err := s.one(ctx, "t.user_id = ? AND t.idempotency_key = ?", session.UserID, row.IdempotencyKey)
	return got, false, err
}

// Lock implements ports.SessionWriter.
func (s *Sessions) Lock(ctx context.Context, id uuid.UUID) (*domain.UploadSession, error) {
	if _, err := s.writing(ctx); err != nil {
		return nil, err
	}
	return s.byID(ctx, s.d.forNoKeyUpdate("t"), id)
}

// Take implements ports.SessionWriter. It waits for a Save in flight, and
// returns what that wrote.
func (s *Sessions) Take(ctx context.Context, id uuid.UUID, now time.Time) (*domain.UploadSession, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return nil, err
	}
	return one(tx.Raw("UPDATE upload_sessions SET epoch = epoch + 1, updated_at = ? WHERE id = ? RETURNING *", at(now), id), toSession, "upload")
}

// Save implements ports.SessionWriter.
func (s *Sessions) Save(ctx context.Context, session *domain.UploadSession, from ...domain.SessionStatus) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	kept := []string{"id", "user_id", "kind", "idempotency_key", "epoch", "created_at"}
	if session.Mode == domain.ModeParts {
		kept = append(kept, "bytes_received", "completed_parts")
	}
	row := fromSession(session)
	// IS TRUE: found by its id, not by an index over the status, which has an
	// entry for every upload since its last vacuum.
	tx = tx.Model(&row).Where("(epoch = ? AND status IN ? AND mode IN ('', ?)) IS TRUE", row.Epoch, from, row.Mode).Select("*").Omit(kept...).Updates(row)
	if tx.Error == nil && tx.RowsAffected == 0 {
		return changed()
	}
	return translate(tx.Error, "upload")
}

const wasChanged = "This upload changed in the meantime: another request writes it, or it has ended. Ask for its state, then go on from there."

func changed() error { return domain.Errorf(domain.Conflict, wasChanged) }

// DeleteEnded implements ports.SessionWriter, longest untouched first. What
// another sweep is removing is passed over.
func (s *Sessions) DeleteEnded(ctx context.Context, before time.Time, limit int) (int, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return 0, err
	}
	tx = tx.Exec(`DELETE FROM upload_sessions WHERE id IN (
		SELECT t.id FROM upload_sessions t WHERE t.status IN ('complete', 'aborted', 'failed') AND t.updated_at < ?
		ORDER BY t.updated_at LIMIT ?`+s.d.forUpdateSkipping("t")+")", at(before), limit)
	return int(tx.RowsAffected), translate(tx.Error, "upload")
}

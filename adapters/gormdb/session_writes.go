package gormdb

import (
	"cmp"
	"context"
	"slices"
	"strings"
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
	saved := savedInOrder
	if session.Mode == domain.ModeParts {
		saved = savedInParts
	}
	query, args := saved.of(fromSession(session), from)
	changes, err := quickExec(tx, "upload", query, s.d.bound(args)...)
	if err == nil && changes == 0 {
		return changed()
	}
	return err
}

// saving are columns of sessionInsert to be written.
type saving struct {
	set  string // of an UPDATE
	take []int  // of a row's values
}

var (
	savedInOrder = savingAllBut("id", "user_id", "kind", "idempotency_key", "epoch", "created_at")
	savedInParts = savingAllBut("id", "user_id", "kind", "idempotency_key", "epoch", "created_at", "bytes_received", "completed_parts")
)

func savingAllBut(kept ...string) (s saving) {
	var set []string
	for i, name := range strings.Split(sessionInsert, ",") {
		if name = strings.TrimSpace(name); !slices.Contains(kept, name) {
			s.take = append(s.take, i)
			set = append(set, name+" = "+marks(len(s.take), 1))
		}
	}
	s.set = strings.Join(set, ", ")
	return s
}

// of is the statement that saves a row which is in one of the statuses, with
// what it binds. IS TRUE as in completeUpload.
func (s saving) of(row sessionRow, from []domain.SessionStatus) (query string, args []any) {
	all := row.values()
	for _, i := range s.take {
		args = append(args, all[i])
	}
	n := len(args)
	args = append(args, row.ID, row.Epoch, row.Mode)
	for _, status := range from {
		args = append(args, string(status))
	}
	return "UPDATE upload_sessions SET " + s.set + " WHERE id = " + marks(n+1, 1) + " AND (epoch = " + marks(n+2, 1) +
		" AND mode IN ('', " + marks(n+3, 1) + ") AND status IN (" + cmp.Or(marks(n+4, len(from)), "NULL") + ")) IS TRUE", args
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

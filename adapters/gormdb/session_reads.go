package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Find implements ports.SessionReader.
func (s *Sessions) Find(ctx context.Context, id uuid.UUID) (*domain.UploadSession, error) {
	return s.byID(ctx, "", id)
}

// FindByFile implements ports.SessionReader.
func (s *Sessions) FindByFile(ctx context.Context, file uuid.UUID) (*domain.UploadSession, error) {
	return s.one(ctx, "t.file_id = ? ORDER BY t.created_at DESC, t.id DESC LIMIT 1", file)
}

// FindByKey implements ports.SessionReader.
func (s *Sessions) FindByKey(ctx context.Context, user uuid.UUID, key string) (*domain.UploadSession, error) {
	return s.one(ctx, "t.user_id = ? AND t.idempotency_key = ? AND t.idempotency_key <> ''", user, clean(key))
}

// byID reads one row and locks it as lock says.
func (s *Sessions) byID(ctx context.Context, lock string, id uuid.UUID) (*domain.UploadSession, error) {
	var row sessionRow
	if err := quickRow(s.reading(ctx), "upload", sessionByID+lock, []any{id}, row.into()...); err != nil {
		return nil, err
	}
	return toSession(row), nil
}

func (s *Sessions) one(ctx context.Context, rest string, args ...any) (*domain.UploadSession, error) {
	all, err := s.some(ctx, rest, args...)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, notFound("upload")
	}
	return all[0], nil
}

// some reads sessions by what follows WHERE.
func (s *Sessions) some(ctx context.Context, rest string, args ...any) ([]*domain.UploadSession, error) {
	var rows []sessionRow
	err := s.reading(ctx).Raw("SELECT t.* FROM upload_sessions t WHERE "+rest, args...).Scan(&rows).Error
	if err != nil {
		return nil, translate(err, "upload")
	}
	return mapped(rows, toSession), nil
}

var sessionList = listed[sessionRow, *domain.UploadSession]{
	what: "upload_sessions", columns: "t.*", owner: "t.user_id",
	search: func(c conn, word string) condition {
		return anyOf(byNewID(c, "t.id", made("upload_sessions"), word)...)
	},
	filters: map[string]filter{
		"status": oneOf("t.status"), "kind": oneOf("t.kind"), "mode": oneOf("t.mode"), "owner": oneID("t.user_id"), "file": oneID("t.file_id"),
		"batch": within("t.file_id IN (SELECT f.id FROM upload_files f WHERE ", oneID("f.batch_id"), ")"),
	},
	groups: map[string]group{"status": textGroup("t.status"), "kind": textGroup("t.kind"), "mode": textGroup("t.mode"), "owner": idGroup("t.user_id")},
	place:  func(r sessionRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:     toSession,
}

// List implements ports.SessionReader.
func (s *Sessions) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.UploadSession], error) {
	return list(ctx, s.conn, sessionList, q)
}

// CountOpen implements ports.SessionReader.
func (s *Sessions) CountOpen(ctx context.Context, user uuid.UUID) (int, error) {
	var n int
	err := s.reading(ctx).Raw("SELECT count(*) FROM upload_sessions WHERE user_id = ? AND status IN ('init', 'in_progress', 'completing')", user).Scan(&n).Error
	return n, translate(err, "upload")
}

// CountOpenAlone implements ports.SessionWriter.
func (s *Sessions) CountOpenAlone(ctx context.Context, user uuid.UUID) (int, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.d.lineUpFor(tx, user); err != nil {
		return 0, translate(err, "upload")
	}
	return s.CountOpen(ctx, user)
}

// ListExpired implements ports.SessionReader, longest expired first.
func (s *Sessions) ListExpired(ctx context.Context, now time.Time, limit int) ([]*domain.UploadSession, error) {
	return s.some(ctx, "t.status IN ('init', 'in_progress') AND t.expires_at <= ? ORDER BY t.expires_at LIMIT ?", at(now), limit)
}

// ListCompleting implements ports.SessionReader, longest untouched first.
func (s *Sessions) ListCompleting(ctx context.Context, before time.Time, limit int) ([]*domain.UploadSession, error) {
	return s.some(ctx, "t.status = 'completing' AND t.updated_at < ? ORDER BY t.updated_at LIMIT ?", at(before), limit)
}

// Tally implements ports.SessionReader.
func (s *Sessions) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, s.conn, sessionList, q, by)
}

package gormdb

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"doorito/domain"
	"doorito/ports"
)

// PutPart implements ports.Parts. The session's lock comes first: parts of one
// session count themselves one after the other, and one that is refused has
// written nothing.
func (s *Sessions) PutPart(ctx context.Context, p *domain.UploadPart, along func(*domain.UploadSession)) (*domain.UploadPart, bool, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return nil, false, err
	}
	session, err := s.Lock(ctx, p.SessionID)
	if err != nil {
		return nil, false, err
	}
	refused, row := takesParts(session), fromPart(p)
	if refused == nil {
		n, err := quickExec(tx, "part", partInsert, s.d.bound(row.values())...)
		if err != nil {
			return nil, false, err
		}
		if n > 0 {
			return toPart(row), true, s.count(tx, session, row, along)
		}
	}
	got, err := s.FindPart(ctx, p.SessionID, p.Number)
	if domain.IsCode(err, domain.NotFound) {
		err = cmp.Or(refused, err)
	}
	return got, false, err
}

// count adds a part to its session.
func (s *Sessions) count(tx *gorm.DB, session *domain.UploadSession, p partRow, along func(*domain.UploadSession)) error {
	if along != nil {
		along(session)
	}
	return quickLater(tx, "upload", "UPDATE upload_sessions SET bytes_received = bytes_received + $1, completed_parts = completed_parts + 1, hash_state = $2, expires_at = $3, updated_at = $4 WHERE id = $5",
		s.d.bound([]any{p.SizeBytes, session.HashState, at(session.ExpiresAt), p.UpdatedAt, p.SessionID})...)
}

// takesParts is a Conflict for a session that has ended while the part
// arrived, or that turned out to be written in order.
func takesParts(s *domain.UploadSession) error {
	switch {
	case s.Status != domain.SessionInit && s.Status != domain.SessionInProgress:
		return domain.Errorf(domain.Conflict, "This upload is %s, so it takes no more parts. Start a new one.", s.Status)
	case s.Mode == domain.ModeSequential:
		return domain.Errorf(domain.Conflict, "This upload is written in sequential mode, since its first write was. Go on like that, or start a new one.")
	}
	return nil
}

// FindPart implements ports.Parts.
func (s *Sessions) FindPart(ctx context.Context, session uuid.UUID, number int) (*domain.UploadPart, error) {
	var row partRow
	if err := quickRow(s.reading(ctx), "part", partByNumber, []any{session, number}, row.into()...); err != nil {
		return nil, err
	}
	return toPart(row), nil
}

// ListParts implements ports.Parts.
func (s *Sessions) ListParts(ctx context.Context, session uuid.UUID) ([]*domain.UploadPart, error) {
	var rows []partRow
	err := s.reading(ctx).Where("session_id = ?", session).Order("part_number").Find(&rows).Error
	if err != nil {
		return nil, translate(err, "part")
	}
	return mapped(rows, toPart), nil
}

var partList = listed[partRow, *domain.UploadPart]{
	what: "upload_parts", columns: "t.*, coalesce(f.original_filename, '') AS filename",
	joins: "LEFT JOIN upload_sessions s ON s.id = t.session_id LEFT JOIN upload_files f ON f.id = s.file_id",
	search: func(c conn, word string) condition {
		if hash := strings.ToLower(word); len(hash) == hex.EncodedLen(sha256.Size) {
			return condition{"t.sha256 = ?", []any{hash}}
		}
		return anyOf(byNewID(c, "t.session_id", made("upload_sessions"), word)...)
	},
	filters: map[string]filter{
		"session": oneID("t.session_id"),
		"status":  within("t.session_id IN (SELECT s.id FROM upload_sessions s WHERE ", oneOf("s.status"), ")"),
	},
	groups: map[string]group{"status": textGroup("s.status")}, grouping: "JOIN upload_sessions s ON s.id = t.session_id",
	place: func(r partRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:    toPart,
}

// BrowseParts implements ports.Parts.
func (s *Sessions) BrowseParts(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.UploadPart], error) {
	return list(ctx, s.conn, partList, q)
}

// TallyParts implements ports.Parts.
func (s *Sessions) TallyParts(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, s.conn, partList, q, by)
}

package gormdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

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
	if got, err := s.FindPart(ctx, p.SessionID, p.Number); !domain.IsCode(err, domain.NotFound) {
		return got, false, err
	}
	if err := takesParts(session); err != nil {
		return nil, false, err
	}
	row := fromPart(p)
	if err := tx.Create(&row).Error; err != nil {
		return nil, false, translate(err, "part")
	}
	if along != nil {
		along(session)
	}
	err = tx.Exec("UPDATE upload_sessions SET bytes_received = bytes_received + ?, completed_parts = completed_parts + 1, hash_state = ?, expires_at = ?, updated_at = ? WHERE id = ?",
		row.SizeBytes, session.HashState, at(session.ExpiresAt), row.UpdatedAt, row.SessionID).Error
	if err != nil {
		return nil, false, translate(err, "upload")
	}
	return toPart(row), true, nil
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
	return one(s.reading(ctx).Where("session_id = ? AND part_number = ?", session, number), toPart, "part")
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

package gormdb

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
)

// PutPart implements ports.Parts. The session's lock comes first: parts of one
// session count themselves one after the other, and one that is refused has
// written nothing.
func (s *Sessions) PutPart(ctx context.Context, p *domain.UploadPart) (*domain.UploadPart, bool, error) {
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
	err = tx.Exec("UPDATE upload_sessions SET bytes_received = bytes_received + ?, completed_parts = completed_parts + 1, updated_at = ? WHERE id = ?",
		row.SizeBytes, row.UpdatedAt, row.SessionID).Error
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
	var rows []partRow
	err := s.reading(ctx).Where("session_id = ? AND part_number = ?", session, number).Find(&rows).Error
	if err != nil {
		return nil, translate(err, "part")
	}
	if len(rows) == 0 {
		return nil, notFound("part")
	}
	return toPart(rows[0]), nil
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

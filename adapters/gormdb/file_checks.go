package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// FileChecks keeps what came of reading files back.
type FileChecks struct{ conn }

var _ ports.FileChecks = (*FileChecks)(nil)

type fileCheckRow struct {
	ID        uuid.UUID
	FileID    uuid.UUID
	AskedBy   *uuid.UUID
	AskedName string
	State     string
	Total     int64  `gorm:"column:total_bytes"`
	Done      int64  `gorm:"column:done_bytes"`
	SHA256    string `gorm:"column:sha256"`
	Message   string
	CreatedAt stamp
	UpdatedAt stamp
	EndedAt   *stamp
}

func (fileCheckRow) TableName() string { return "file_checks" }

func fromFileCheck(c *domain.FileCheck) fileCheckRow {
	return fileCheckRow{
		ID: c.ID, FileID: c.FileID, AskedBy: c.AskedBy, AskedName: clean(c.AskedName), State: string(c.State), Total: c.Total, Done: c.Done,
		SHA256: c.SHA256, Message: clean(c.Message), CreatedAt: at(c.CreatedAt), UpdatedAt: at(c.UpdatedAt), EndedAt: atPtr(c.EndedAt),
	}
}

func toFileCheck(r fileCheckRow) *domain.FileCheck {
	return &domain.FileCheck{
		ID: r.ID, FileID: r.FileID, AskedBy: r.AskedBy, AskedName: r.AskedName, State: domain.CheckState(r.State), Total: r.Total, Done: r.Done,
		SHA256: r.SHA256, Message: r.Message, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, EndedAt: r.EndedAt.ptr(),
	}
}

// Insert implements ports.FileChecks; an index keeps a second one out.
func (f *FileChecks) Insert(ctx context.Context, c *domain.FileCheck) (bool, error) {
	tx, err := f.writing(ctx)
	if err != nil {
		return false, err
	}
	row := fromFileCheck(c)
	tx = tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	return tx.RowsAffected > 0, translate(tx.Error, "check")
}

// FindLatest implements ports.FileChecks.
func (f *FileChecks) FindLatest(ctx context.Context, file uuid.UUID) (*domain.FileCheck, error) {
	var rows []fileCheckRow
	if err := f.reading(ctx).Where("file_id = ?", file).Order("created_at DESC, id DESC").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, translate(err, "check")
	}
	return toFileCheck(rows[0]), nil
}

const claimableChecks = "SELECT t.id FROM file_checks t WHERE t.ended_at IS NULL AND (t.state = 'waiting' OR t.updated_at < ?) ORDER BY t.created_at, t.id LIMIT 1"

// Pending implements ports.FileChecks.
func (f *FileChecks) Pending(ctx context.Context, stale time.Time) (bool, error) {
	var ids []uuid.UUID
	err := f.reading(ctx).Raw(claimableChecks, at(stale)).Scan(&ids).Error
	return len(ids) > 0, translate(err, "check")
}

// Claim implements ports.FileChecks.
func (f *FileChecks) Claim(ctx context.Context, now, stale time.Time) (*domain.FileCheck, error) {
	tx, err := f.writing(ctx)
	if err != nil {
		return nil, err
	}
	var rows []fileCheckRow
	err = tx.Raw("UPDATE file_checks SET state = 'running', done_bytes = 0, updated_at = ? WHERE id IN ("+claimableChecks+f.d.forUpdateSkipping("t")+") RETURNING *", at(now), at(stale)).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, translate(err, "check")
	}
	return toFileCheck(rows[0]), nil
}

// Advance implements ports.FileChecks.
func (f *FileChecks) Advance(ctx context.Context, id uuid.UUID, done int64, now time.Time) error {
	tx, err := f.writing(ctx)
	if err != nil {
		return err
	}
	tx = tx.Exec("UPDATE file_checks SET done_bytes = ?, updated_at = ? WHERE id = ? AND state = 'running'", done, at(now), id)
	if tx.Error == nil && tx.RowsAffected == 0 {
		return domain.Errorf(domain.Conflict, "This check does not run any more.")
	}
	return translate(tx.Error, "check")
}

// Finish implements ports.FileChecks.
func (f *FileChecks) Finish(ctx context.Context, c *domain.FileCheck) error {
	tx, err := f.writing(ctx)
	if err != nil {
		return err
	}
	row := fromFileCheck(c)
	tx = tx.Model(&row).Where("state = 'running'").Select("state", "done_bytes", "sha256", "message", "updated_at", "ended_at").Updates(row)
	if tx.Error == nil && tx.RowsAffected == 0 {
		return domain.Errorf(domain.Conflict, "This check does not run any more.")
	}
	return translate(tx.Error, "check")
}

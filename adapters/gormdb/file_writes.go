package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
)

// metadataFolder is the metadata key of the folder a file was dropped with.
const metadataFolder = "path"

// Insert implements ports.FileWriter.
func (f *Files) Insert(ctx context.Context, file *domain.File) error {
	tx, err := f.writing(ctx)
	if err != nil {
		return err
	}
	if err := f.supersede(ctx, file); err != nil {
		return err
	}
	row := fromFile(file)
	return translate(tx.Create(&row).Error, "file")
}

// supersede takes failed files that this one is a new try of out of their
// batch's counts.
func (f *Files) supersede(ctx context.Context, file *domain.File) error {
	if file.BatchID == nil {
		return nil
	}
	tx, err := f.writing(ctx)
	if err != nil {
		return err
	}
	row := fromFile(file)
	return translate(later(tx, clause.Expr{SQL: `UPDATE upload_files SET superseded = TRUE WHERE batch_id = ? AND status = 'failed' AND NOT superseded
		AND original_filename = ? AND NOT (` + f.d.distinctFrom("uploaded_by", "?") + `) AND coalesce(` + f.d.jsonText("metadata", metadataFolder) + `, '') = ?`,
		Vars: []any{*file.BatchID, row.OriginalFilename, file.UploadedBy, row.Metadata.V[metadataFolder]}}), "file")
}

// Move implements ports.FileWriter.
func (f *Files) Move(ctx context.Context, file *domain.File, from domain.FileStatus) error {
	tx, err := f.writing(ctx)
	if err != nil {
		return err
	}
	row := fromFile(file)
	tx = tx.Model(&row).Where("(status = ?) IS TRUE", string(from)) // found by its id, not by an index over the status
	if from == domain.FileStored || from == domain.FileProcessed {
		tx = tx.Where("NOT ("+f.d.distinctFrom("expires_at", "?")+")", row.ExpiresAt)
	}
	tx = tx.Select("*").Omit("id", "created_at").Updates(row)
	if tx.Error == nil && tx.RowsAffected == 0 {
		return domain.Errorf(domain.Conflict, "This file changed in the meantime. Reload the page and try again.")
	}
	return translate(tx.Error, "file")
}

// SetExpiry implements ports.FileWriter.
func (f *Files) SetExpiry(ctx context.Context, id uuid.UUID, from, to *time.Time, now time.Time) error {
	tx, err := f.writing(ctx)
	if err != nil {
		return err
	}
	tx = tx.Exec("UPDATE upload_files SET expires_at = ?, updated_at = ? WHERE id = ? AND status IN ('stored', 'processed', 'failed') AND NOT ("+f.d.distinctFrom("expires_at", "?")+")",
		atPtr(to), at(now), id, atPtr(from))
	if tx.Error == nil && tx.RowsAffected == 0 {
		return domain.Errorf(domain.Conflict, "This file changed in the meantime. Reload the page and try again.")
	}
	return translate(tx.Error, "file")
}

// Touch implements ports.FileWriter.
func (f *Files) Touch(ctx context.Context, id uuid.UUID, now time.Time) error {
	tx, err := f.writing(ctx)
	if err != nil {
		return err
	}
	tx = tx.Exec("UPDATE upload_files SET updated_at = ? WHERE id = ? AND status = 'uploading'", at(now), id)
	if tx.Error == nil && tx.RowsAffected == 0 {
		return domain.Errorf(domain.Conflict, "This upload has ended. Start it again.")
	}
	return translate(tx.Error, "file")
}

// MarkPurged implements ports.FileWriter. The first time counts.
func (f *Files) MarkPurged(ctx context.Context, id uuid.UUID, now time.Time) error {
	tx, err := f.writing(ctx)
	if err != nil {
		return err
	}
	return translate(tx.Exec("UPDATE upload_files SET purged_at = ?, updated_at = ? WHERE id = ? AND purged_at IS NULL", at(now), at(now), id).Error, "file")
}

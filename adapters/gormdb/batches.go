package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// Batches keeps upload batches.
type Batches struct{ conn }

var _ ports.Batches = (*Batches)(nil)

type batchRow struct {
	ID             uuid.UUID
	CreatedBy      *uuid.UUID
	CreatorName    string `gorm:"->"`
	Label          string
	Status         string
	SealedAt       *stamp
	IdempotencyKey string
	FilesCount     int
	UploadingCount int
	StoredCount    int
	FailedCount    int
	BytesCount     int64
	NowStored      int `gorm:"->"`
	NowProcessed   int `gorm:"->"`
	NowFailed      int `gorm:"->"`
	NowDeleted     int `gorm:"->"`
	CreatedAt      stamp
	UpdatedAt      stamp
}

func (batchRow) TableName() string { return "upload_batches" }

func fromBatch(b *domain.Batch) batchRow {
	return batchRow{
		ID: b.ID, CreatedBy: b.CreatedBy, Label: clean(b.Label), Status: string(b.Status), SealedAt: atPtr(b.SealedAt), IdempotencyKey: clean(b.IdempotencyKey),
		FilesCount: b.Counts.Files, UploadingCount: b.Counts.Uploading, StoredCount: b.Counts.Stored, FailedCount: b.Counts.Failed, BytesCount: b.Counts.Bytes,
		CreatedAt: at(b.CreatedAt), UpdatedAt: at(b.UpdatedAt),
	}
}

func toBatch(r batchRow) *domain.Batch {
	return &domain.Batch{
		ID: r.ID, CreatedBy: r.CreatedBy, CreatorName: r.CreatorName, Label: r.Label, Status: domain.BatchStatus(r.Status), SealedAt: r.SealedAt.ptr(), IdempotencyKey: r.IdempotencyKey,
		Counts: domain.BatchCounts{Files: r.FilesCount, Uploading: r.UploadingCount, Stored: r.StoredCount, Failed: r.FailedCount, Bytes: r.BytesCount,
			Now: domain.FileStates{Stored: r.NowStored, Processed: r.NowProcessed, Failed: r.NowFailed, Deleted: r.NowDeleted}},
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

const (
	batchColumns = "t.*, coalesce(u.name, '') AS creator_name"
	batchJoins   = "LEFT JOIN users u ON u.id = t.created_by"
)

// Insert implements ports.Batches.
func (b *Batches) Insert(ctx context.Context, batch *domain.Batch) (*domain.Batch, bool, error) {
	tx, err := b.writing(ctx)
	if err != nil {
		return nil, false, err
	}
	row := fromBatch(batch)
	ins := tx.Clauses(clause.OnConflict{
		Columns:     []clause.Column{{Name: "created_by"}, {Name: "idempotency_key"}},
		TargetWhere: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "idempotency_key <> ''"}}},
		DoNothing:   true,
	}).Create(&row)
	if ins.Error != nil {
		return nil, false, translate(ins.Error, "batch")
	}
	if ins.RowsAffected > 0 {
		got, err := b.Find(ctx, batch.ID)
		return got, true, err
	}
	got, err := b.one(ctx, "t.created_by = ? AND t.idempotency_key = ?", "", batch.CreatedBy, row.IdempotencyKey)
	return got, false, err
}

// Save implements ports.Batches; NotFound when the batch is gone.
func (b *Batches) Save(ctx context.Context, batch *domain.Batch) error {
	tx, err := b.writing(ctx)
	if err != nil {
		return err
	}
	row := fromBatch(batch)
	return affected(tx.Model(&row).Select("*").Omit("id", "created_at").Updates(row), "batch")
}

// Find implements ports.Batches. Counts are those that were kept: zero until
// the batch is done.
func (b *Batches) Find(ctx context.Context, id uuid.UUID) (*domain.Batch, error) {
	return b.one(ctx, "t.id = ?", "", id)
}

// Lock implements ports.Batches.
func (b *Batches) Lock(ctx context.Context, id uuid.UUID) (*domain.Batch, error) {
	if _, err := b.writing(ctx); err != nil {
		return nil, err
	}
	return b.one(ctx, "t.id = ?", b.d.forUpdate("t"), id)
}

// Join implements ports.Batches. The move comes first: it needs the stronger
// lock, and two that share the row could not both get it.
func (b *Batches) Join(ctx context.Context, id uuid.UUID, now time.Time) (*domain.Batch, error) {
	tx, err := b.writing(ctx)
	if err != nil {
		return nil, err
	}
	err = tx.Exec(`UPDATE upload_batches SET status = 'in_progress', updated_at = ? WHERE id = ? AND status = 'init' AND sealed_at IS NULL`, at(now), id).Error
	if err != nil {
		return nil, translate(err, "batch")
	}
	return b.one(ctx, "t.id = ?", b.d.forShare("t"), id)
}

func (b *Batches) one(ctx context.Context, cond, lock string, args ...any) (*domain.Batch, error) {
	return one(b.reading(ctx).Raw("SELECT "+batchColumns+" FROM upload_batches t "+batchJoins+" WHERE "+cond+lock, args...), toBatch, "batch")
}

// countColumns sum up the files f of a batch. Stored are those that arrived,
// whatever became of them, but for those that a consumer failed.
const (
	arrived      = "f.stored_at IS NOT NULL AND f.status <> 'failed'"
	countColumns = `count(*) AS files_count,
	count(CASE WHEN f.status = 'uploading' THEN 1 END) AS uploading_count,
	count(CASE WHEN ` + arrived + ` THEN 1 END) AS stored_count,
	count(CASE WHEN f.status <> 'uploading' AND NOT (` + arrived + `) THEN 1 END) AS failed_count,
	coalesce(sum(CASE WHEN ` + arrived + ` THEN f.size_bytes END), 0) AS bytes_count,
	count(CASE WHEN f.status = 'stored' THEN 1 END) AS now_stored,
	count(CASE WHEN f.status = 'processed' THEN 1 END) AS now_processed,
	count(CASE WHEN f.status = 'failed' THEN 1 END) AS now_failed,
	count(CASE WHEN f.status = 'deleted' THEN 1 END) AS now_deleted`
)

// Counts implements ports.Batches.
func (b *Batches) Counts(ctx context.Context, id uuid.UUID) (domain.BatchCounts, error) {
	var row batchRow
	err := b.reading(ctx).Raw("SELECT "+countColumns+" FROM upload_files f WHERE f.batch_id = ? AND NOT f.superseded", id).Scan(&row).Error
	return toBatch(row).Counts, translate(err, "batch")
}

var batchList = listed[batchRow, *domain.Batch]{
	what: "upload_batches", columns: batchColumns, joins: batchJoins, owner: "t.created_by",
	search: func(c conn, word string) condition {
		return anyOf(append(byNewID(c, "t.id", made("upload_batches"), word), byName(c, "t.label", word))...)
	},
	filters: map[string]filter{"status": oneOf("t.status"), "creator": oneID("t.created_by")},
	groups:  map[string]group{"status": textGroup("t.status"), "creator": idGroup("t.created_by")},
	place:   func(r batchRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:      toBatch,
}

// List implements ports.Batches.
func (b *Batches) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.Batch], error) {
	page, err := list(ctx, b.conn, batchList, q)
	if err != nil {
		return page, err
	}
	open := make(map[uuid.UUID]*domain.Batch)
	var ids []uuid.UUID
	for _, batch := range page.Items {
		if batch.Status == domain.BatchInit || batch.Status == domain.BatchInProgress {
			open[batch.ID] = batch
			ids = append(ids, batch.ID)
		}
	}
	if len(ids) == 0 {
		return page, nil
	}
	var rows []batchRow
	err = b.reading(ctx).Raw("SELECT f.batch_id AS id, "+countColumns+" FROM upload_files f WHERE f.batch_id IN ? AND NOT f.superseded GROUP BY f.batch_id", ids).Scan(&rows).Error
	for _, r := range rows {
		open[r.ID].Counts = toBatch(r).Counts
	}
	return page, translate(err, "batch")
}

// ListOpen implements ports.Batches, longest untouched first. A sealed batch
// in which something is uploading cannot be settled yet and is left out.
func (b *Batches) ListOpen(ctx context.Context, idleSince time.Time, limit int) ([]uuid.UUID, error) {
	ids := []uuid.UUID{}
	since := at(idleSince)
	err := b.reading(ctx).Raw(`SELECT t.id FROM upload_batches t WHERE t.status IN ('init', 'in_progress') AND (
			t.sealed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM upload_files f WHERE f.batch_id = t.id AND f.status = 'uploading')
			OR t.sealed_at IS NULL AND t.updated_at < ? AND NOT EXISTS (SELECT 1 FROM upload_files f WHERE f.batch_id = t.id AND f.updated_at >= ?)
		) ORDER BY t.updated_at LIMIT ?`, since, since, limit).Scan(&ids).Error
	return ids, translate(err, "batch")
}

// Labels implements ports.Batches.
func (b *Batches) Labels(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	out := make(map[uuid.UUID]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	wanted, err := b.d.idsRelation("r", ids)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID    uuid.UUID
		Label string
	}
	err = b.reading(ctx).Raw("SELECT t.id, t.label FROM ? JOIN upload_batches t ON t.id = r.rid WHERE t.label <> ''", wanted).Scan(&rows).Error
	for _, r := range rows {
		out[r.ID] = r.Label
	}
	return out, translate(err, "batch")
}

// Tally implements ports.Batches.
func (b *Batches) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, b.conn, batchList, q, by)
}

// Peek implements ports.Batches.
func (b *Batches) Peek(ctx context.Context, q ports.ListQuery, within int) ([]*domain.Batch, error) {
	return peek(ctx, b.conn, batchList, q, within)
}

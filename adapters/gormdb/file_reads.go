package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Find implements ports.FileReader.
func (f *Files) Find(ctx context.Context, id uuid.UUID) (*domain.File, error) {
	all, err := f.some(ctx, "t.id = ?", id)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, notFound("file")
	}
	return all[0], nil
}

// FindAll implements ports.FileReader.
func (f *Files) FindAll(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.File, error) {
	out := make(map[uuid.UUID]*domain.File, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	wanted, err := f.d.idsRelation("r", ids)
	if err != nil {
		return nil, err
	}
	var rows []fileRow
	err = f.reading(ctx).Raw("SELECT "+fileColumns+" FROM ? JOIN upload_files t ON t.id = r.rid "+fileJoins, wanted).Scan(&rows).Error
	if err != nil {
		return nil, translate(err, "file")
	}
	for _, r := range rows {
		out[r.ID] = toFile(r)
	}
	return out, nil
}

// some reads files by what follows WHERE.
func (f *Files) some(ctx context.Context, rest string, args ...any) ([]*domain.File, error) {
	var rows []fileRow
	err := f.reading(ctx).Raw("SELECT "+fileColumns+" FROM upload_files t "+fileJoins+" WHERE "+rest, args...).Scan(&rows).Error
	if err != nil {
		return nil, translate(err, "file")
	}
	return mapped(rows, toFile), nil
}

// List implements ports.FileReader.
func (f *Files) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.File], error) {
	return list(ctx, f.conn, fileList, q)
}

// ListStale implements ports.FileReader, longest silent first.
func (f *Files) ListStale(ctx context.Context, before time.Time, limit int) ([]*domain.File, error) {
	return f.some(ctx, `t.status = 'uploading' AND t.updated_at < ? AND NOT EXISTS (
		SELECT 1 FROM upload_sessions s WHERE s.file_id = t.id AND s.status IN ('init', 'in_progress', 'completing'))
		ORDER BY t.updated_at LIMIT ?`, at(before), limit)
}

// owed is true while the receivers of a file's arrival still need its bytes:
// a delivery is pending, or its event is not fanned out yet.
func owed(file string) string {
	return `EXISTS (SELECT 1 FROM outbox_events e WHERE e.aggregate_id = ` + file + ` AND e.event_type = 'file.stored' AND (
		e.relayed_at IS NULL OR EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.event_id = e.id AND d.status = 'pending')))`
}

// ListExpired implements ports.FileReader, longest expired first.
func (f *Files) ListExpired(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]*domain.File, error) {
	return f.some(ctx, `t.status IN ('stored', 'processed', 'failed') AND t.expires_at <= ?
		AND (t.expires_at <= ? OR NOT `+owed("t.id")+`) ORDER BY t.expires_at LIMIT ?`, at(now), at(now.Add(-hold)), limit)
}

// ListExpiring implements ports.FileReader, soonest first. Outbox.Append notes
// on the file which expiry was told.
func (f *Files) ListExpiring(ctx context.Context, now, before time.Time, limit int) ([]*domain.File, error) {
	return f.some(ctx, `t.status = 'stored' AND t.expires_at > ? AND t.expires_at < ? AND `+f.d.distinctFrom("t.expiry_told", "t.expires_at")+`
		ORDER BY t.expires_at LIMIT ?`, at(now), at(before), limit)
}

// ListUnpurged implements ports.FileReader, longest untouched first.
func (f *Files) ListUnpurged(ctx context.Context, limit int) ([]*domain.File, error) {
	return f.some(ctx, "t.purged_at IS NULL AND (t.status = 'deleted' OR t.status = 'failed' AND t.stored_at IS NULL) ORDER BY t.updated_at LIMIT ?", limit)
}

// ListKept implements ports.FileReader.
func (f *Files) ListKept(ctx context.Context, after uuid.UUID, limit int) ([]*domain.File, error) {
	return f.some(ctx, "t.id > ? AND t.stored_at IS NOT NULL AND t.purged_at IS NULL AND t.status IN ('stored', 'processed', 'failed') ORDER BY t.id LIMIT ?", after, limit)
}

// LinkSerials implements ports.FileReader.
func (f *Files) LinkSerials(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]int, error) {
	out := make(map[uuid.UUID]int, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	wanted, err := f.d.idsRelation("r", ids)
	if err != nil {
		return nil, err
	}
	var rows []fileRow
	if err := f.reading(ctx).Raw("SELECT t.id, t.link_serial FROM ? JOIN upload_files t ON t.id = r.rid", wanted).Scan(&rows).Error; err != nil {
		return nil, translate(err, "file")
	}
	for _, r := range rows {
		out[r.ID] = r.LinkSerial
	}
	return out, nil
}

// Held implements ports.FileReader.
func (f *Files) Held(ctx context.Context, id uuid.UUID) (bool, error) {
	var held bool
	err := f.reading(ctx).Raw("SELECT "+owed("?"), id).Scan(&held).Error
	return held, translate(err, "file")
}

// Tally implements ports.FileReader.
func (f *Files) Tally(ctx context.Context, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	return tally(ctx, f.conn, fileList, q, by)
}

// Peek implements ports.FileReader.
func (f *Files) Peek(ctx context.Context, q ports.ListQuery, within int) ([]*domain.File, error) {
	return peek(ctx, f.conn, fileList, q, within)
}

package gormdb

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"doorito/ports"
)

// fileHourRow is one hour of one owner's files, or of everybody's together.
type fileHourRow struct {
	OwnerID   uuid.UUID
	HourAt    stamp
	Received  int
	Refused   int
	Bytes     int64
	Uploading int
	Stored    int
	Processed int
	Failed    int
	Deleted   int
	KeptBytes int64
	KeptFiles int
}

func (r *fileHourRow) add(o fileHourRow) {
	r.Received, r.Refused, r.Bytes = r.Received+o.Received, r.Refused+o.Refused, r.Bytes+o.Bytes
	r.Uploading, r.Stored, r.Processed, r.Failed, r.Deleted = r.Uploading+o.Uploading, r.Stored+o.Stored, r.Processed+o.Processed, r.Failed+o.Failed, r.Deleted+o.Deleted
}

func toFileHour(r fileHourRow) ports.FileHour {
	return ports.FileHour{
		Hour: r.HourAt.Time, Stored: r.Received, Failed: r.Refused, Bytes: r.Bytes,
		States: ports.FileStates{Uploading: r.Uploading, Stored: r.Stored, Processed: r.Processed, Failed: r.Failed, Deleted: r.Deleted},
	}
}

// countFiles counts the files created in a span, by hour and by owner. Those of
// nobody have the owner together.
func (c conn) countFiles(ctx context.Context, owner *uuid.UUID, from, to time.Time) ([]fileHourRow, error) {
	var rows []struct {
		Hour string
		Sums fileHourRow `gorm:"embedded"`
	}
	state := func(s string) string { return "count(CASE WHEN f.status = '" + s + "' THEN 1 END) AS " + s }
	sql := `SELECT ` + c.d.hour("f.created_at") + ` AS hour, coalesce(f.uploaded_by, ?) AS owner_id, count(f.stored_at) AS received,
		count(CASE WHEN f.stored_at IS NULL AND f.status <> 'uploading' THEN 1 END) AS refused,
		coalesce(sum(CASE WHEN f.stored_at IS NOT NULL THEN f.size_bytes END), 0) AS bytes,
		` + state("uploading") + `, ` + state("stored") + `, ` + state("processed") + `, ` + state("failed") + `, ` + state("deleted") + `
		FROM upload_files f WHERE f.created_at >= ? AND f.created_at < ?`
	args := []any{together, at(from), at(to)}
	if owner != nil {
		sql, args = sql+" AND f.uploaded_by = ?", append(args, *owner)
	}
	if err := c.reading(ctx).Raw(sql+" GROUP BY 1, 2", args...).Scan(&rows).Error; err != nil {
		return nil, translate(err, "figure")
	}
	out := make([]fileHourRow, len(rows))
	for i, r := range rows {
		hour, err := parseHour(r.Hour)
		if err != nil {
			return nil, err
		}
		out[i] = r.Sums
		out[i].HourAt = at(hour)
	}
	return out, nil
}

// moved is what an hour added to what is kept.
type moved struct {
	owner uuid.UUID
	hour  time.Time
	bytes int64
	files int
}

// movedFiles returns what came to the storage and went from it in a span.
func (c conn) movedFiles(ctx context.Context, from, to time.Time) ([]moved, error) {
	var rows []struct {
		Hour    string
		OwnerID uuid.UUID
		Bytes   int64
		Files   int
	}
	half := func(column, sign, cond string) string {
		return "SELECT " + c.d.hour("f."+column) + " AS hour, coalesce(f.uploaded_by, ?) AS owner_id, " + sign + "sum(f.size_bytes) AS bytes, " + sign + "count(*) AS files FROM upload_files f WHERE f." +
			column + " >= ? AND f." + column + " < ?" + cond + " GROUP BY 1, 2"
	}
	err := c.reading(ctx).Raw(half("stored_at", "", "")+" UNION ALL "+half("purged_at", "-", " AND f.stored_at IS NOT NULL"),
		together, at(from), at(to), together, at(from), at(to)).Scan(&rows).Error
	if err != nil {
		return nil, translate(err, "figure")
	}
	out := make([]moved, len(rows))
	for i, r := range rows {
		hour, err := parseHour(r.Hour)
		if err != nil {
			return nil, err
		}
		out[i] = moved{r.OwnerID, hour, r.Bytes, r.Files}
	}
	return out, nil
}

// kept is what an owner has in the storage.
type kept struct {
	Bytes int64
	Files int
}

// keptBefore is what each owner had before an hour.
func (f *Figures) keptBefore(ctx context.Context, hour time.Time) (map[uuid.UUID]kept, error) {
	var rows []fileHourRow
	err := f.reading(ctx).Raw(`SELECT h.owner_id, h.kept_bytes, h.kept_files FROM file_hours h
		JOIN (SELECT owner_id, max(hour_at) AS hour_at FROM file_hours WHERE hour_at < ? GROUP BY owner_id) AS last ON last.owner_id = h.owner_id AND last.hour_at = h.hour_at`,
		at(hour)).Scan(&rows).Error
	out := make(map[uuid.UUID]kept, len(rows))
	for _, r := range rows {
		out[r.OwnerID] = kept{r.KeptBytes, r.KeptFiles}
	}
	return out, translate(err, "figure")
}

func (f *Figures) fillFiles(ctx context.Context, target time.Time) (int, error) {
	mark, err := f.mark(ctx, marksFiles)
	if err != nil {
		return 0, err
	}
	first, err := f.earliest(ctx, "upload_files", "created_at")
	if err != nil || first.IsZero() {
		return 0, err
	}
	from := target.Add(-day)
	if mark.Before(target) {
		from = target.Add(-filesMove)
	}
	if mark.Before(from) {
		from = mark
	}
	if from.Before(first) {
		from = first
	}
	have, err := f.keptBefore(ctx, from)
	if err != nil {
		return 0, err
	}
	n := 0
	err = days(from, target, func(from, to time.Time) error {
		rows, err := f.fileHours(ctx, from, to, have)
		if err != nil {
			return err
		}
		n += len(rows)
		return store(ctx, f, "file_hours", marksFiles, rows, []clause.Column{{Name: "owner_id"}, {Name: "hour_at"}}, to)
	})
	return n, err
}

// fileHours computes a span, beginning with what is kept and moving that on.
func (f *Figures) fileHours(ctx context.Context, from, to time.Time, have map[uuid.UUID]kept) ([]fileHourRow, error) {
	counted, err := f.countFiles(ctx, nil, from, to)
	if err != nil {
		return nil, err
	}
	moves, err := f.movedFiles(ctx, from, to)
	if err != nil {
		return nil, err
	}
	type key struct {
		owner uuid.UUID
		hour  time.Time
	}
	rows := map[key]*fileHourRow{}
	delta := map[key]kept{}
	row := func(owner uuid.UUID, hour time.Time) *fileHourRow {
		k := key{owner, hour}
		if rows[k] == nil {
			rows[k] = &fileHourRow{OwnerID: owner, HourAt: at(hour)}
		}
		return rows[k]
	}
	// What is nobody's counts among everybody's alone.
	owners := func(id uuid.UUID) []uuid.UUID {
		if id == together {
			return []uuid.UUID{together}
		}
		return []uuid.UUID{id, together}
	}
	for _, c := range counted {
		for _, id := range owners(c.OwnerID) {
			row(id, c.HourAt.Time).add(c)
		}
	}
	for _, m := range moves {
		for _, id := range owners(m.owner) {
			row(id, m.hour)
			k := key{id, m.hour}
			delta[k] = kept{delta[k].Bytes + m.bytes, delta[k].Files + m.files}
		}
	}
	out := make([]fileHourRow, 0, len(rows))
	for _, r := range rows {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b fileHourRow) int {
		return cmp.Or(a.HourAt.Compare(b.HourAt.Time), slices.Compare(a.OwnerID[:], b.OwnerID[:]))
	})
	for i := range out {
		r := &out[i]
		d, k := delta[key{r.OwnerID, r.HourAt.Time}], have[r.OwnerID]
		k = kept{k.Bytes + d.Bytes, k.Files + d.Files}
		have[r.OwnerID] = k
		r.KeptBytes, r.KeptFiles = k.Bytes, k.Files
	}
	return out, nil
}

// ownerOf is whose hours answer a question.
func ownerOf(owner *uuid.UUID) uuid.UUID {
	if owner == nil {
		return together
	}
	return *owner
}

// FilesByHour implements ports.Stats. Files on their way count as neither.
func (s *Stats) FilesByHour(ctx context.Context, owner *uuid.UUID, from, to time.Time) ([]ports.FileHour, error) {
	mark, err := s.mark(ctx, marksFiles)
	if err != nil {
		return nil, err
	}
	begin, end := covered(from, to, mark)
	byHour := map[time.Time]*fileHourRow{}
	if begin.Before(end) {
		var rows []fileHourRow
		if err := s.reading(ctx).Table("file_hours").Select("hour_at, received, refused, bytes, uploading, stored, processed, failed, deleted").Where("owner_id = ? AND hour_at >= ? AND hour_at < ? AND received + refused + uploading > 0", ownerOf(owner), at(begin), at(end)).Find(&rows).Error; err != nil {
			return nil, translate(err, "figure")
		}
		for _, r := range rows {
			byHour[r.HourAt.Time] = &r
		}
	}
	for _, span := range uncovered(from, to, begin, end) {
		rows, err := s.countFiles(ctx, owner, span[0], span[1])
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if h := byHour[r.HourAt.Time]; h != nil {
				h.add(r)
			} else {
				byHour[r.HourAt.Time] = &r
			}
		}
	}
	out := make([]ports.FileHour, 0, len(byHour))
	for _, r := range byHour {
		out = append(out, toFileHour(*r))
	}
	slices.SortFunc(out, func(a, b ports.FileHour) int { return a.Hour.Compare(b.Hour) })
	return out, nil
}

// Storage implements ports.Stats: what was kept at the mark, and what came and
// went since.
func (s *Stats) Storage(ctx context.Context, owner *uuid.UUID) (int64, int, error) {
	mark, err := s.mark(ctx, marksFiles)
	if err != nil {
		return 0, 0, err
	}
	var last []kept
	err = s.reading(ctx).Table("file_hours").Select("kept_bytes AS bytes, kept_files AS files").Where("owner_id = ? AND hour_at < ?", ownerOf(owner), at(mark)).Order("hour_at DESC").Limit(1).Find(&last).Error
	if err != nil {
		return 0, 0, translate(err, "figure")
	}
	mine, args := "", []any{at(mark)}
	if owner != nil {
		mine, args = " AND f.uploaded_by = ?", append(args, *owner)
	}
	var since kept
	err = s.reading(ctx).Raw(`SELECT coalesce(sum(m.bytes), 0) AS bytes, coalesce(sum(m.files), 0) AS files FROM (
		SELECT f.size_bytes AS bytes, 1 AS files FROM upload_files f WHERE f.stored_at >= ?`+mine+`
		UNION ALL SELECT -f.size_bytes, -1 FROM upload_files f WHERE f.purged_at >= ? AND f.stored_at IS NOT NULL`+mine+`) AS m`, append(args, args...)...).Scan(&since).Error
	if err != nil {
		return 0, 0, translate(err, "figure")
	}
	if len(last) > 0 {
		since = kept{since.Bytes + last[0].Bytes, since.Files + last[0].Files}
	}
	return since.Bytes, since.Files, nil
}

// StorageByHour implements ports.Charts.
func (s *Stats) StorageByHour(ctx context.Context, owner *uuid.UUID, from, to time.Time) ([]ports.StorageHour, error) {
	var before, rows []fileHourRow
	of := func() *gorm.DB {
		return s.reading(ctx).Table("file_hours").Select("hour_at, kept_bytes, kept_files").Where("owner_id = ?", ownerOf(owner))
	}
	if err := of().Where("hour_at < ?", at(from)).Order("hour_at DESC").Limit(1).Find(&before).Error; err != nil {
		return nil, translate(err, "figure")
	}
	if err := of().Where("hour_at >= ? AND hour_at < ?", at(from), at(to)).Order("hour_at").Find(&rows).Error; err != nil {
		return nil, translate(err, "figure")
	}
	return mapped(append(before, rows...), func(r fileHourRow) ports.StorageHour {
		return ports.StorageHour{Hour: r.HourAt.Time, Bytes: r.KeptBytes, Files: r.KeptFiles}
	}), nil
}

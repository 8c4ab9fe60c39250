package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// Figures fills the tables of hours, see migration 0130.
//
// Each table has a mark: hours before it are computed, later ones are read from
// the rows themselves. Hours are written as they are and never added to, by any
// number of processes; what a pass finds wrong it writes anew.
type Figures struct {
	conn
	write *gorm.DB
}

var _ ports.Figures = (*Figures)(nil)

const (
	marksFiles    = "files"
	marksAttempts = "attempts"

	// settles is how long after its end an hour may still get rows that began
	// in it: a transaction, a slow answer, a clock that is a little behind.
	settles = 10 * time.Minute
	day     = 24 * time.Hour
	// filesMove is how far back files may still change state on the charts;
	// they are all looked at once an hour, and the last day at every pass.
	filesMove = 31 * day
	// keepHours is how long hours of attempts and samples of the queue are kept.
	keepHours = 400 * day
)

// together is the owner or endpoint of rows that sum up all of them.
var together = uuid.Nil

type markRow struct {
	Name  string
	Until stamp `gorm:"column:until_at"`
}

// mark returns the hour from which on a table is not computed, zero for all.
func (c conn) mark(ctx context.Context, name string) (time.Time, error) {
	var rows []markRow
	err := c.reading(ctx).Table("figure_marks").Where("name = ?", name).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return time.Time{}, translate(err, "figure")
	}
	return rows[0].Until.Time, nil
}

// covered is the part of [from, to) that the hours before a mark answer for;
// begin is not before end when there is none.
func covered(from, to, mark time.Time) (begin, end time.Time) {
	begin = from.UTC().Truncate(time.Hour)
	if begin.Before(from) {
		begin = begin.Add(time.Hour)
	}
	end = to.UTC().Truncate(time.Hour)
	if mark.Before(end) {
		end = mark
	}
	return begin, end
}

// uncovered are the spans of [from, to) beside the part from begin to end.
func uncovered(from, to, begin, end time.Time) [][2]time.Time {
	if !begin.Before(end) {
		return [][2]time.Time{{from, to}}
	}
	var spans [][2]time.Time
	if from.Before(begin) {
		spans = append(spans, [2]time.Time{from, begin})
	}
	if end.Before(to) {
		spans = append(spans, [2]time.Time{end, to})
	}
	return spans
}

// Fill implements ports.Figures.
func (f *Figures) Fill(ctx context.Context, now time.Time) (int, error) {
	target := now.UTC().Add(-settles).Truncate(time.Hour)
	files, err := f.fillFiles(ctx, target)
	if err != nil {
		return files, err
	}
	attempts, err := f.fillAttempts(ctx, target)
	if err != nil {
		return files + attempts, err
	}
	return files + attempts, f.sampleQueue(ctx, now)
}

// days calls step for the days from `from` until `to`, the last one shorter.
func days(from, to time.Time, step func(from, to time.Time) error) error {
	for from.Before(to) {
		next := from.Add(day)
		if next.After(to) {
			next = to
		}
		if err := step(from, next); err != nil {
			return err
		}
		from = next
	}
	return nil
}

// earliest is the whole hour of a table's first time, zero when it is empty.
func (f *Figures) earliest(ctx context.Context, table, column string) (time.Time, error) {
	var first []stamp
	err := f.reading(ctx).Table(table).Order(column).Limit(1).Pluck(column, &first).Error
	if err != nil || len(first) == 0 {
		return time.Time{}, translate(err, "figure")
	}
	return first[0].Time.Truncate(time.Hour), nil
}

// store writes hours and moves the mark on to `to`, never back.
func store[R any](ctx context.Context, f *Figures, table, mark string, rows []R, keys []clause.Column, to time.Time) error {
	err := f.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if len(rows) > 0 {
			if err := tx.Table(table).Clauses(clause.OnConflict{Columns: keys, UpdateAll: true}).CreateInBatches(rows, 500).Error; err != nil {
				return err
			}
		}
		m := markRow{Name: mark, Until: at(to)}
		return tx.Table("figure_marks").Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "name"}},
			DoUpdates: clause.Assignments(map[string]any{"until_at": gorm.Expr(f.d.greatest("figure_marks.until_at", "excluded.until_at"))}),
		}).Create(&m).Error
	})
	return translate(err, "figure")
}

type queueRow struct {
	TakenAt stamp
	Pending int
}

// sampleQueue notes how many deliveries wait, at most one sample a minute.
func (f *Figures) sampleQueue(ctx context.Context, now time.Time) error {
	var n int64
	if err := f.reading(ctx).Table("webhook_deliveries").Where("status = ?", string(domain.DeliveryPending)).Count(&n).Error; err != nil {
		return translate(err, "figure")
	}
	err := f.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		row := queueRow{TakenAt: at(now.Truncate(time.Minute)), Pending: int(n)}
		err := tx.Table("queue_samples").Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "taken_at"}},
			DoUpdates: clause.Assignments(map[string]any{"pending": gorm.Expr(f.d.greatest("queue_samples.pending", "excluded.pending"))}),
		}).Create(&row).Error
		if err != nil {
			return err
		}
		return tx.Exec("DELETE FROM queue_samples WHERE taken_at < ?", at(now.Add(-keepHours))).Error
	})
	return translate(err, "figure")
}

// QueueByHour implements ports.Charts.
func (s *Stats) QueueByHour(ctx context.Context, from, to time.Time) ([]ports.QueueHour, error) {
	var rows []struct {
		Hour    string
		Pending int
	}
	err := s.reading(ctx).Raw("SELECT "+s.d.hour("q.taken_at")+" AS hour, max(q.pending) AS pending FROM queue_samples q WHERE q.taken_at >= ? AND q.taken_at < ? GROUP BY 1 ORDER BY 1",
		at(from), at(to)).Scan(&rows).Error
	if err != nil {
		return nil, translate(err, "figure")
	}
	out := make([]ports.QueueHour, len(rows))
	for i, r := range rows {
		if out[i].Hour, err = parseHour(r.Hour); err != nil {
			return nil, err
		}
		out[i].Pending = r.Pending
	}
	return out, nil
}

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

// Schedules keeps when tasks run.
type Schedules struct{ conn }

var _ ports.Schedules = (*Schedules)(nil)

type scheduleRow struct {
	ID             uuid.UUID
	Seed           string
	Name           string
	Task           string
	Cron           string
	EveryUS        int64 `gorm:"column:every_us"`
	Enabled        bool
	NextRunAt      stamp
	LastRunAt      *stamp
	LastDurationUS int64 `gorm:"column:last_duration_us"`
	LastResult     string
	LastError      string
	CreatedAt      stamp
	UpdatedAt      stamp
}

func (scheduleRow) TableName() string { return "schedules" }

func fromSchedule(s *domain.Schedule) scheduleRow {
	return scheduleRow{
		ID: s.ID, Seed: s.Seed, Name: clean(s.Name), Task: string(s.Task), Cron: s.Cron, EveryUS: s.Every.Microseconds(), Enabled: s.Enabled, NextRunAt: at(s.NextRunAt),
		LastRunAt: atPtr(s.LastRunAt), LastDurationUS: s.LastDuration.Microseconds(), LastResult: clean(s.LastResult), LastError: clean(s.LastError),
		CreatedAt: at(s.CreatedAt), UpdatedAt: at(s.UpdatedAt),
	}
}

func toSchedule(r scheduleRow) *domain.Schedule {
	return &domain.Schedule{
		ID: r.ID, Seed: r.Seed, Name: r.Name, Task: domain.Task(r.Task), Cron: r.Cron, Every: micros(r.EveryUS), Enabled: r.Enabled, NextRunAt: r.NextRunAt.Time,
		LastRunAt: r.LastRunAt.ptr(), LastDuration: micros(r.LastDurationUS), LastResult: r.LastResult, LastError: r.LastError,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// Seed implements ports.ScheduleWriter. A name that somebody gave to another
// schedule is no reason to fail.
func (s *Schedules) Seed(ctx context.Context, all []*domain.Schedule) error {
	tx, err := s.writing(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	rows := mapped(all, fromSchedule)
	return translate(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error, "schedule")
}

// Insert implements ports.ScheduleWriter.
func (s *Schedules) Insert(ctx context.Context, sc *domain.Schedule) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	row := fromSchedule(sc)
	// A duplicate would abort the caller's transaction on PostgreSQL.
	tx = tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoNothing: true}).Create(&row)
	if tx.Error == nil && tx.RowsAffected == 0 {
		return scheduleTaken(sc.Name)
	}
	return translate(tx.Error, "schedule")
}

// Save implements ports.ScheduleWriter.
func (s *Schedules) Save(ctx context.Context, sc *domain.Schedule) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	row := fromSchedule(sc)
	tx = tx.Model(&row).Select("name", "task", "cron", "every_us", "enabled", "next_run_at", "updated_at").Updates(row)
	if isDuplicate(tx.Error) {
		return scheduleTaken(sc.Name)
	}
	return affected(tx, "schedule")
}

func scheduleTaken(name string) error {
	return &domain.Error{Code: domain.Conflict, Field: "name", Message: "There is a schedule named " + name + " already. Choose another name."}
}

// Find implements ports.ScheduleReader.
func (s *Schedules) Find(ctx context.Context, id uuid.UUID) (*domain.Schedule, error) {
	return one(s.reading(ctx).Where("id = ?", id), toSchedule, "schedule")
}

// Lock implements ports.ScheduleWriter.
func (s *Schedules) Lock(ctx context.Context, id uuid.UUID) (*domain.Schedule, error) {
	if _, err := s.writing(ctx); err != nil {
		return nil, err
	}
	return one(s.reading(ctx).Raw("SELECT t.* FROM schedules t WHERE t.id = ?"+s.d.forUpdate("t"), id), toSchedule, "schedule")
}

var scheduleList = listed[scheduleRow, *domain.Schedule]{
	what: "schedules", columns: "t.*",
	search: func(c conn, word string) condition {
		return anyOf(append(byID(c, "t.id", word), byText(c, "t.name", word), byText(c, "t.task", word))...)
	},
	filters: map[string]filter{"enabled": yesNo("t.enabled"), "task": oneOf("t.task")},
	place:   func(r scheduleRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:      toSchedule,
}

// List implements ports.ScheduleReader.
func (s *Schedules) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.Schedule], error) {
	return list(ctx, s.conn, scheduleList, q)
}

// ListDue implements ports.ScheduleReader.
func (s *Schedules) ListDue(ctx context.Context, now time.Time) ([]*domain.Schedule, error) {
	return s.all(s.reading(ctx).Where("enabled AND next_run_at <= ?", at(now)).Order("next_run_at, id"))
}

// ListOf implements ports.ScheduleReader, by name.
func (s *Schedules) ListOf(ctx context.Context, task domain.Task) ([]*domain.Schedule, error) {
	return s.all(s.reading(ctx).Where("task = ?", string(task)).Order("name"))
}

func (s *Schedules) all(tx *gorm.DB) ([]*domain.Schedule, error) {
	var rows []scheduleRow
	if err := tx.Find(&rows).Error; err != nil {
		return nil, translate(err, "schedule")
	}
	return mapped(rows, toSchedule), nil
}

// Advance implements ports.ScheduleWriter.
func (s *Schedules) Advance(ctx context.Context, id uuid.UUID, from, next time.Time) (bool, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return false, err
	}
	// Not updated_at, which is people's.
	tx = tx.Model(&scheduleRow{}).Where("id = ? AND next_run_at = ? AND enabled", id, at(from)).UpdateColumn("next_run_at", at(next))
	return tx.RowsAffected > 0, translate(tx.Error, "schedule")
}

// Delete implements ports.ScheduleWriter.
func (s *Schedules) Delete(ctx context.Context, id uuid.UUID) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	return affected(tx.Where("id = ?", id).Delete(&scheduleRow{}), "schedule")
}

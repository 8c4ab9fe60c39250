package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// Schedules keeps when tasks run.
type Schedules struct{ conn }

var _ ports.Schedules = (*Schedules)(nil)

type scheduleRow struct {
	ID             uuid.UUID
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
		ID: s.ID, Name: s.Name, Task: string(s.Task), Cron: s.Cron, EveryUS: s.Every.Microseconds(), Enabled: s.Enabled, NextRunAt: at(s.NextRunAt),
		LastRunAt: atPtr(s.LastRunAt), LastDurationUS: s.LastDuration.Microseconds(), LastResult: clean(s.LastResult), LastError: clean(s.LastError),
		CreatedAt: at(s.CreatedAt), UpdatedAt: at(s.UpdatedAt),
	}
}

func toSchedule(r scheduleRow) *domain.Schedule {
	return &domain.Schedule{
		ID: r.ID, Name: r.Name, Task: domain.Task(r.Task), Cron: r.Cron, Every: micros(r.EveryUS), Enabled: r.Enabled, NextRunAt: r.NextRunAt.Time,
		LastRunAt: r.LastRunAt.ptr(), LastDuration: micros(r.LastDurationUS), LastResult: r.LastResult, LastError: r.LastError,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// Seed implements ports.Schedules.
func (s *Schedules) Seed(ctx context.Context, all []*domain.Schedule) error {
	tx, err := s.writing(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	rows := mapped(all, fromSchedule)
	err = tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoNothing: true}).Create(&rows).Error
	return translate(err, "schedule")
}

// List implements ports.Schedules, by name.
func (s *Schedules) List(ctx context.Context) ([]*domain.Schedule, error) {
	var rows []scheduleRow
	if err := s.reading(ctx).Order("name").Find(&rows).Error; err != nil {
		return nil, translate(err, "schedule")
	}
	return mapped(rows, toSchedule), nil
}

// ListDue implements ports.Schedules, longest due first.
func (s *Schedules) ListDue(ctx context.Context, now time.Time) ([]*domain.Schedule, error) {
	var rows []scheduleRow
	if err := s.reading(ctx).Where("enabled AND next_run_at <= ?", at(now)).Order("next_run_at, id").Find(&rows).Error; err != nil {
		return nil, translate(err, "schedule")
	}
	return mapped(rows, toSchedule), nil
}

// Advance implements ports.Schedules.
func (s *Schedules) Advance(ctx context.Context, id uuid.UUID, from, next time.Time) (bool, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return false, err
	}
	tx = tx.Model(&scheduleRow{}).Where("id = ? AND next_run_at = ?", id, at(from)).Update("next_run_at", at(next))
	return tx.RowsAffected > 0, translate(tx.Error, "schedule")
}

// RecordRun implements ports.Schedules.
func (s *Schedules) RecordRun(ctx context.Context, task domain.Task, now time.Time, took time.Duration, result, failure string) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	err = tx.Model(&scheduleRow{}).Where("task = ?", string(task)).Updates(map[string]any{
		"last_run_at": at(now), "last_duration_us": took.Microseconds(), "last_result": clean(result), "last_error": clean(failure), "updated_at": at(now),
	}).Error
	return translate(err, "schedule")
}

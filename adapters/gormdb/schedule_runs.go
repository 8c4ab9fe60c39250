package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"doorito/domain"
	"doorito/ports"
)

// ScheduleRuns keeps the history of schedules.
type ScheduleRuns struct{ conn }

var _ ports.ScheduleRuns = (*ScheduleRuns)(nil)

type scheduleRunRow struct {
	ID         uuid.UUID
	ScheduleID uuid.UUID
	Task       string
	Cause      string
	AskedBy    string
	State      string
	DueAt      stamp
	StartedAt  *stamp
	EndedAt    *stamp
	LeaseUntil *stamp
	Result     string
	Failure    string
	CreatedAt  stamp
}

func (scheduleRunRow) TableName() string { return "schedule_runs" }

func fromRun(r *domain.ScheduleRun) scheduleRunRow {
	return scheduleRunRow{
		ID: r.ID, ScheduleID: r.ScheduleID, Task: string(r.Task), Cause: string(r.Cause), AskedBy: clean(r.AskedBy), State: string(r.State),
		DueAt: at(r.DueAt), StartedAt: atPtr(r.StartedAt), EndedAt: atPtr(r.EndedAt), LeaseUntil: atPtr(r.LeaseUntil),
		Result: clean(r.Result), Failure: clean(r.Failure), CreatedAt: at(r.CreatedAt),
	}
}

func toRun(r scheduleRunRow) *domain.ScheduleRun {
	return &domain.ScheduleRun{
		ID: r.ID, ScheduleID: r.ScheduleID, Task: domain.Task(r.Task), Cause: domain.RunCause(r.Cause), AskedBy: r.AskedBy, State: domain.RunState(r.State),
		DueAt: r.DueAt.Time, StartedAt: r.StartedAt.ptr(), EndedAt: r.EndedAt.ptr(), LeaseUntil: r.LeaseUntil.ptr(),
		Result: r.Result, Failure: r.Failure, CreatedAt: r.CreatedAt.Time,
	}
}

// Queue implements ports.ScheduleRuns; the table's unique indexes decide.
func (s *ScheduleRuns) Queue(ctx context.Context, r *domain.ScheduleRun) (bool, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return false, err
	}
	row := fromRun(r)
	tx = tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
	return tx.RowsAffected > 0, translate(tx.Error, "run")
}

// Claim implements ports.ScheduleRuns.
func (s *ScheduleRuns) Claim(ctx context.Context, task domain.Task, now, until time.Time) ([]*domain.ScheduleRun, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return nil, err
	}
	var rows []scheduleRunRow
	err = tx.Raw("UPDATE schedule_runs SET state = 'running', started_at = ?, lease_until = ? WHERE task = ? AND state = 'queued' RETURNING *", at(now), at(until), string(task)).Scan(&rows).Error
	return mapped(rows, toRun), translate(err, "run")
}

// Renew implements ports.ScheduleRuns.
func (s *ScheduleRuns) Renew(ctx context.Context, ids []uuid.UUID, until time.Time) error {
	tx, err := s.writing(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	return translate(tx.Model(&scheduleRunRow{}).Where("id IN ? AND state = 'running'", ids).Update("lease_until", at(until)).Error, "run")
}

// End implements ports.ScheduleRuns.
func (s *ScheduleRuns) End(ctx context.Context, r *domain.ScheduleRun, from ...domain.RunState) (bool, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return false, err
	}
	row := fromRun(r)
	states := mapped(from, func(st domain.RunState) string { return string(st) })
	done := tx.Model(&scheduleRunRow{}).Where("id = ? AND state IN ?", r.ID, states).
		Select("state", "ended_at", "lease_until", "result", "failure").Updates(row)
	if done.Error != nil || done.RowsAffected == 0 {
		return false, translate(done.Error, "run")
	}
	// Not updated_at, which is people's.
	err = tx.Model(&scheduleRow{}).Where("id = ?", r.ScheduleID).UpdateColumns(map[string]any{
		"last_run_at": row.StartedAt, "last_duration_us": r.Took(*r.EndedAt).Microseconds(), "last_result": row.Result, "last_error": row.Failure,
	}).Error
	return true, translate(err, "schedule")
}

// Trim implements ports.ScheduleRuns.
func (s *ScheduleRuns) Trim(ctx context.Context, schedule uuid.UUID, keep int) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	err = tx.Exec(`DELETE FROM schedule_runs WHERE schedule_id = ? AND state NOT IN ('queued', 'running') AND id NOT IN (
		SELECT k.id FROM schedule_runs k WHERE k.schedule_id = ? ORDER BY k.created_at DESC, k.id DESC LIMIT ?)`, schedule, schedule, keep).Error
	return translate(err, "run")
}

// Waiting implements ports.ScheduleRunReader.
func (s *ScheduleRuns) Waiting(ctx context.Context) ([]domain.Task, error) {
	var tasks []domain.Task
	err := s.reading(ctx).Model(&scheduleRunRow{}).Where("state = 'queued'").Distinct("task").Order("task").Pluck("task", &tasks).Error
	return tasks, translate(err, "run")
}

// Stale implements ports.ScheduleRunReader.
func (s *ScheduleRuns) Stale(ctx context.Context, now time.Time) ([]*domain.ScheduleRun, error) {
	var rows []scheduleRunRow
	err := s.reading(ctx).Where("state = 'running' AND lease_until < ?", at(now)).Order("lease_until, id").Find(&rows).Error
	return mapped(rows, toRun), translate(err, "run")
}

// Recent implements ports.ScheduleRunReader.
func (s *ScheduleRuns) Recent(ctx context.Context, schedules []uuid.UUID, n int) (map[uuid.UUID][]*domain.ScheduleRun, error) {
	out := make(map[uuid.UUID][]*domain.ScheduleRun, len(schedules))
	if len(schedules) == 0 {
		return out, nil
	}
	var rows []scheduleRunRow
	err := s.reading(ctx).Raw(`SELECT * FROM (SELECT t.*, row_number() OVER (PARTITION BY t.schedule_id ORDER BY t.created_at DESC, t.id DESC) AS place
		FROM schedule_runs t WHERE t.schedule_id IN ?) AS q WHERE place <= ? ORDER BY created_at DESC, id DESC`, schedules, n).Scan(&rows).Error
	for _, r := range rows {
		out[r.ScheduleID] = append(out[r.ScheduleID], toRun(r))
	}
	return out, translate(err, "run")
}

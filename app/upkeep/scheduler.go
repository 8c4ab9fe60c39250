package upkeep

import (
	"context"
	"log/slog"
	"time"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Scheduler implements usecase.Scheduler.
type Scheduler struct {
	DB    ports.Transactor
	Tasks ports.Tasks
	Cron  ports.Cron
	Clock ports.Clock
	IDs   ports.IDs
	Log   *slog.Logger
}

var _ usecase.Scheduler = (*Scheduler)(nil)

// Intervals seed the schedules; afterwards the database is right.
type Intervals struct {
	Sweep         time.Duration
	FilesCleanup  int // hours, at whole multiples of the day
	OutboxCleanup int // hours
}

// Seed inserts the schedules that are not there yet.
func (s *Scheduler) Seed(ctx context.Context, in Intervals) error {
	now := s.Clock.Now()
	every := func(name string, task domain.Task, d time.Duration) *domain.Schedule {
		return &domain.Schedule{ID: s.IDs.New(), Name: name, Task: task, Every: d, Enabled: true, NextRunAt: now.Add(d), CreatedAt: now, UpdatedAt: now}
	}
	seeds := []*domain.Schedule{every("Outbox sweep", domain.TaskSweep, in.Sweep)}
	for _, c := range []struct {
		name string
		task domain.Task
		expr string
	}{
		{"Outbox cleanup", domain.TaskOutboxCleanup, hours(in.OutboxCleanup)},
		{"Files cleanup", domain.TaskFilesCleanup, hours(in.FilesCleanup)},
		{"Expiring notice", domain.TaskExpiring, "0 * * * *"},
		{"Abandoned-session cleanup", domain.TaskSessions, "30 * * * *"},
		{"Storage sweep", domain.TaskStorage, "45 2 * * *"},
		{"Attempt retention", domain.TaskAttempts, "15 3 * * *"},
	} {
		next, err := s.Cron.Next(c.expr, now)
		if err != nil {
			return err
		}
		seeds = append(seeds, &domain.Schedule{ID: s.IDs.New(), Name: c.name, Task: c.task, Cron: c.expr, Enabled: true, NextRunAt: next, CreatedAt: now, UpdatedAt: now})
	}
	return s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error { return st.Schedules.Seed(ctx, seeds) })
}

// Tick implements usecase.Scheduler. A schedule is advanced first, by
// compare-and-set, and put back when the queue does not take the task: a
// scheduler that dies in between loses one run, which the next one makes good.
func (s *Scheduler) Tick(ctx context.Context) (int, error) {
	now := s.Clock.Now()
	due, err := s.DB.Reads().Schedules.ListDue(ctx, now)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, sc := range due {
		next, err := s.next(sc, now)
		if err != nil {
			return n, err
		}
		won, err := s.advance(ctx, sc, sc.NextRunAt, next)
		if err != nil {
			return n, err
		}
		if !won {
			continue
		}
		if err := s.Tasks.Enqueue(ctx, sc.Task); err != nil {
			if _, back := s.advance(ctx, sc, next, sc.NextRunAt); back != nil {
				s.Log.Error("schedule not put back", "schedule", sc.Name, "error", back)
			}
			return n, err
		}
		n++
	}
	return n, nil
}

func (s *Scheduler) next(sc *domain.Schedule, now time.Time) (time.Time, error) {
	if sc.Every > 0 {
		return now.Add(sc.Every), nil
	}
	return s.Cron.Next(sc.Cron, now)
}

func (s *Scheduler) advance(ctx context.Context, sc *domain.Schedule, from, to time.Time) (won bool, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		won, err = st.Schedules.Advance(ctx, sc.ID, from, to)
		return err
	})
	return won, err
}

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
	var seeds []*domain.Schedule
	for _, c := range []struct {
		name string
		task domain.Task
		cron string
	}{
		{"Outbox sweep", domain.TaskSweep, ""},
		{"Outbox cleanup", domain.TaskOutboxCleanup, hours(in.OutboxCleanup)},
		{"Uploads cleanup", domain.TaskFilesCleanup, hours(in.FilesCleanup)},
		{"Expiring notice", domain.TaskExpiring, "0 * * * *"},
		{"Abandoned-session cleanup", domain.TaskSessions, "30 * * * *"},
		{"Storage sweep", domain.TaskStorage, "45 2 * * *"},
		{"Storage check", domain.TaskStorageCheck, "45 4 * * 0"},
		{"Attempt retention", domain.TaskAttempts, "15 3 * * *"},
		{"Hourly figures", domain.TaskFigures, "*/5 * * * *"},
	} {
		sc := &domain.Schedule{ID: s.IDs.New(), Seed: string(c.task), Name: c.name, Task: c.task, Cron: c.cron, Enabled: true, CreatedAt: now, UpdatedAt: now}
		if c.cron == "" {
			sc.Every = in.Sweep
		}
		var err error
		if sc.NextRunAt, err = first(s.Cron, sc, now); err != nil {
			return err
		}
		seeds = append(seeds, sc)
	}
	return s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error { return st.Schedules.Seed(ctx, seeds) })
}

// Tick implements usecase.Scheduler. Advancing a schedule and queueing its run
// are one transaction, by compare-and-set on the due time. What waits is put
// into the queue at every tick until a worker has it: Redis may forget.
func (s *Scheduler) Tick(ctx context.Context) (int, error) {
	now := s.Clock.Now()
	if err := s.lose(ctx, now); err != nil {
		return 0, err
	}
	due, err := s.DB.Reads().Schedules.ListDue(ctx, now)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, sc := range due {
		queued, err := s.advance(ctx, sc, now)
		if err != nil {
			return n, err
		}
		if queued {
			n++
		}
	}
	return n, s.enqueue(ctx)
}

// Begin implements usecase.Scheduler.
func (s *Scheduler) Begin(ctx context.Context) error {
	now := s.Clock.Now()
	err := s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		for _, task := range []domain.Task{domain.TaskSweep, domain.TaskFigures} {
			all, err := st.Schedules.ListOf(ctx, task)
			if err != nil {
				return err
			}
			for _, sc := range all {
				if !sc.Enabled {
					continue
				}
				if _, err := st.Runs.Queue(ctx, domain.NewRun(s.IDs.New(), sc, domain.RunStart, now, now)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.enqueue(ctx)
}

// lose ends the runs of processes that died.
func (s *Scheduler) lose(ctx context.Context, now time.Time) error {
	stale, err := s.DB.Reads().Runs.Stale(ctx, now)
	if err != nil || len(stale) == 0 {
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		for _, r := range stale {
			r.Lose(now)
			lost, err := st.Runs.End(ctx, r, domain.RunRunning)
			if err != nil {
				return err
			}
			if lost {
				s.Log.Warn("run lost", "task", r.Task, "started_at", r.StartedAt)
			}
		}
		return nil
	})
}

// advance moves a schedule to its next time and queues the run that is due;
// false when another scheduler did, or when a run waits already.
func (s *Scheduler) advance(ctx context.Context, sc *domain.Schedule, now time.Time) (queued bool, err error) {
	next, err := following(s.Cron, sc, sc.NextRunAt, now)
	if err != nil {
		return false, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		won, err := st.Schedules.Advance(ctx, sc.ID, sc.NextRunAt, next)
		if queued = false; err != nil || !won {
			return err
		}
		queued, err = st.Runs.Queue(ctx, domain.NewRun(s.IDs.New(), sc, domain.RunDue, sc.NextRunAt, now))
		return err
	})
	return queued, err
}

func (s *Scheduler) enqueue(ctx context.Context) error {
	waiting, err := s.DB.Reads().Runs.Waiting(ctx)
	if err != nil {
		return err
	}
	for _, task := range waiting {
		if err := s.Tasks.Enqueue(ctx, task); err != nil {
			return err
		}
	}
	return nil
}

package ports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// Schedules keeps when tasks run. List filters: enabled (true, false), task.
// Search: part of the name or of the task, an id or the end of one.
type Schedules interface {
	ScheduleReader
	ScheduleWriter
}

// ScheduleReader reads schedules.
type ScheduleReader interface {
	Find(ctx context.Context, id uuid.UUID) (*domain.Schedule, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.Schedule], error)
	// ListDue returns enabled schedules whose time has come, longest due first.
	ListDue(ctx context.Context, now time.Time) ([]*domain.Schedule, error)
	// ListOf returns the schedules of a task, enabled or not.
	ListOf(ctx context.Context, task domain.Task) ([]*domain.Schedule, error)
}

// ScheduleWriter changes schedules.
type ScheduleWriter interface {
	// Seed inserts schedules whose seed is not there yet.
	Seed(ctx context.Context, s []*domain.Schedule) error
	// Insert is a Conflict on field name when the name is taken.
	Insert(ctx context.Context, s *domain.Schedule) error
	// Save is a Conflict as Insert is. What is known of the last run stays as
	// it is in the database.
	Save(ctx context.Context, s *domain.Schedule) error
	// Lock is Find that keeps others from changing the row until the
	// transaction ends.
	Lock(ctx context.Context, id uuid.UUID) (*domain.Schedule, error)
	// Advance sets next_run_at if it is still `from` and the schedule enabled;
	// false when another scheduler, or somebody's change, was first.
	Advance(ctx context.Context, id uuid.UUID, from, next time.Time) (bool, error)
	// Delete removes the schedule with its runs.
	Delete(ctx context.Context, id uuid.UUID) error
}

// ScheduleRuns keeps the history of schedules, of which each has at most one
// run that waits.
type ScheduleRuns interface {
	// Queue adds a run that waits; false, with nothing added, when its schedule
	// has one waiting already or had one for this due time.
	Queue(ctx context.Context, r *domain.ScheduleRun) (bool, error)
	// Claim sets the waiting runs of a task running, with a lease until then,
	// and returns them: each to one caller.
	Claim(ctx context.Context, task domain.Task, now, until time.Time) ([]*domain.ScheduleRun, error)
	// Renew moves the leases of those of the runs that still run.
	Renew(ctx context.Context, ids []uuid.UUID, until time.Time) error
	// End writes how a run went if it is still in one of the states, and notes
	// it on its schedule; false otherwise.
	End(ctx context.Context, r *domain.ScheduleRun, from ...domain.RunState) (bool, error)
	// Trim removes all but the newest runs of a schedule; those that wait or
	// run stay.
	Trim(ctx context.Context, schedule uuid.UUID, keep int) error
	ScheduleRunReader
}

// ScheduleRunReader reads runs.
type ScheduleRunReader interface {
	// Waiting returns the tasks of which a run waits.
	Waiting(ctx context.Context) ([]domain.Task, error)
	// Stale returns runs that run under a lease that ended before now.
	Stale(ctx context.Context, now time.Time) ([]*domain.ScheduleRun, error)
	// Recent returns the newest n runs of each of the schedules, newest first.
	Recent(ctx context.Context, schedules []uuid.UUID, n int) (map[uuid.UUID][]*domain.ScheduleRun, error)
}

package usecase

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Schedules is what admins do with schedules; Forbidden for others. Changes
// count from the next tick of the schedulers on, a second later.
type Schedules interface {
	ScheduleReader
	ScheduleWriter
}

// ScheduleReader looks at schedules.
type ScheduleReader interface {
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*ScheduleRow], error)
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*ScheduleDetail, error)
	// FindByName finds by the name without regard to case, or by the id.
	FindByName(ctx context.Context, a domain.Actor, name string) (*domain.Schedule, error)
	// Preview says what a form's `when` means and when the next runs would be.
	// Invalid on when.
	Preview(ctx context.Context, a domain.Actor, when string) (*SchedulePreview, error)
}

// ScheduleWriter changes schedules.
type ScheduleWriter interface {
	// Add is Invalid on name, task or when, Conflict on name.
	Add(ctx context.Context, a domain.Actor, f domain.ScheduleForm) (*domain.Schedule, error)
	// Change is Conflict when the schedule was changed since seen too.
	Change(ctx context.Context, a domain.Actor, id uuid.UUID, f domain.ScheduleForm, seen time.Time) (*domain.Schedule, error)
	// Switch turns schedules on or off, all or none, and says how many changed.
	Switch(ctx context.Context, a domain.Actor, ids []uuid.UUID, on bool) (int, error)
	// Run queues a run of each now, also of those that are off, and says how
	// many it queued: one that waits already is not queued twice.
	Run(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error)
	// Delete removes schedules that somebody added, with their runs, all or
	// none; those that the portal brought are a Conflict.
	Delete(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error)
}

// ScheduleRow is a schedule with its newest runs, newest first.
type ScheduleRow struct {
	*domain.Schedule
	Runs []*domain.ScheduleRun
}

// ScheduleDetail is what a schedule's page shows.
type ScheduleDetail struct {
	ScheduleRow
	Next []time.Time // the next five runs, if it is on
}

// SchedulePreview is what a timing means.
type SchedulePreview struct {
	Words string // "" when only the cron fields say it
	Next  []time.Time
}

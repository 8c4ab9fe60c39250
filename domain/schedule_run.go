package domain

import (
	"time"

	"github.com/google/uuid"
)

// RunState is where a run of a schedule is.
//
//	queued ─> running ─> done, failed
//	             └─────> lost (its process died: nobody renews the lease) ─> done, failed if it comes back
type RunState string

const (
	RunQueued  RunState = "queued"
	RunRunning RunState = "running"
	RunDone    RunState = "done"
	RunFailed  RunState = "failed"
	RunLost    RunState = "lost"
)

// RunCause is why a run was queued.
type RunCause string

const (
	RunDue   RunCause = "due"   // its time had come
	RunAsked RunCause = "asked" // somebody asked for it
	RunStart RunCause = "start" // a worker started
	RunAgain RunCause = "again" // the one before failed or was lost
)

const (
	// RunLease is how long a run counts as running without a sign of life.
	RunLease = 30 * time.Second
	// KeptRuns is how many runs of a schedule are kept: a day of one that runs
	// every five minutes.
	KeptRuns = 300
)

// ScheduleRun is one run of a schedule.
type ScheduleRun struct {
	ID         uuid.UUID
	ScheduleID uuid.UUID
	Task       Task
	Cause      RunCause
	AskedBy    string // whose wish it was; "" unless asked
	State      RunState
	DueAt      time.Time
	StartedAt  *time.Time
	EndedAt    *time.Time
	LeaseUntil *time.Time // of one that runs
	Result     string
	Failure    string // why it failed or was lost
	CreatedAt  time.Time
}

// NewRun is a run that waits for a worker.
func NewRun(id uuid.UUID, s *Schedule, cause RunCause, due, now time.Time) *ScheduleRun {
	return &ScheduleRun{ID: id, ScheduleID: s.ID, Task: s.Task, Cause: cause, State: RunQueued, DueAt: due, CreatedAt: now}
}

// End says how it went.
func (r *ScheduleRun) End(result, failure string, now time.Time) {
	r.State, r.Result, r.Failure, r.EndedAt, r.LeaseUntil = RunDone, result, failure, &now, nil
	if failure != "" {
		r.State = RunFailed
	}
}

// Lose ends a run of which nothing is heard any more.
func (r *ScheduleRun) Lose(now time.Time) {
	r.End("", "The process that ran it died or lost the database. What it had done stays; the next run goes on.", now)
	r.State = RunLost
}

// Took is how long it ran, up to now for one that still runs.
func (r *ScheduleRun) Took(now time.Time) time.Duration {
	if r.StartedAt == nil {
		return 0
	}
	if r.EndedAt != nil {
		now = *r.EndedAt
	}
	return now.Sub(*r.StartedAt)
}

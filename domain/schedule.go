package domain

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Task is a piece of periodic or on-demand work that workers know by name.
type Task string

const (
	TaskRelay         Task = "relay.run"          // fan out events that are not relayed
	TaskDelivery      Task = "delivery.run"       // send deliveries that are due
	TaskSweep         Task = "outbox.sweep"       // relay, deliver and settle what was left behind
	TaskOutboxCleanup Task = "outbox.cleanup"     // remove events past their retention
	TaskFilesCleanup  Task = "files.cleanup"      // fail dead uploads, expire files, purge bytes
	TaskExpiring      Task = "files.expiring"     // announce files that expire soon
	TaskSessions      Task = "sessions.cleanup"   // remove dead web sessions, throttles and idempotency keys
	TaskStorage       Task = "storage.sweep"      // remove bytes that no row names
	TaskStorageCheck  Task = "storage.check"      // compare storage and database, and tell what differs
	TaskAttempts      Task = "attempts.retention" // remove old attempts
	TaskFigures       Task = "figures.fill"       // sum up the hours for charts
)

// ScheduledTasks are those that a schedule may run, in the order in which they
// are offered.
var ScheduledTasks = []Task{TaskSweep, TaskOutboxCleanup, TaskFilesCleanup, TaskExpiring, TaskSessions, TaskStorage, TaskStorageCheck, TaskAttempts, TaskFigures}

// MaxScheduleName is the most characters that a schedule's name has.
const MaxScheduleName = 80

// Schedule says when a task runs: a cron expression (UTC) or an interval.
type Schedule struct {
	ID           uuid.UUID
	Seed         string // what it was seeded as; "" for one that somebody added
	Name         string // unique
	Task         Task
	Cron         string        // five fields; empty when Every is set
	Every        time.Duration // 0 when Cron is set
	Enabled      bool
	NextRunAt    time.Time
	LastRunAt    *time.Time
	LastDuration time.Duration
	LastResult   string
	LastError    string // "" when the last run went well
	CreatedAt    time.Time
	UpdatedAt    time.Time // by people; runs leave it alone
}

// ScheduleForm is what admins change of a schedule. When is read by ParseWhen.
type ScheduleForm struct {
	Name    string
	Task    Task
	When    string
	Enabled bool
}

// ScheduleFormOf is the form filled with what the schedule has.
func ScheduleFormOf(s *Schedule) ScheduleForm {
	return ScheduleForm{Name: s.Name, Task: s.Task, When: s.When(), Enabled: s.Enabled}
}

// Change takes the form over and says what differs, "old → new" by field.
// Invalid on name, task or when; nothing has changed then. NextRunAt is left to
// the caller, who can read cron expressions.
func (s *Schedule) Change(f ScheduleForm, now time.Time) (changes map[string]string, err error) {
	f.Name = strings.TrimSpace(f.Name)
	if n := utf8.RuneCountInString(f.Name); n == 0 || n > MaxScheduleName {
		return nil, FieldErrorf("name", "A name has 1 to %d characters; this one has %d.", MaxScheduleName, n)
	}
	if f.Task, err = parseTask(f.Task); err != nil {
		return nil, err
	}
	cron, every, err := ParseWhen(f.When)
	if err != nil {
		return nil, err
	}
	was := *s
	s.Name, s.Task, s.Cron, s.Every, s.Enabled = f.Name, f.Task, cron, every, f.Enabled
	changes = map[string]string{}
	note := func(field, old, now string) {
		if old != now {
			changes[field] = old + " → " + now
		}
	}
	note("name", was.Name, s.Name)
	note("task", string(was.Task), string(s.Task))
	note("when", was.When(), s.When())
	note("enabled", yesOrNo(was.Enabled), yesOrNo(s.Enabled))
	if len(changes) > 0 {
		s.UpdatedAt = now
	}
	return changes, nil
}

// Switch turns it on or off and says what differs, as Change does.
func (s *Schedule) Switch(on bool, now time.Time) (changes map[string]string) {
	if s.Enabled == on {
		return nil
	}
	s.Enabled, s.UpdatedAt = on, now
	return map[string]string{"enabled": yesOrNo(!on) + " → " + yesOrNo(on)}
}

func parseTask(t Task) (Task, error) {
	names := make([]string, len(ScheduledTasks))
	for i, known := range ScheduledTasks {
		if t == known {
			return t, nil
		}
		names[i] = string(known)
	}
	return "", FieldErrorf("task", "There is no task %q to schedule. It is one of %s.", t, strings.Join(names, ", "))
}

// When is the timing as ParseWhen reads it.
func (s *Schedule) When() string {
	if s.Every > 0 {
		return "every " + FormatInterval(s.Every)
	}
	return s.Cron
}

// Skip is the next run of an interval that was due at `due`: the first after
// now in the same rhythm, so that a pause does not pile runs up.
func (s *Schedule) Skip(due, now time.Time) time.Time {
	late := now.Sub(due)
	if late < 0 {
		return due
	}
	return due.Add((late/s.Every + 1) * s.Every)
}

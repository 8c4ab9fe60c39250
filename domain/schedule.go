package domain

import (
	"time"

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
	TaskAttempts      Task = "attempts.retention" // remove old attempts
)

// Schedule says when a task runs: a cron expression (UTC) or an interval.
type Schedule struct {
	ID           uuid.UUID
	Name         string
	Task         Task
	Cron         string        // five fields; empty when Every is set
	Every        time.Duration // 0 when Cron is set
	Enabled      bool
	NextRunAt    time.Time
	LastRunAt    *time.Time
	LastDuration time.Duration
	LastResult   string
	LastError    string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

package worker

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"doorito/domain"
)

// Queues, with how often each is looked at first when several have tasks.
const (
	queueRelay    = "relay"
	queueDelivery = "delivery"
	queueKeeping  = "housekeeping"
)

var queueWeights = map[string]int{queueRelay: 5, queueDelivery: 3, queueKeeping: 2}

const (
	// uniqueFor bounds how long a lock lives whose task vanished; see doc.go.
	uniqueFor = time.Minute
	// maxRetry is how often a failed task is tried again before it is archived.
	maxRetry = 3
	// hardMargin is what a task that overruns its time gets to end by itself.
	hardMargin = 15 * time.Second
)

// kind is how a task is queued and run.
type kind struct {
	queue     string
	limit     time.Duration // after this its context ends
	retention time.Duration // how long it is shown when done
	about     string        // for the dashboard
}

var kinds = map[domain.Task]kind{
	domain.TaskRelay:         {queueRelay, time.Minute, time.Hour, "Fan out events that no bell announced"},
	domain.TaskDelivery:      {queueDelivery, time.Minute, time.Hour, "Send deliveries that are due"},
	domain.TaskSweep:         {queueKeeping, 2 * time.Minute, 24 * time.Hour, "Relay, send and settle what was left behind"},
	domain.TaskOutboxCleanup: {queueKeeping, 10 * time.Minute, 7 * 24 * time.Hour, "Remove events past their retention"},
	domain.TaskFilesCleanup:  {queueKeeping, 30 * time.Minute, 7 * 24 * time.Hour, "End dead uploads, expire files, purge bytes"},
	domain.TaskExpiring:      {queueKeeping, 10 * time.Minute, 7 * 24 * time.Hour, "Announce files that expire soon"},
	domain.TaskSessions:      {queueKeeping, 10 * time.Minute, 7 * 24 * time.Hour, "Remove dead web sessions and idle throttles"},
	domain.TaskStorage:       {queueKeeping, 30 * time.Minute, 7 * 24 * time.Hour, "Remove bytes that no file or upload names"},
	domain.TaskStorageCheck:  {queueKeeping, 6 * time.Hour, 7 * 24 * time.Hour, "Compare storage and database, both ways"},
	domain.TaskAttempts:      {queueKeeping, 10 * time.Minute, 7 * 24 * time.Hour, "Remove old delivery attempts"},
	domain.TaskFigures:       {queueKeeping, 20 * time.Minute, 24 * time.Hour, "Sum up the hours for charts"},
}

func kindOf(task domain.Task) (kind, error) {
	k, ok := kinds[task]
	if !ok {
		return kind{}, domain.FieldErrorf("task", "There is no task %q. Use one of %v.", task, slices.Sorted(maps.Keys(kinds)))
	}
	return k, nil
}

func (k kind) options() []asynq.Option {
	return []asynq.Option{
		asynq.Queue(k.queue), asynq.Unique(uniqueFor), asynq.Retention(k.retention),
		asynq.MaxRetry(maxRetry), asynq.Timeout(k.limit + hardMargin),
	}
}

// describe is the dashboard's line for a task, which has no payload to show.
func describe(task string, payload []byte) string {
	if k, ok := kinds[domain.Task(task)]; ok && len(payload) == 0 {
		return k.about
	}
	return fmt.Sprintf("%q", payload)
}

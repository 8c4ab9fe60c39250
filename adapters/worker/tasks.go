package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var _ ports.Tasks = (*Tasks)(nil)

// Tasks puts tasks into the queue.
type Tasks struct {
	client  redis.UniversalClient
	breaker *breaker
}

// NewTasks connects at the first Enqueue.
func NewTasks(r *Redis, clock ports.Clock) *Tasks {
	return &Tasks{client: r.brisk(), breaker: &breaker{clock: clock}}
}

// Close ends the connections.
func (t *Tasks) Close() error { return t.client.Close() }

// Ping tells within a second whether the queue answers; the error is Unavailable.
func (t *Tasks) Ping(ctx context.Context) error { return ping(ctx, t.client) }

// Enqueue takes a second at most; the error is Unavailable when Redis does not
// answer, and then comes at once for a second. An unknown task is Invalid.
func (t *Tasks) Enqueue(ctx context.Context, task domain.Task) error {
	k, err := kindOf(task)
	if err != nil {
		return err
	}
	return t.breaker.do(func() error {
		ctx, cancel := context.WithTimeout(ctx, briskly)
		defer cancel()
		waits, err := t.isWaiting(ctx, k.queue, task)
		if err != nil || waits {
			return err
		}
		// A client remembers which queues it has announced, and would not
		// announce them again to a Redis that was emptied; so each call has
		// a new one.
		_, err = asynq.NewClientFromRedisClient(t.client).EnqueueContext(ctx, asynq.NewTask(string(task), nil), k.options()...)
		if err != nil && !errors.Is(err, asynq.ErrDuplicateTask) {
			return unreachable(err)
		}
		return nil
	})
}

// isWaiting looks into the queue, since a task that waits longer than its lock
// lives (no worker for a while) would be enqueued again and again.
func (t *Tasks) isWaiting(ctx context.Context, queue string, task domain.Task) (bool, error) {
	found, err := asynq.NewInspectorFromRedisClient(t.client).ListPendingTasks(queue, asynq.PageSize(100))
	if errors.Is(err, asynq.ErrQueueNotFound) {
		return false, nil
	}
	if err != nil {
		return false, unreachable(err)
	}
	for _, f := range found {
		if f.Type == string(task) {
			return true, nil
		}
	}
	return false, ctx.Err()
}

// backstopEvery is how often Backstop tries again.
const backstopEvery = 2 * time.Second

// Backstop queues the sweep at start: the embedded queue forgot at exit what it
// held. It tries until that works or ctx ends.
func Backstop(ctx context.Context, s usecase.Scheduler, log *slog.Logger) {
	for level := slog.LevelWarn; ctx.Err() == nil; level = slog.LevelDebug {
		err := s.Begin(ctx)
		if err == nil {
			return
		}
		log.Log(ctx, level, "sweep not enqueued, trying on", "error", err)
		pause(ctx, backstopEvery)
	}
}

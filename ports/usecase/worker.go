package usecase

import (
	"context"

	"doorito/domain"
)

// Engine moves events to endpoints.
type Engine interface {
	// Run relays and delivers until ctx ends: woken by the bell, looking once a
	// second by itself. It returns after its sends in flight ended or were
	// released.
	Run(ctx context.Context) error
}

// Work is what queue handlers call: each does what is due now and returns a
// line worth reading ("relayed 12 events, sent 31 deliveries").
type Work interface {
	Do(ctx context.Context, task domain.Task) (result string, err error)
}

// Repair finishes what died half done and cannot wait for a sweep.
type Repair interface {
	// FinishLeft completes up to limit uploads that died between their last
	// byte and their event, and returns how many. Several processes may do it
	// at once.
	FinishLeft(ctx context.Context, limit int) (int, error)
}

// Scheduler puts due schedules into the queue.
type Scheduler interface {
	// Tick queues a run of every schedule that is due, advances it, and calls
	// workers for what waits; it returns how many runs it queued. Two schedulers
	// that tick at once queue a run once. Runs whose process died are ended.
	Tick(ctx context.Context) (int, error)
	// Begin queues the outbox sweep unless it is switched off, for a worker that
	// starts: the embedded queue forgot at exit what it held.
	Begin(ctx context.Context) error
}

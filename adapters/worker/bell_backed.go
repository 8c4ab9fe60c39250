package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"doorito/domain"
	"doorito/ports"
)

var _ ports.Bell = (*BackedBell)(nil)

// backEvery is how often rings put the backstop tasks into the queue at most.
const backEvery = 10 * time.Second

// BackedBell is a bell whose rings leave relay.run and delivery.run in the queue
// too: seen in the dashboard, they do what a lost ring would have left undone.
type BackedBell struct {
	bell  ports.Bell
	tasks ports.Tasks
	clock ports.Clock
	log   *slog.Logger

	mu   sync.Mutex
	next time.Time
}

// NewBackedBell rings bell and, in the background and every ten seconds at most,
// enqueues the two tasks.
func NewBackedBell(bell ports.Bell, tasks ports.Tasks, clock ports.Clock, log *slog.Logger) *BackedBell {
	return &BackedBell{bell: bell, tasks: tasks, clock: clock, log: log}
}

// Ring waits for the bell alone and returns its error.
func (b *BackedBell) Ring(ctx context.Context) error {
	if b.isDue() {
		go b.enqueue(context.WithoutCancel(ctx))
	}
	return b.bell.Ring(ctx)
}

// Listen is the bell's.
func (b *BackedBell) Listen(ctx context.Context) <-chan struct{} { return b.bell.Listen(ctx) }

func (b *BackedBell) isDue() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if now.Before(b.next) {
		return false
	}
	b.next = now.Add(backEvery)
	return true
}

func (b *BackedBell) enqueue(ctx context.Context) {
	for _, task := range []domain.Task{domain.TaskRelay, domain.TaskDelivery} {
		if err := b.tasks.Enqueue(ctx, task); err != nil {
			b.log.Warn("task not enqueued", "task", task, "error", err)
		}
	}
}

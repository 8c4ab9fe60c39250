package worker

import (
	"context"
	"sync"

	"doorito/ports"
)

var _ ports.Bell = (*LocalBell)(nil)

// LocalBell rings within this process, for embedded mode.
type LocalBell struct {
	mu   sync.Mutex
	ears map[chan struct{}]struct{}
}

// NewLocalBell has no listeners yet.
func NewLocalBell() *LocalBell { return &LocalBell{ears: map[chan struct{}]struct{}{}} }

// Ring never fails and never waits.
func (b *LocalBell) Ring(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ear := range b.ears {
		wake(ear)
	}
	return nil
}

// Listen hears rings until ctx ends; its channel is never closed.
func (b *LocalBell) Listen(ctx context.Context) <-chan struct{} {
	ear := make(chan struct{}, 1)
	b.mu.Lock()
	b.ears[ear] = struct{}{}
	b.mu.Unlock()
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.ears, ear)
	})
	return ear
}

// wake leaves one value in the ear; a ring that was not heard yet holds this one too.
func wake(ear chan<- struct{}) {
	select {
	case ear <- struct{}{}:
	default:
	}
}

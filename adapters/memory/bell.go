package memory

import (
	"context"
	"sync"

	"doorito/ports"
)

var _ ports.Bell = (*Bell)(nil)

// Bell rings within the process.
type Bell struct {
	mu    sync.Mutex
	ears  map[chan struct{}]bool
	rings int
	fault error
}

// NewBell has no listeners yet.
func NewBell() *Bell { return &Bell{ears: map[chan struct{}]bool{}} }

// FailWith makes Ring return err and reach nobody, until called with nil.
func (b *Bell) FailWith(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = err
}

// Rings returns how often Ring was called, failed ones too.
func (b *Bell) Rings() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rings
}

// Ring wakes every listener; several rings before one wakes fold into one.
func (b *Bell) Ring(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rings++
	if b.fault != nil {
		return b.fault
	}
	for ear := range b.ears {
		select {
		case ear <- struct{}{}:
		default:
		}
	}
	return nil
}

// Listen hears rings until ctx ends. The channel is never closed.
func (b *Bell) Listen(ctx context.Context) <-chan struct{} {
	ear := make(chan struct{}, 1)
	b.mu.Lock()
	b.ears[ear] = true
	b.mu.Unlock()
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.ears, ear)
	})
	return ear
}

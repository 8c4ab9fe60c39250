package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"doorito/ports"
)

// openFor is how long Redis is left alone after a failure.
const openFor = time.Second

// breaker spares callers the wait for a Redis that did not answer just now.
type breaker struct {
	clock ports.Clock

	mu    sync.Mutex
	until time.Time
	last  error
}

// do calls fn, or returns the last failure while that is less than openFor old.
func (b *breaker) do(fn func() error) error {
	b.mu.Lock()
	open, last := b.clock.Now().Before(b.until), b.last
	b.mu.Unlock()
	if open {
		return last
	}
	err := fn()
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil:
		b.until, b.last = time.Time{}, nil
	case !errors.Is(err, context.Canceled): // the caller left: that says nothing of Redis
		b.until, b.last = b.clock.Now().Add(openFor), err
	}
	return err
}

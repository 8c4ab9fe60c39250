package memory

import (
	"context"
	"slices"
	"sync"

	"doorito/domain"
	"doorito/ports"
)

var _ ports.Tasks = (*Tasks)(nil)

// Tasks records what was enqueued.
type Tasks struct {
	mu      sync.Mutex
	waiting []domain.Task
	fault   error
}

// NewTasks is an empty queue.
func NewTasks() *Tasks { return &Tasks{} }

// FailWith makes Enqueue return err, until called with nil.
func (t *Tasks) FailWith(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fault = err
}

// Enqueue adds a task unless it waits already.
func (t *Tasks) Enqueue(_ context.Context, task domain.Task) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fault != nil {
		return t.fault
	}
	if !slices.Contains(t.waiting, task) {
		t.waiting = append(t.waiting, task)
	}
	return nil
}

// Waiting returns what waits, oldest first, and leaves it there.
func (t *Tasks) Waiting() []domain.Task {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.waiting)
}

// Take empties the queue and returns what waited, oldest first.
func (t *Tasks) Take() []domain.Task {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.waiting
	t.waiting = nil
	return out
}

package sessions

import (
	"context"
	"sync"

	"github.com/google/uuid"
)

// What a lock is about; a part's number is its own.
const (
	opening   = -1 // between taking the epoch and holding the writer
	finishing = -2
)

type lockKey struct {
	session uuid.UUID
	what    int
}

// locks keeps requests of one process from doing the same thing side by side.
// Between processes the epoch, compare-and-set and the storage's own fences
// decide; these only spare work and keep the order of two that come at once.
type locks struct {
	mu    sync.Mutex
	held  map[lockKey]*held
	turns map[lockKey]*turn
}

type held struct {
	turn chan struct{} // holds one value while locked
	uses int           // holders and waiters
}

// lock waits for its turn, or for the end of ctx.
func (l *locks) lock(ctx context.Context, key lockKey) (unlock func(), err error) {
	l.mu.Lock()
	h := l.enter(key)
	l.mu.Unlock()
	select {
	case h.turn <- struct{}{}:
		return func() { <-h.turn; l.leave(key, h) }, nil
	case <-ctx.Done():
		l.leave(key, h)
		return nil, ctx.Err()
	}
}

// enter counts the caller among those who use the lock; mu is held.
func (l *locks) enter(key lockKey) *held {
	if l.held == nil {
		l.held = map[lockKey]*held{}
	}
	h := l.held[key]
	if h == nil {
		h = &held{turn: make(chan struct{}, 1)}
		l.held[key] = h
	}
	h.uses++
	return h
}

// isHeld tells whether somebody holds or waits for it.
func (l *locks) isHeld(key lockKey) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held[key] != nil
}

func (l *locks) leave(key lockKey, h *held) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h.uses--; h.uses == 0 {
		delete(l.held, key)
	}
}

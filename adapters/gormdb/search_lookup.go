package gormdb

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// lookups lets questions that are asked at the same time share what they look up
// alike: the rows of a page and the numbers beside them are about the same names.
// Nothing is kept; who comes when an answer is there asks anew.
type lookups struct {
	mu    sync.Mutex
	under map[string]*lookup
}

type lookup struct {
	done chan struct{}
	ids  []uuid.UUID
	err  error
}

var errLookupCutOff = errors.New("the look-up of names did not end")

// of asks, or waits for who asks for the same words already. When they fail, their
// end may have been that of their request, so that it asks after all. With none to
// share with it asks: a transaction sees what is its own.
func (l *lookups) of(ctx context.Context, words []string, ask func() ([]uuid.UUID, error)) ([]uuid.UUID, error) {
	if l == nil {
		return ask()
	}
	key := strings.Join(words, " ")
	l.mu.Lock()
	if other := l.under[key]; other != nil {
		l.mu.Unlock()
		select {
		case <-other.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if other.err != nil {
			return ask()
		}
		return other.ids, nil
	}
	mine := &lookup{done: make(chan struct{}), err: errLookupCutOff}
	if l.under == nil {
		l.under = map[string]*lookup{}
	}
	l.under[key] = mine
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.under, key)
		close(mine.done)
	}()
	mine.ids, mine.err = ask()
	return mine.ids, mine.err
}

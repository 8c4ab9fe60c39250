package accounts

import (
	"cmp"
	"context"
	"sync"
	"time"

	"doorito/domain"
)

// lookupPatience is how long a request waits for others to have their token
// looked up. A database that hangs for one holds up nobody else for longer.
const lookupPatience = 100 * time.Millisecond

// bearer is a token with its owner; both are only read.
type bearer struct {
	token *domain.APIToken
	user  *domain.User
}

// lookups has requests with the same token share the question whose it is. One
// is asked at a time; those who come meanwhile share the next. That is asked
// after all of them came: what was taken away before a request is so for it.
type lookups struct {
	mu sync.Mutex
	// next are those to be asked after the ones that are being asked, by the
	// token's hash; nil for nobody waiting.
	next     map[string]*lookup
	patience time.Duration // instead of lookupPatience, in tests
}

// lookup is asked by the first of those who share it.
type lookup struct {
	turn  chan struct{} // closed when it may be asked
	done  chan struct{} // closed when it has been
	found bearer
	ok    bool // an answer of found
}

// do returns the answer of ask, or of another's that was asked later than do was
// called. Errors are not shared.
func (l *lookups) do(ctx context.Context, hash string, ask func() (bearer, error)) (bearer, error) {
	q, first := l.join(hash)
	if !first {
		if l.wait(ctx, q.done) && q.ok {
			return q.found, nil
		}
		return ask()
	}
	if !l.wait(ctx, q.turn) {
		l.quit(hash, q)
	}
	defer l.pass(hash, q)
	found, err := ask()
	q.found, q.ok = found, err == nil
	return found, err
}

// wait is false when it took too long.
func (l *lookups) wait(ctx context.Context, until <-chan struct{}) bool {
	if isClosed(until) {
		return true
	}
	timer := time.NewTimer(cmp.Or(l.patience, lookupPatience))
	defer timer.Stop()
	select {
	case <-until:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// join is the lookup that a request shares; first says that it is to ask.
func (l *lookups) join(hash string) (q *lookup, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next, busy := l.next[hash]
	if next != nil {
		return next, false
	}
	if l.next == nil {
		l.next = map[string]*lookup{}
	}
	q = &lookup{turn: make(chan struct{}), done: make(chan struct{})}
	if busy {
		l.next[hash] = q
		return q, true
	}
	l.next[hash] = nil
	close(q.turn)
	return q, true
}

// quit lets nobody else share a lookup that is asked before its turn.
func (l *lookups) quit(hash string, q *lookup) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next[hash] == q {
		l.next[hash] = nil
	}
}

// pass tells those who share a lookup, and has the next one asked, unless this
// one was asked before its turn.
func (l *lookups) pass(hash string, q *lookup) {
	close(q.done)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !isClosed(q.turn) {
		return
	}
	next := l.next[hash]
	if next == nil {
		delete(l.next, hash)
		return
	}
	l.next[hash] = nil
	close(next.turn)
}

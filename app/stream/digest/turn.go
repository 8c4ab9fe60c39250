package digest

import (
	"crypto/sha256"
	"sync"
)

// turn is a stream's turn at being hashed.
type turn struct {
	digest *Digest
	rest   []byte // what is still to be written
	// woken tells who waits that a slot is theirs (true), or that another took
	// this turn along (false).
	woken chan bool
}

// alone writes all that is left.
func (t *turn) alone() {
	_, _ = t.digest.sum.Write(t.rest) // a hash never fails
	t.rest = nil
}

// align fills the last block of the digest, if it lacks some bytes.
func (t *turn) align() bool {
	lacks, ok := t.digest.open()
	if !ok || lacks == 0 {
		return ok
	}
	n := min(lacks, len(t.rest))
	_, _ = t.digest.sum.Write(t.rest[:n])
	t.rest = t.rest[n:]
	lacks, ok = t.digest.open()
	return ok && lacks == 0
}

// together writes what two turns have, the whole blocks of both side by side.
func together(a, b *turn) {
	if a.align() && b.align() {
		if n := min(len(a.rest), len(b.rest)) / sha256.BlockSize; n > 0 {
			x, y := a.digest.scratch.words(), b.digest.scratch.words()
			if p, q := &a.rest[0], &b.rest[0]; p == q {
				same(&x, &y, p, n)
			} else {
				blocks(&x, &y, p, q, n)
			}
			a.close(x, n*sha256.BlockSize)
			b.close(y, n*sha256.BlockSize)
		}
	}
	a.alone()
	b.alone()
}

// close gives the digest the state after n bytes.
func (t *turn) close(w words, n int) {
	t.digest.scratch.advance(w, n)
	if t.digest.sum.UnmarshalBinary(t.digest.scratch[:]) == nil {
		t.rest = t.rest[n:]
	}
}

// queue has the streams of the process meet.
type queue struct {
	mu      sync.Mutex
	free    int // slots
	waiting []*turn
}

// write returns when t has been written.
func (q *queue) write(t *turn) {
	if !q.enter(t) && !<-t.woken {
		return
	}
	if other := q.pop(); other == nil {
		t.alone()
	} else {
		together(t, other)
		other.woken <- false
	}
	q.leave()
}

// enter takes a free slot, or joins those that wait.
func (q *queue) enter(t *turn) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.free > 0 {
		q.free--
		return true
	}
	t.woken = make(chan bool, 1)
	q.waiting = append(q.waiting, t)
	return false
}

// leave hands the slot to the first who waits.
func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if next := q.first(); next != nil {
		next.woken <- true
		return
	}
	q.free++
}

// pop is the first who waits; nil for nobody.
func (q *queue) pop() *turn {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.first()
}

// first is pop for who holds mu.
func (q *queue) first() *turn {
	if len(q.waiting) == 0 {
		return nil
	}
	t := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	return t
}

package s3

import (
	"container/list"
	"context"
	"sync"
)

// Budget bounds the bytes that all writers together hold in memory. Who asks
// for more than is left waits in line.
type Budget struct {
	// Beside is how many bytes uploads hold outside their parts. They count too, up
	// to a fourth of the budget, so that a crowd of slow lines leaves parts their
	// room. It may be nil, and is set before the first upload.
	Beside func() int64

	mu    sync.Mutex
	size  int64
	used  int64
	queue list.List // of *claim, first come first served
	idle  idlers
}

type claim struct {
	n     int64
	ready chan struct{} // closed when the bytes are charged
}

// NewBudget of so many bytes, at least one page.
func NewBudget(bytes int64) *Budget { return &Budget{size: max(bytes, pageSize)} }

// Used returns the bytes charged now.
func (b *Budget) Used() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// acquire charges n bytes, at most the whole budget, and returns how many; it
// waits for its turn until ctx ends.
func (b *Budget) acquire(ctx context.Context, n int64) (int64, error) {
	b.mu.Lock()
	n = min(n, b.size)
	if b.queue.Len() == 0 && b.fits(n) {
		b.used += n
		b.mu.Unlock()
		return n, nil
	}
	c := &claim{n: n, ready: make(chan struct{})}
	place := b.queue.PushBack(c)
	b.mu.Unlock()
	b.reclaim(c)
	select {
	case <-c.ready:
		return n, nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-c.ready: // charged in the meantime
		b.used -= n
	default:
		b.queue.Remove(place)
	}
	b.serve()
	return 0, ctx.Err()
}

// fits tells whether n more bytes may be charged; the first may always. mu is held.
func (b *Budget) fits(n int64) bool {
	if b.used == 0 {
		return true
	}
	beside := int64(0)
	if b.Beside != nil {
		beside = min(b.Beside(), b.size/4)
	}
	return b.used+beside+n <= b.size
}

// overdraw charges n bytes without waiting, for a part that turns out longer
// than it was declared: to wait with a part half full could be for ever.
func (b *Budget) overdraw(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used += n
}

// release gives n bytes back.
func (b *Budget) release(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	b.serve()
}

// serve charges those whose turn it is; mu is held.
func (b *Budget) serve() {
	for e := b.queue.Front(); e != nil; e = b.queue.Front() {
		c := e.Value.(*claim)
		if !b.fits(c.n) {
			return
		}
		b.used += c.n
		close(c.ready)
		b.queue.Remove(e)
	}
}

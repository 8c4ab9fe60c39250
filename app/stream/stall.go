package stream

import (
	"sync"
	"time"
)

// stallAfter is how long bytes wait, in a buffer that is not full, for more of
// them. A source that stalls for longer gets them passed on, so that the next
// checkpoint has them.
const stallAfter = 200 * time.Millisecond

// stall watches a reader that waits for its source with a buffer begun.
type stall struct {
	pass  func(b *buffer) bool // false: not now, ask again
	mu    sync.Mutex
	timer *time.Timer
	b     *buffer // nil while the reader waits for nothing
}

// begin is called before the source is asked; end when it has answered, from
// when on b is the reader's alone.
func (s *stall) begin(b *buffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b = b
	if s.timer == nil {
		s.timer = time.AfterFunc(stallAfter, s.ring)
		return
	}
	s.timer.Reset(stallAfter)
}

func (s *stall) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b = nil
	if s.timer != nil {
		s.timer.Stop()
	}
}

func (s *stall) ring() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.b != nil && !s.pass(s.b) {
		s.timer.Reset(stallAfter)
	}
}

// passOn gives hasher and writer a copy of what b has and they do not, or of as
// much as fits in a free buffer.
func (r *resume) passOn(b *buffer) bool {
	if r.stopped() || b.n == b.sent || r.limit >= 0 && r.begun+int64(b.n) > r.limit {
		return true
	}
	select {
	case c := <-r.ring.free:
		c.n = copy(c.data, b.data[b.sent:b.n])
		b.sent += c.n
		r.pass(c, r.begun+int64(b.sent))
		return b.sent == b.n
	default:
		return false // they are busy with all there are
	}
}

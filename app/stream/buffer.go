package stream

import (
	"sync"
	"sync/atomic"
)

const (
	// BufferSize in bytes. Each buffer wakes hasher and writer, which costs more
	// than that it leaves the processor's nearest cache on the way to them: a
	// stream takes a tenth of a second less for each GB than with small ones.
	BufferSize = 1 << 20
	// Buffers is how many of them one stream uses at most. More would only be
	// cold when their turn comes.
	Buffers = 3
	// SmallSize in bytes is that of the buffers which a stream is sure to have,
	// ownBuffers.
	SmallSize  = 256 << 10
	ownBuffers = 2
	// sharedBuffers are the large ones of all streams of the process: for eight.
	sharedBuffers = 24
	// ringSize is how many one stream holds while it changes to large ones.
	ringSize = Buffers + ownBuffers
)

// shared has a token for each large buffer that streams use.
var shared = make(chan struct{}, sharedBuffers)

func borrow() bool {
	select {
	case shared <- struct{}{}:
		return true
	default:
		return false
	}
}

// buffer is filled by the reader, then read by hasher and writer at once.
type buffer struct {
	n    int
	room int   // to be filled
	sent int   // of these, passed on in a copy already
	last int64 // bytes of the stream up to and with this buffer
	left atomic.Int32
	data []byte // all of it
}

func (b *buffer) bytes() []byte { return b.data[:b.n] }

var largePool, smallPool = poolOf(BufferSize), poolOf(SmallSize)

func poolOf(size int) *sync.Pool {
	return &sync.Pool{New: func() any { return &buffer{data: make([]byte, size)} }}
}

// held counts the bytes of the buffers that streams have taken from the pools.
var held atomic.Int64

// Held returns the bytes of all buffers that streams of the process hold now.
func Held() int64 { return held.Load() }

// ring hands out buffers and takes them back. It begins with small ones; a source
// that fills them gets large ones instead, as long as there are any.
type ring struct {
	free         chan *buffer
	small, large int  // in use, to be changed by the reader
	full         bool // the last buffer was, when it was passed on
	out          atomic.Int32
}

func newRing() *ring { return &ring{free: make(chan *buffer, ringSize)} }

// take returns a new large buffer, a free one or a new small one, in this order,
// or waits for one; nil when stop is closed first.
func (r *ring) take(stop <-chan struct{}) *buffer {
	if r.full && r.large < Buffers && borrow() {
		r.large++
		return fetch(largePool)
	}
	for {
		select {
		case b := <-r.free:
			if len(b.data) == BufferSize || r.large < ownBuffers {
				return b
			}
			r.small--
			held.Add(-SmallSize)
			smallPool.Put(b)
			continue
		default:
		}
		if r.small+r.large < ownBuffers {
			r.small++
			return fetch(smallPool)
		}
		select {
		case b := <-r.free:
			return b
		case <-stop:
			return nil
		}
	}
}

func fetch(pool *sync.Pool) *buffer {
	b := pool.Get().(*buffer)
	held.Add(int64(len(b.data)))
	return b
}

// done is called by hasher and writer; the second call frees the buffer.
func (r *ring) done(b *buffer) {
	if b.left.Add(-1) == 0 {
		r.out.Add(-1)
		r.free <- b
	}
}

// idle tells whether hasher and writer wait for bytes.
func (r *ring) idle() bool { return r.out.Load() == 0 }

// release gives all back, after everyone ended. The one that a reader had when
// it panicked is left to the garbage collector.
func (r *ring) release() {
	held.Add(-int64(r.small*SmallSize + r.large*BufferSize))
	for ; r.large > 0; r.large-- {
		<-shared
	}
	for {
		select {
		case b := <-r.free:
			if len(b.data) == BufferSize {
				largePool.Put(b)
			} else {
				smallPool.Put(b)
			}
		default:
			return
		}
	}
}

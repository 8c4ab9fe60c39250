package stream

import (
	"sync"
	"sync/atomic"
)

const (
	// BufferSize in bytes; large enough that system calls cost little, small
	// enough that a buffer stays in the processor's cache from read to write.
	BufferSize = 256 << 10
	// Buffers is how many one stream uses at most. Many in flight keep reader,
	// hasher and writer from waiting for each other when one of them stalls.
	Buffers = 24
	// ownBuffers are each stream's; the others come from what all streams of
	// the process share, sharedBuffers, while there are any left.
	ownBuffers    = 2
	sharedBuffers = 48
)

// shared has a token for each buffer beyond their own that streams use.
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
	sent int   // of these, passed on in a copy already
	last int64 // bytes of the stream up to and with this buffer
	left atomic.Int32
	data [BufferSize]byte
}

func (b *buffer) bytes() []byte { return b.data[:b.n] }

var pool = sync.Pool{New: func() any { return new(buffer) }}

// held counts the buffers that streams have taken from the pool.
var held atomic.Int64

// Held returns the bytes of all buffers that streams of the process hold now.
func Held() int64 { return held.Load() * BufferSize }

// ring hands out up to Buffers buffers and takes them back.
type ring struct {
	free chan *buffer
	made int // by the reader only
	out  atomic.Int32
}

func newRing() *ring { return &ring{free: make(chan *buffer, Buffers)} }

// take returns a free buffer, a new one while there may be more, and else
// waits; nil when stop is closed first.
func (r *ring) take(stop <-chan struct{}) *buffer {
	select {
	case b := <-r.free:
		return b
	default:
	}
	if r.made < ownBuffers || r.made < Buffers && borrow() {
		r.made++
		held.Add(1)
		return pool.Get().(*buffer)
	}
	select {
	case b := <-r.free:
		return b
	case <-stop:
		return nil
	}
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

// release gives the free buffers back to all streams, after everyone ended.
func (r *ring) release() {
	held.Add(-int64(r.made))
	for ; r.made > ownBuffers; r.made-- {
		<-shared
	}
	for {
		select {
		case b := <-r.free:
			pool.Put(b)
		default:
			return
		}
	}
}

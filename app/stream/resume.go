package stream

import (
	"context"
	"errors"
	"hash"
	"io"
	"sync"
	"time"

	"doorito/ports"
)

// checkpointTime bounds one checkpoint, which goes on when the request ended.
const checkpointTime = 60 * time.Second

// ErrTooMuch is returned for a source with more bytes than its size or the
// limit; nothing beyond was written.
var ErrTooMuch = errors.New("stream: more bytes than expected")

// Broken is the error of a source, or of the end of the request it came with.
type Broken struct{ Err error }

func (b *Broken) Error() string { return "stream: the source broke off: " + b.Err.Error() }

// Unwrap returns the error as it came.
func (b *Broken) Unwrap() error { return b.Err }

// Resumption says from where and how far Resume goes.
type Resumption struct {
	Offset int64  // of the source's first byte
	State  []byte // SHA-256 over the bytes before it; nil for none
	Size   int64  // of the source; -1 when not known
	Limit  int64  // where the blob ends at most; -1 for no limit

	// Head is as in Options; called only when Offset is 0.
	Head func(head []byte) error
	// Also takes the source's bytes beside SHA-256; nil for none.
	Also hash.Hash
	// Verify is asked when the source has ended well and Also has all of it.
	// Its error ends Resume without a further checkpoint.
	Verify func() error
	// OnlyAtEnd allows no checkpoint before the source has ended well.
	OnlyAtEnd bool
	// Tick asks for a checkpoint when bytes are waiting for one.
	Tick <-chan time.Time
	// Save writes down a checkpoint, after the storage made its bytes durable.
	// Its context outlives the request.
	Save func(ctx context.Context, c Checkpoint) error
}

// Checkpoint is a point to go on from.
type Checkpoint struct {
	Offset int64
	State  []byte // SHA-256 over the bytes before Offset
	Stage  []byte // the storage's note
}

// Resumed is what a Resume came to, also after an error.
type Resumed struct {
	Offset int64  // of the last checkpoint that was saved
	Head   []byte // as in Result; nil when Offset was not 0
}

// Resume writes src to dst and makes checkpoints on the way: when dst has them
// due, at a tick, and at the end, also when the source broke off or ctx
// ended: what arrived before is kept. Then the error is a Broken, of
// io.ErrUnexpectedEOF for fewer bytes than Size. After an error of dst,
// Head, Verify or Save, and after ErrTooMuch, there is no further checkpoint.
//
// Reading, hashing and writing go on while a checkpoint is made and saved, but
// the next one is asked of dst only after that: a storage may rely on the note
// before the last to be out of use.
func Resume(ctx context.Context, dst ports.StageWriter, src io.Reader, opt Resumption) (Resumed, error) {
	r := &resume{opt: opt, pipe: newPipe(Options{Head: opt.Head}), dst: dst, ctx: context.WithoutCancel(ctx), at: opt.Offset, asked: opt.Offset, saved: opt.Offset}
	r.more.L = &r.mu
	r.stall = &stall{pass: r.passOn}
	if err := r.start(); err != nil {
		return Resumed{Offset: opt.Offset}, err
	}
	r.run(r.hashAll, r.writeAll, func() { r.broken = r.readAll(ctx, src) })
	res := Resumed{Offset: r.saved, Head: r.head}
	if r.err != nil {
		return res, r.err
	}
	if r.broken != nil {
		return res, &Broken{r.broken}
	}
	return res, nil
}

// state is a marshalled SHA-256.
type state = []byte

// resume is the state of one Resume. Besides what pipe says, the writer owns
// at, asked, count and saving; broken is set before the channels are closed.
type resume struct {
	pipe
	opt    Resumption
	dst    ports.StageWriter
	ctx    context.Context // of checkpoints
	broken error           // of the source
	begun  int64           // where the buffer that is being filled begins
	limit  int64           // where the source ends at most; -1 for no limit

	at     int64 // written
	asked  int64 // of the last checkpoint
	count  int   // buffers written
	saving chan error
	saved  int64

	mu     sync.Mutex
	more   sync.Cond
	hashed int // buffers
	// states are those after each buffer. The hasher is never more than ringSize
	// ahead of the writer, since a buffer is free only after both.
	states [2 * ringSize]state
}

// start sets the hash to where the source begins.
func (r *resume) start() error {
	if r.opt.State != nil {
		if err := r.hash.UnmarshalBinary(r.opt.State); err != nil {
			return err
		}
	}
	return r.keepState()
}

// keepState notes the hash after r.hashed buffers; r.mu is held, or nobody
// else is there yet.
func (r *resume) keepState() error {
	slot := &r.states[r.hashed%len(r.states)]
	var err error
	*slot, err = r.hash.AppendBinary((*slot)[:0])
	return err
}

// readAll is pipe.readAll that passes on what came before an error. It returns
// the source's error.
func (r *resume) readAll(ctx context.Context, src io.Reader) error {
	defer r.stall.end()
	total, limit := r.opt.Offset, r.opt.Limit
	if end := r.opt.Offset + r.opt.Size; r.opt.Size >= 0 && (limit < 0 || end < limit) {
		limit = end
	}
	r.limit = limit
	for first := r.opt.Offset == 0; ; first = false {
		b := r.ring.take(r.stop)
		if b == nil {
			return nil
		}
		r.begun = total
		err := r.fill(ctx, src, b, first, total)
		total += int64(b.n)
		if limit >= 0 && total > limit {
			r.ring.free <- b
			r.fail(ErrTooMuch)
			return nil
		}
		if first {
			if herr := r.sniff(b); herr != nil {
				r.ring.free <- b
				r.fail(herr)
				return nil
			}
		}
		if r.stopped() {
			r.ring.free <- b
			return nil
		}
		if b.sent > 0 {
			b.n = copy(b.data, b.data[b.sent:b.n])
		}
		r.pass(b, total)
		switch {
		case err == nil:
		case err != io.EOF:
			return err
		case r.opt.Size >= 0 && total < r.opt.Offset+r.opt.Size:
			return io.ErrUnexpectedEOF
		default:
			return nil
		}
	}
}

func (r *resume) hashAll() {
	for b := range r.toHash {
		if !r.stopped() {
			r.hash.Write(b.bytes())
			if r.opt.Also != nil {
				r.opt.Also.Write(b.bytes())
			}
		}
		r.mu.Lock()
		r.hashed++
		err := r.keepState()
		r.more.Broadcast()
		r.mu.Unlock()
		if err != nil {
			r.fail(err)
		}
		r.ring.done(b)
	}
}

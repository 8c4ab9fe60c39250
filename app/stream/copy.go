package stream

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"sync"

	"doorito/app/stream/digest"
	"doorito/domain"
	"doorito/ports"
)

// Options of one Copy; the zero value has no limit and tells nobody.
type Options struct {
	// Limit in bytes; a source with more is TooLarge. 0 means no limit.
	Limit int64
	// Head is called once with the first ports.SniffLength bytes, or all if
	// there are fewer, before anything is written. Its error ends the copy.
	// It must not keep the slice.
	Head func(head []byte) error
	// Progress is called with the bytes written so far, from the goroutine that
	// writes: it must be quick.
	Progress func(n int64)
}

// Result says what was copied.
type Result struct {
	Size   int64  // bytes written
	SHA256 string // lower-case hex; empty after an error
	Head   []byte // the first ports.SniffLength bytes or fewer
}

// Copy writes src to dst until its end and returns size and hash. It returns
// the error of whichever part failed first: the source's (as it came), the
// head check's, the destination's, TooLarge before a byte over the limit is
// written, or that of ctx. Size and Head of the result are set even then.
//
// ctx is looked at between reads; a read or write that hangs is ended by
// whoever made src and dst (a deadline on the connection; dst by the context
// it was created with).
func Copy(ctx context.Context, dst ports.BlobWriter, src io.Reader, opt Options) (Result, error) {
	p := newPipe(opt)
	p.run(p.hashAll, func() { p.writeAll(dst) }, func() {
		if err := p.readAll(ctx, src); err != nil {
			p.fail(err)
		}
	})
	res := Result{Size: p.written, Head: p.head}
	if p.err != nil {
		return res, p.err
	}
	res.SHA256 = hex.EncodeToString(p.hash.Sum(nil))
	return res, nil
}

// pipe is the state of one Copy. The reader owns head, written belongs to the
// writer and hash to the hasher until both have ended.
type pipe struct {
	ring            *ring
	toHash, toWrite chan *buffer
	hash            *digest.Digest
	opt             Options
	head            []byte
	written         int64
	stall           *stall // nil: what a buffer has waits until it is full

	once sync.Once
	stop chan struct{} // closed at the first error
	err  error         // set before stop is closed
}

func newPipe(opt Options) pipe {
	return pipe{ring: newRing(), hash: digest.New(), opt: opt, stop: make(chan struct{}),
		toHash: make(chan *buffer, ringSize), toWrite: make(chan *buffer, ringSize)}
}

// run reads while the others take what was read, and returns when all have
// ended, also when read panics.
func (p *pipe) run(hash, write, read func()) {
	var wg sync.WaitGroup
	wg.Go(hash)
	wg.Go(write)
	ended := false
	defer func() {
		if !ended { // the source or the head check panicked
			p.fail(errors.New("stream: panic while reading"))
		}
		close(p.toHash)
		close(p.toWrite)
		wg.Wait()
		p.ring.release()
	}()
	read()
	ended = true
}

// fail keeps the first error and makes the others stop.
func (p *pipe) fail(err error) {
	p.once.Do(func() {
		p.err = err
		close(p.stop)
	})
}

func (p *pipe) stopped() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}

// readAll fills buffers and passes them on; nil when somebody else failed.
func (p *pipe) readAll(ctx context.Context, src io.Reader) error {
	var total int64
	for first := true; ; first = false {
		b := p.ring.take(p.stop)
		if b == nil {
			return nil
		}
		err := p.fill(ctx, src, b, first, total)
		total += int64(b.n)
		if err != nil && err != io.EOF {
			p.ring.free <- b
			return err
		}
		if p.opt.Limit > 0 && total > p.opt.Limit {
			p.ring.free <- b
			return domain.Errorf(domain.TooLarge, "The file is larger than %s, the most that is taken here. Send a smaller one or split it.", domain.FormatBytes(p.opt.Limit))
		}
		if first {
			if herr := p.sniff(b); herr != nil {
				p.ring.free <- b
				return herr
			}
		}
		if p.stopped() {
			p.ring.free <- b
			return nil
		}
		p.pass(b, total)
		if err != nil {
			return nil
		}
	}
}

// fill reads until b is full, the source ends (io.EOF), or something was read
// and the others wait for it. The first buffer holds enough for the head. A full
// one ends at a multiple of its size, where a storage's blocks and parts do too.
func (p *pipe) fill(ctx context.Context, src io.Reader, b *buffer, first bool, at int64) error {
	least := 1
	if first {
		least = ports.SniffLength
	}
	b.n, b.sent, b.room = 0, 0, len(b.data)-int(at%int64(len(b.data)))
	watched := p.stall != nil && !first
	for empty := 0; b.n < b.room; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if watched && b.n > b.sent {
			p.stall.begin(b)
		}
		n, err := src.Read(b.data[b.n:b.room])
		if watched {
			p.stall.end()
		}
		b.n += n
		if err != nil {
			return err
		}
		if n == 0 {
			if empty++; empty == 100 {
				return io.ErrNoProgress
			}
			continue
		}
		empty = 0
		if p.stopped() || b.n >= least && p.ring.idle() {
			return nil
		}
	}
	return nil
}

// sniff keeps the head and asks the caller whether it likes it.
func (p *pipe) sniff(b *buffer) error {
	p.head = append([]byte{}, b.data[:min(b.n, ports.SniffLength)]...)
	if p.opt.Head == nil {
		return nil
	}
	return p.opt.Head(p.head)
}

// pass gives b to hasher and writer. Their channels hold every buffer there
// is, so this never waits.
func (p *pipe) pass(b *buffer, last int64) {
	if b.n == 0 {
		p.ring.free <- b
		return
	}
	b.last, p.ring.full = last, b.n == b.room
	b.left.Store(2)
	p.ring.out.Add(1)
	p.toHash <- b
	p.toWrite <- b
}

func (p *pipe) hashAll() {
	for b := range p.toHash {
		if !p.stopped() {
			p.hash.Write(b.bytes())
		}
		p.ring.done(b)
	}
}

func (p *pipe) writeAll(dst io.Writer) {
	for b := range p.toWrite {
		if !p.stopped() {
			p.write(dst, b)
		}
		p.ring.done(b)
	}
}

func (p *pipe) write(dst io.Writer, b *buffer) {
	n, err := dst.Write(b.bytes())
	p.written += int64(n)
	if err == nil && n < b.n {
		err = io.ErrShortWrite
	}
	if err != nil {
		p.fail(err)
		return
	}
	if p.opt.Progress != nil {
		p.opt.Progress(b.last)
	}
}

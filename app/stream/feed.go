package stream

import (
	"context"
	"io"
)

// Feed reads src on pooled buffers, has use read them, and also have them
// written to it: three things side by side, as in Copy. It returns when all have
// ended; use must not keep r. An error of src or ctx, of also, or of use ends
// the others; use finds it where the bytes end. A read of src that hangs is
// ended by whoever made it.
func Feed(ctx context.Context, src io.Reader, also io.Writer, use func(r io.Reader) error) error {
	f := &feed{pipe: newPipe(Options{})}
	f.run(func() { f.writeAlso(also) }, func() {
		if err := use(f); err != nil {
			f.fail(err)
		}
		f.drain()
	}, func() {
		if err := f.readAll(ctx, src); err != nil {
			f.fail(err)
		}
	})
	return f.err
}

// feed is the state of one Feed; now and at belong to who reads it.
type feed struct {
	pipe
	now *buffer // being read
	at  int     // bytes of it that were read
}

// Read is io.EOF after the last byte, and the error that ended Feed otherwise.
func (f *feed) Read(p []byte) (int, error) {
	if err := f.next(); err != nil {
		return 0, err
	}
	n := copy(p, f.now.bytes()[f.at:])
	f.read(n)
	return n, nil
}

// WriteTo spares a copy.
func (f *feed) WriteTo(w io.Writer) (total int64, err error) {
	for {
		if err := f.next(); err == io.EOF {
			return total, nil
		} else if err != nil {
			return total, err
		}
		n, err := w.Write(f.now.bytes()[f.at:])
		total += int64(n)
		f.read(n)
		if err != nil {
			return total, err
		}
	}
}

// next waits for bytes.
func (f *feed) next() error {
	if f.now == nil {
		b, more := <-f.toWrite
		switch {
		case f.stopped():
			if more {
				f.ring.done(b)
			}
			return f.err
		case !more:
			return io.EOF
		}
		f.now, f.at = b, 0
	}
	return nil
}

func (f *feed) read(n int) {
	if f.at += n; f.at == f.now.n {
		f.ring.done(f.now)
		f.now = nil
	}
}

// drain gives back what was not read.
func (f *feed) drain() {
	if f.now != nil {
		f.ring.done(f.now)
	}
	for b := range f.toWrite {
		f.ring.done(b)
	}
}

func (f *feed) writeAlso(w io.Writer) {
	for b := range f.toHash {
		if !f.stopped() {
			if _, err := w.Write(b.bytes()); err != nil {
				f.fail(err)
			}
		}
		f.ring.done(b)
	}
}

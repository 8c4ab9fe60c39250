package stream_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"doorito/app/stream"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/portstest"
)

// sink keeps what is written and may fail or wait at a byte of its own.
type sink struct {
	bytes.Buffer
	failAt int
	err    error
	enter  chan struct{} // gets a value at each Write
	leave  chan struct{} // Write waits for it
	closed bool          // set when Copy is over
}

func (s *sink) Write(p []byte) (int, error) {
	if s.closed {
		panic("written to after Copy returned")
	}
	if s.enter != nil {
		s.enter <- struct{}{}
		<-s.leave
	}
	if s.err != nil && s.Len()+len(p) > s.failAt {
		return 0, s.err
	}
	return s.Buffer.Write(p)
}

func (s *sink) Commit(context.Context) error { return errors.New("Copy must not commit") }
func (s *sink) Abort(context.Context) error  { return errors.New("Copy must not abort") }

func run(t *testing.T, dst *sink, src io.Reader, opt stream.Options) (stream.Result, error) {
	t.Helper()
	res, err := stream.Copy(t.Context(), dst, src, opt)
	dst.closed = true
	if int64(dst.Len()) != res.Size {
		t.Errorf("size is %d, written were %d", res.Size, dst.Len())
	}
	return res, err
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// ragged reads in pieces of random sizes, empty ones among them.
type ragged struct {
	r    io.Reader
	rnd  *rand.Rand
	most int
}

func (r *ragged) Read(p []byte) (int, error) {
	n := r.rnd.IntN(r.most + 1)
	if r.rnd.IntN(10) == 0 {
		n = 0
	}
	return r.r.Read(p[:min(n, len(p))])
}

func TestAnyChunkingGivesTheHashOfTheWhole(t *testing.T) {
	t.Parallel()
	all := portstest.Bytes(5<<20 + 123)
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed, 1))
			data := all[:rnd.IntN(len(all))]
			most := 1 + rnd.IntN(1<<(8+rnd.IntN(12)))
			var src io.Reader = &ragged{bytes.NewReader(data), rnd, most}
			if seed%3 == 0 {
				src = iotest.DataErrReader(bytes.NewReader(data))
			}
			var heads int
			var last int64
			dst := &sink{}
			res, err := run(t, dst, src, stream.Options{
				Limit:    int64(len(data)),
				Head:     func(h []byte) error { heads++; return nil },
				Progress: func(n int64) { last = n },
			})
			if err != nil || res.SHA256 != hexSum(data) || !bytes.Equal(dst.Bytes(), data) {
				t.Fatalf("%d bytes of %d, %v", res.Size, len(data), err)
			}
			if heads != 1 || last != res.Size || !bytes.Equal(res.Head, data[:min(len(data), ports.SniffLength)]) {
				t.Fatalf("head called %d times with %d bytes, last progress %d", heads, len(res.Head), last)
			}
		})
	}
}

func FuzzCopy(f *testing.F) {
	f.Add([]byte("some bytes"), 3, int64(100))
	f.Add([]byte{}, 1, int64(0))
	f.Fuzz(func(t *testing.T, data []byte, most int, limit int64) {
		dst := &sink{}
		src := &ragged{bytes.NewReader(data), rand.New(rand.NewPCG(1, 2)), 1 + max(most, 0)%10_000}
		res, err := run(t, dst, src, stream.Options{Limit: limit})
		if limit > 0 && int64(len(data)) > limit {
			if !domain.IsCode(err, domain.TooLarge) || int64(dst.Len()) > limit {
				t.Fatalf("%d of %d bytes under a limit of %d: %v", dst.Len(), len(data), limit, err)
			}
		} else if err != nil || res.SHA256 != hexSum(data) {
			t.Fatal(err)
		}
	})
}

func TestEmptySource(t *testing.T) {
	t.Parallel()
	dst, called := &sink{}, false
	res, err := run(t, dst, bytes.NewReader(nil), stream.Options{Head: func(h []byte) error { called = len(h) == 0; return nil }})
	if err != nil || !called || res.Size != 0 || res.SHA256 != hexSum(nil) {
		t.Fatal(res, err, called)
	}
}

func TestHeadIsAskedBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	refused := domain.Errorf(domain.UnsupportedType, "No.")
	dst, data := &sink{}, portstest.Bytes(1<<20)
	_, err := run(t, dst, iotest.OneByteReader(bytes.NewReader(data)), stream.Options{Head: func(h []byte) error {
		if !bytes.Equal(h, data[:ports.SniffLength]) || dst.Len() != 0 {
			t.Errorf("head of %d bytes, %d written", len(h), dst.Len())
		}
		return refused
	}})
	if !errors.Is(err, refused) || dst.Len() != 0 {
		t.Fatal(err, dst.Len())
	}
}

// endless never stops, like a body whose sender lied about its length.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) { e.read += int64(len(p)); return len(p), nil }

func TestLimitEndsAnEndlessSourceBeforeTheExcessIsWritten(t *testing.T) {
	t.Parallel()
	for _, limit := range []int64{1, 100_000, stream.BufferSize, 3_000_001} {
		dst, src := &sink{}, &endless{}
		_, err := run(t, dst, src, stream.Options{Limit: limit})
		if !domain.IsCode(err, domain.TooLarge) || int64(dst.Len()) > limit {
			t.Fatalf("limit %d: %d written, %v", limit, dst.Len(), err)
		}
		if src.read > limit+stream.BufferSize {
			t.Errorf("limit %d: %d read", limit, src.read)
		}
	}
}

func TestErrorOfTheSourceIsReturnedAsItCame(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	dst := &sink{}
	src := io.MultiReader(bytes.NewReader(portstest.Bytes(700_000)), iotest.ErrReader(broken))
	if res, err := run(t, dst, src, stream.Options{}); !errors.Is(err, broken) || res.SHA256 != "" {
		t.Fatal(res, err)
	}
	if _, err := run(t, &sink{}, iotest.ErrReader(io.ErrUnexpectedEOF), stream.Options{}); err != io.ErrUnexpectedEOF {
		t.Fatal(err)
	}
	if _, err := run(t, &sink{}, stuck{}, stream.Options{}); err != io.ErrNoProgress {
		t.Fatal(err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestErrorOfTheDestinationEndsTheSource(t *testing.T) {
	t.Parallel()
	for _, at := range []int{0, 1_000_000} {
		full := domain.Errorf(domain.Unavailable, "Full.")
		if _, err := run(t, &sink{failAt: at, err: full}, &endless{}, stream.Options{}); !errors.Is(err, full) {
			t.Fatal(err)
		}
	}
}

func TestEndOfContextEndsTheCopy(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	dst := &sink{}
	_, err := stream.Copy(ctx, dst, &endless{}, stream.Options{Progress: func(n int64) {
		if n > 5<<20 {
			cancel()
		}
	}})
	dst.closed = true
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestPanicOfTheSourceLeavesNobodyBehind(t *testing.T) {
	t.Parallel()
	dst := &sink{}
	defer func() {
		dst.closed = true
		if recover() == nil {
			t.Error("the panic was swallowed")
		}
	}()
	head := func([]byte) error { panic("head") }
	_, _ = stream.Copy(t.Context(), dst, &endless{}, stream.Options{Head: head})
}

// What a slow source sent is written while it is silent, and the rest at its end.
func TestFirstBytesDoNotWaitForAFullBuffer(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	dst := &sink{enter: make(chan struct{}), leave: make(chan struct{})}
	done := make(chan error)
	go func() {
		_, err := stream.Copy(t.Context(), dst, r, stream.Options{})
		done <- err
	}()
	if _, err := w.Write(make([]byte, ports.SniffLength)); err != nil {
		t.Fatal(err)
	}
	<-dst.enter
	if _, err := w.Write(make([]byte, 100)); err != nil { // taken in while the writer is busy
		t.Fatal(err)
	}
	dst.leave <- struct{}{}
	w.Close()
	<-dst.enter
	dst.leave <- struct{}{}
	if err := <-done; err != nil || dst.Len() != ports.SniffLength+100 {
		t.Fatal(err, dst.Len())
	}
}

// While the writer hangs, the reader stops after a bounded number of bytes.
func TestMemoryIsBoundedWhenTheDestinationHangs(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	dst := &sink{enter: make(chan struct{}), leave: make(chan struct{})}
	done, taken := make(chan error), make(chan int)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := stream.Copy(ctx, dst, r, stream.Options{})
		r.Close()
		done <- err
	}()
	go func() {
		n := 0
		for {
			k, err := w.Write(make([]byte, 64<<10))
			n += k
			if err != nil {
				taken <- n
				return
			}
		}
	}()
	<-dst.enter
	if n := stream.Held(); n < stream.SmallSize {
		t.Errorf("%d bytes of buffers are held while one is written", n)
	}
	cancel()
	dst.leave <- struct{}{}
	go func() {
		for range dst.enter {
			dst.leave <- struct{}{}
		}
	}()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	close(dst.enter)
	if n := <-taken; n > (stream.Buffers+1)*stream.BufferSize {
		t.Fatalf("%d bytes were read while nothing was written", n)
	}
}

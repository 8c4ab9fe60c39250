package stream_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"doorito/app/stream"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/portstest"
)

// stage is a storage that keeps what was checkpointed and saved.
type stage struct {
	t       *testing.T
	pending []byte
	durable []byte // of the last checkpoint
	saves   []stream.Checkpoint
	fail    error // of Checkpoint
	saving  chan struct{}
}

func (s *stage) Write(p []byte) (int, error) { s.pending = append(s.pending, p...); return len(p), nil }
func (s *stage) Close() error                { s.t.Error("Resume must not close"); return nil }

const stride = 8 << 20

func (s *stage) Due() ports.Urgency {
	if len(s.pending) >= stride {
		return ports.Overdue
	}
	return ports.NotDue
}

func (s *stage) Checkpoint(context.Context) func() ([]byte, error) {
	now := s.pending
	s.pending = nil
	return func() ([]byte, error) {
		if s.fail != nil {
			return nil, s.fail
		}
		s.durable = append(s.durable, now...)
		return []byte{1}, nil
	}
}

// resume runs one request from where the last one's checkpoint was.
func (s *stage) resume(ctx context.Context, src io.Reader, opt stream.Resumption) (stream.Resumed, error) {
	if n := len(s.saves); n > 0 {
		opt.Offset, opt.State = s.saves[n-1].Offset, s.saves[n-1].State
	}
	s.pending, s.durable = nil, s.durable[:opt.Offset]
	opt.Save = func(_ context.Context, c stream.Checkpoint) error {
		if s.saving != nil {
			<-s.saving
		}
		s.saves = append(s.saves, c)
		return nil
	}
	return stream.Resume(ctx, s, src, opt)
}

var unbounded = stream.Resumption{Size: -1, Limit: -1}

// wantWhole wants these bytes to be durable and hashed.
func (s *stage) wantWhole(want []byte) {
	s.t.Helper()
	if !bytes.Equal(s.durable, want) {
		s.t.Fatalf("%d bytes are durable, want %d", len(s.durable), len(want))
	}
	last := s.saves[len(s.saves)-1]
	if last.Offset != int64(len(want)) || stateHash(s.t, last.State) != hexSum(want) {
		s.t.Fatalf("the last checkpoint is at %d of %d, or its hash is wrong", last.Offset, len(want))
	}
}

func TestAnUploadInAnyPiecesHasTheHashOfTheWhole(t *testing.T) {
	t.Parallel()
	data := portstest.Bytes(21<<20 + 77)
	for seed := range uint64(5) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		s := &stage{t: t}
		for at := 0; at < len(data); {
			n := min(rnd.IntN(14<<20), len(data)-at)
			var src io.Reader = &ragged{bytes.NewReader(data[at : at+n]), rnd, 1 + rnd.IntN(1<<20)}
			broken := rnd.IntN(2) == 0
			if broken {
				src = io.MultiReader(src, iotest.ErrReader(io.ErrClosedPipe))
			}
			res, err := s.resume(t.Context(), src, unbounded)
			var off *stream.Broken
			if errors.As(err, &off) != broken || !broken && err != nil {
				t.Fatal(err)
			}
			if at += n; res.Offset != int64(at) {
				t.Fatalf("seed %d: %d bytes are kept of %d that came", seed, res.Offset, at)
			}
		}
		s.wantWhole(data)
		for i, c := range s.saves {
			if i > 0 && c.Offset-s.saves[i-1].Offset > stride+stream.BufferSize {
				t.Errorf("%d bytes between two checkpoints", c.Offset-s.saves[i-1].Offset)
			}
			if stateHash(t, c.State) != hexSum(data[:c.Offset]) {
				t.Fatalf("the state at %d is of another offset", c.Offset)
			}
		}
	}
}

func TestAShortBodyIsKeptAndTold(t *testing.T) {
	t.Parallel()
	s := &stage{t: t}
	opt := unbounded
	opt.Size = 10
	_, err := s.resume(t.Context(), bytes.NewReader([]byte("four")), opt)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	s.wantWhole([]byte("four"))
}

func TestBytesOverTheLimitAreNotWritten(t *testing.T) {
	t.Parallel()
	for _, opt := range []stream.Resumption{{Size: -1, Limit: 5}, {Size: 5, Limit: -1}, {Size: 5, Limit: 9}} {
		s := &stage{t: t}
		_, err := s.resume(t.Context(), bytes.NewReader([]byte("six by")), opt)
		if !errors.Is(err, stream.ErrTooMuch) || len(s.saves) != 0 || len(s.pending) > 5 {
			t.Fatal(err, s.saves)
		}
	}
}

func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	data := portstest.Bytes(20 << 20)
	wrong := domain.Errorf(domain.Invalid, "Wrong.")
	s := &stage{t: t}
	sum := sha1.New()
	opt := unbounded
	opt.OnlyAtEnd, opt.Also = true, sum
	opt.Verify = func() error { return wrong }
	if _, err := s.resume(t.Context(), bytes.NewReader(data), opt); !errors.Is(err, wrong) || len(s.saves) != 0 {
		t.Fatal(err, len(s.saves))
	}
	if _, err := s.resume(t.Context(), io.MultiReader(bytes.NewReader(data), iotest.ErrReader(io.ErrClosedPipe)), opt); err == nil || len(s.saves) != 0 {
		t.Fatal(err, len(s.saves))
	}
	sum.Reset()
	want := sha1.Sum(data)
	opt.Verify = func() error {
		if !bytes.Equal(sum.Sum(nil), want[:]) {
			t.Error("asked before all was hashed")
		}
		return nil
	}
	if _, err := s.resume(t.Context(), bytes.NewReader(data), opt); err != nil || len(s.saves) != 1 {
		t.Fatal(err, len(s.saves))
	}
	s.wantWhole(data)
}

func TestATickKeepsTheBytesOfASilentSource(t *testing.T) {
	t.Parallel()
	s := &stage{t: t, saving: make(chan struct{})}
	tick := make(chan time.Time)
	opt := unbounded
	opt.Tick = tick
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := s.resume(t.Context(), r, opt)
		done <- err
	}()
	piece := portstest.Bytes(5000)
	if _, err := w.Write(piece); err != nil {
		t.Fatal(err)
	}
	for saved := false; !saved; { // until the piece has reached the writer
		select {
		case tick <- time.Time{}:
		case s.saving <- struct{}{}:
			saved = true
		}
	}
	w.Close()
	close(s.saving)
	if err := <-done; err != nil || s.saves[0].Offset != 5000 || stateHash(t, s.saves[0].State) != hexSum(piece) {
		t.Fatal(err, s.saves)
	}
}

// begin resumes beside the test, and tells how that ended.
func begin(t *testing.T, dst ports.StageWriter, src io.Reader, opt stream.Resumption) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := stream.Resume(t.Context(), dst, src, opt)
		done <- err
	}()
	return done
}

// busyStage holds its first write back until it is let go.
type busyStage struct {
	*stage
	gate chan struct{}
}

func (s busyStage) Write(p []byte) (int, error) {
	<-s.gate
	return s.stage.Write(p)
}

// What came while everybody was busy is not kept back until its buffer is full.
func TestAStalledSourceHoldsNothingBack(t *testing.T) {
	t.Parallel()
	data := portstest.Bytes(300_000)
	s := busyStage{&stage{t: t}, make(chan struct{})}
	tick, saved := make(chan time.Time), make(chan int64, 8)
	left, rest := [][]byte{data[:100_000], data[100_000:150_000], data[150_000:160_000]}, bytes.NewReader(data[160_000:])
	asked, goOn := make(chan struct{}), make(chan struct{})
	src := readerFunc(func(p []byte) (int, error) {
		if len(left) == 1 { // stalled, with the first bytes being written
			close(asked)
			<-goOn
		}
		if len(left) == 0 {
			return rest.Read(p)
		}
		n := copy(p, left[0])
		left = left[1:]
		return n, nil
	})
	opt := stream.Resumption{Size: int64(len(data)), Limit: -1, Tick: tick, Save: func(_ context.Context, c stream.Checkpoint) error {
		saved <- c.Offset
		s.saves = append(s.saves, c)
		return nil
	}}
	done := begin(t, s, src, opt)
	<-asked
	close(s.gate)
	late := time.After(20 * time.Second)
	for at := int64(0); at != 150_000; {
		select {
		case tick <- time.Time{}:
		case at = <-saved:
		case <-late:
			t.Fatalf("%d bytes are durable of 150,000 that came", at)
		}
	}
	close(goOn)
	if err := <-done; err != nil || !bytes.Equal(s.durable, data) {
		t.Fatalf("%d bytes, %v", len(s.durable), err)
	}
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(s.saves[len(s.saves)-1].State); err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256(data); !bytes.Equal(h.Sum(nil), want[:]) {
		t.Error("the hash is of other bytes")
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestTheEndOfTheRequestKeepsWhatArrived(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := &stage{t: t}
	src := &upTo{left: 3 << 20, then: cancel}
	_, err := s.resume(ctx, src, unbounded)
	if !errors.Is(err, context.Canceled) || len(s.durable) < 3<<20 {
		t.Fatal(err, len(s.durable))
	}
}

// upTo is endless and calls then after so many bytes.
type upTo struct {
	endless
	left int64
	then func()
}

func (u *upTo) Read(p []byte) (int, error) {
	n, err := u.endless.Read(p)
	if u.read >= u.left {
		u.then()
	}
	return n, err
}

func TestAFailingCheckpointEndsTheRequest(t *testing.T) {
	t.Parallel()
	full := domain.Errorf(domain.Unavailable, "Full.")
	s := &stage{t: t, fail: full}
	if _, err := s.resume(t.Context(), &endless{}, unbounded); !errors.Is(err, full) || len(s.saves) != 0 {
		t.Fatal(err)
	}
	s = &stage{t: t}
	opt := unbounded
	opt.Save = func(context.Context, stream.Checkpoint) error { return full }
	if _, err := stream.Resume(t.Context(), s, &endless{}, opt); !errors.Is(err, full) {
		t.Fatal(err)
	}
}

// stateHash is the hash that a state stands for.
func stateHash(t *testing.T, state []byte) string {
	t.Helper()
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// The last byte may end just where a checkpoint is due anyway: it is saved once,
// since what a whole upload is saved as changes no more.
func TestTheLastByteIsSavedOnce(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, stride, 2 * stride} {
		s, data := &stage{t: t}, portstest.Bytes(size)
		if _, err := s.resume(t.Context(), bytes.NewReader(data), stream.Resumption{Size: int64(size), Limit: -1}); err != nil {
			t.Fatal(err)
		}
		s.wantWhole(data)
		if n := len(s.saves); n != max(1, size/stride) {
			t.Errorf("%d bytes were saved %d times", size, n)
		}
	}
}

// patientStage lets up to four strides be written while a checkpoint is saved.
type patientStage struct{ *stage }

func (s patientStage) Due() ports.Urgency {
	switch n := len(s.pending); {
	case n >= 4*stride:
		return ports.Overdue
	case n >= stride && n%stride == 0:
		return ports.Due
	}
	return ports.NotDue
}

func TestACheckpointThatIsDueHoldsNobodyUpUntilItIsOverdue(t *testing.T) {
	t.Parallel()
	data := portstest.Bytes(8 * stride)
	s := patientStage{&stage{t: t, saving: make(chan struct{})}}
	src := &counting{r: bytes.NewReader(data)}
	opt := stream.Resumption{Size: int64(len(data)), Limit: -1, Save: func(_ context.Context, c stream.Checkpoint) error {
		<-s.saving
		s.saves = append(s.saves, c)
		return nil
	}}
	done := begin(t, s, src, opt)
	for late := time.Now().Add(20 * time.Second); src.n.Load() < 5*stride; runtime.Gosched() {
		if time.Now().After(late) {
			t.Fatalf("%d bytes were read while a checkpoint was saved", src.n.Load())
		}
	}
	close(s.saving)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if first, second := s.saves[0].Offset, s.saves[1].Offset; first != stride || second != 5*stride {
		t.Errorf("checkpoints are at %d and %d", first, second)
	}
	s.wantWhole(data)
}

// counting says how many bytes were read.
type counting struct {
	r io.Reader
	n atomic.Int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

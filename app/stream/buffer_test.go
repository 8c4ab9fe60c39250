package stream_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"testing"
	"time"

	"doorito/app/stream"
	"doorito/ports"
	"doorito/ports/portstest"
)

// gate lets no write through until it is opened.
type gate struct {
	bytes.Buffer
	open <-chan struct{}
}

func (g *gate) Write(p []byte) (int, error) {
	<-g.open
	return g.Buffer.Write(p)
}

func (g *gate) Commit(context.Context) error { panic("Copy must not commit") }
func (g *gate) Abort(context.Context) error  { panic("Copy must not abort") }

// Many streams that are held up share the large buffers, and those that get none
// go on with their own. It runs beside no other stream.
func TestManyStreamsShareTheLargeBuffers(t *testing.T) {
	const streams = 40
	data := portstest.Bytes(6 << 20)
	want := sha256.Sum256(data)
	open := make(chan struct{})
	type end struct {
		res stream.Result
		err error
		dst *gate
	}
	ends := make(chan end, streams)
	for range streams {
		go func() {
			dst := &gate{open: open}
			res, err := stream.Copy(t.Context(), dst, bytes.NewReader(data), stream.Options{})
			ends <- end{res, err, dst}
		}()
	}
	const least, most = stream.SharedBuffers*stream.BufferSize + streams*stream.SmallSize, stream.SharedBuffers*stream.BufferSize + 2*streams*stream.SmallSize
	until := time.Now().Add(20 * time.Second)
	for stream.Held() < least {
		if time.Now().After(until) {
			t.Fatalf("%d bytes of buffers are held, not %d and more", stream.Held(), least)
		}
		time.Sleep(time.Millisecond)
	}
	if n := stream.Held(); n > most {
		t.Errorf("%d bytes of buffers are held by %d streams, at most %d may be", n, streams, most)
	}
	close(open)
	for range streams {
		e := <-ends
		if e.err != nil || e.res.SHA256 != hexSum(data) || sha256.Sum256(e.dst.Bytes()) != want {
			t.Fatalf("%d of %d bytes, %v", e.dst.Len(), len(data), e.err)
		}
	}
}

// A slow source keeps to its own small buffers. It runs beside no other stream.
func TestASlowSourceTakesNoLargeBuffers(t *testing.T) {
	idle := make(chan struct{}, 1)
	most, n := int64(0), 0
	src := readerFunc(func(p []byte) (int, error) {
		if n > 0 {
			select {
			case <-idle: // the piece before this one was written
			case <-time.After(10 * time.Millisecond): // or waits for more
			}
		}
		most = max(most, stream.Held())
		if n++; n > 50 {
			return 0, io.EOF
		}
		return copy(p, make([]byte, ports.SniffLength)), nil
	})
	opt := stream.Options{Progress: func(int64) {
		select {
		case idle <- struct{}{}:
		default:
		}
	}}
	if _, err := stream.Copy(t.Context(), &sink{}, src, opt); err != nil {
		t.Fatal(err)
	}
	if most > 2*stream.SmallSize {
		t.Errorf("%d bytes of buffers are held for a slow source", most)
	}
}

// What a stalled source left in a large buffer goes on in small ones too. It
// runs beside no other stream, which could have the large ones.
func TestAStalledSourceHoldsNoLargeBufferBack(t *testing.T) {
	data := portstest.Bytes(4*stream.SmallSize - 5)
	open, asked, goOn := make(chan struct{}), make(chan struct{}), make(chan struct{})
	s := busyStage{&stage{t: t}, open}
	at := 0
	src := readerFunc(func(p []byte) (int, error) {
		switch {
		case at < stream.SmallSize: // the first buffer, and the writer has enough to do
			p = p[:min(len(p), stream.SmallSize-at)]
		case at < 4*stream.SmallSize-10:
			p = p[:min(len(p), 4*stream.SmallSize-10-at)]
		case asked != nil:
			close(asked)
			asked = nil
			<-goOn
		}
		n := copy(p, data[at:])
		if at += n; n == 0 {
			return 0, io.EOF
		}
		return n, nil
	})
	stalled := asked
	tick, saved := make(chan time.Time), make(chan int64, 16)
	opt := stream.Resumption{Size: int64(len(data)), Limit: -1, Tick: tick, Save: func(_ context.Context, c stream.Checkpoint) error {
		saved <- c.Offset
		return nil
	}}
	done := make(chan error, 1)
	go func() {
		_, err := stream.Resume(t.Context(), s, src, opt)
		done <- err
	}()
	late := time.After(20 * time.Second)
	select {
	case <-stalled:
	case <-late:
		t.Fatal("the source was not asked for all it has")
	}
	close(open)
	for durable := int64(0); durable != 4*stream.SmallSize-10; {
		select {
		case tick <- time.Time{}:
		case durable = <-saved:
		case <-late:
			t.Fatalf("%d bytes are durable of %d that came", durable, 4*stream.SmallSize-10)
		}
	}
	close(goOn)
	if err := <-done; err != nil || !bytes.Equal(s.durable, data) {
		t.Fatalf("%d bytes, %v", len(s.durable), err)
	}
}

// A fast source is cut where a storage's blocks end, wherever it begins. It runs
// beside no other stream, which could have the large buffers.
func TestAFastSourceIsCutAtMultiples(t *testing.T) {
	data := portstest.Bytes(40 << 20)
	for _, from := range []int64{0, 1, 5<<20 + 12345} {
		s := &stage{t: t}
		var saved []int64
		opt := stream.Resumption{Offset: from, Size: int64(len(data)) - from, Limit: -1, Save: func(_ context.Context, c stream.Checkpoint) error {
			saved = append(saved, c.Offset)
			return nil
		}}
		if _, err := stream.Resume(t.Context(), s, bytes.NewReader(data[from:]), opt); err != nil || !bytes.Equal(s.durable, data[from:]) {
			t.Fatalf("from %d: %d bytes, %v", from, len(s.durable), err)
		}
		for i, at := range saved[:len(saved)-1] {
			if at%stream.BufferSize != 0 {
				t.Errorf("from %d: checkpoint %d is at %d", from, i, at)
			}
		}
		if len(saved) < 4 {
			t.Errorf("from %d: checkpoints at %d", from, saved)
		}
	}
}

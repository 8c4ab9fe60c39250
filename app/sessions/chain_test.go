package sessions_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// behind sends parts that wait for those before them, and returns what waits
// for their end.
func (b *bench) behind(id uuid.UUID, data []byte, numbers ...int) (wait func()) {
	b.t.Helper()
	b.Sessions.SetGiveWay(time.Minute)
	already := b.Sessions.Waiting(id)
	var wg sync.WaitGroup
	for _, n := range numbers {
		wg.Go(func() {
			if err := b.put(id, n, cut(data, n)); err != nil {
				b.t.Errorf("part %d: %v", n, err)
			}
		})
	}
	b.t.Cleanup(wg.Wait)
	b.eventually("the parts wait", func() bool { return b.Sessions.Waiting(id) == already+len(numbers) })
	return wg.Wait
}

func (b *bench) hashed(id uuid.UUID, want int) {
	b.t.Helper()
	d, err := b.Sessions.Find(b.t.Context(), b.staff, id)
	if b.must(err); d.Hashed != int64(want) {
		b.t.Errorf("%d bytes are hashed, want %d", d.Hashed, want)
	}
}

// Parts that come side by side are hashed as they come, also those that came
// first; a storage that cannot read back needs nothing read back.
func TestPartsSideBySideTakeTheHashOnInTurn(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(3*domain.MinChunkSize + 9)
		s := b.create(sized(len(data)))
		wait := b.behind(s.ID, data, 4, 3, 2)
		b.must(b.put(s.ID, 1, cut(data, 1)))
		wait()
		b.hashed(s.ID, len(data))
		_, err := b.complete(s.ID)
		b.must(err)
		b.stored(s.ID, data)
	})
}

// A part that breaks off leaves the hash where it was, for when it comes again.
func TestPartThatBreaksOffIsWaitedForAgain(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(2*domain.MinChunkSize + 9)
		s := b.create(sized(len(data)))
		wait := b.behind(s.ID, data, 3, 2)
		broken := io.MultiReader(bytes.NewReader(data[:domain.MinChunkSize-1]), iotest.ErrReader(errors.New("connection reset")))
		_, err := b.Sessions.PutPart(t.Context(), b.staff, s.ID, usecase.PartInput{Number: 1, Size: domain.MinChunkSize, Body: broken})
		b.want(err, domain.Invalid, "body")
		b.must(b.put(s.ID, 1, cut(data, 1)))
		wait()
		b.hashed(s.ID, len(data))
		_, err = b.complete(s.ID)
		b.must(err)
		b.stored(s.ID, data)
	})
}

// A part that is refused has passed the hash on already: what was hashed behind
// it counts for nothing when other content takes its place.
func TestPartRefusedAfterItPassedTheHashOn(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(3 * domain.MinChunkSize)
		refused := bytes.Clone(cut(data, 1))
		refused[0]++
		s := b.create(sized(len(data)))
		slow, sender := io.Pipe()
		b.Sessions.SetGiveWay(time.Minute)
		var last sync.WaitGroup
		last.Go(func() {
			if _, err := b.Sessions.PutPart(t.Context(), b.staff, s.ID, usecase.PartInput{Number: 3, Size: domain.MinChunkSize, Body: slow}); err != nil {
				t.Errorf("part 3: %v", err)
			}
		})
		_, err := sender.Write(cut(data, 3)[:mib])
		b.must(err)
		b.eventually("part 3 waits", func() bool { return b.Sessions.Waiting(s.ID) == 1 })
		wait := b.behind(s.ID, data, 2)
		_, err = b.Sessions.PutPart(t.Context(), b.staff, s.ID, usecase.PartInput{
			Number: 1, Size: domain.MinChunkSize, Body: bytes.NewReader(refused), SHA256: make([]byte, 32)})
		b.want(err, domain.Invalid, "checksum")
		wait()
		b.hashed(s.ID, 0)
		b.must(b.put(s.ID, 1, cut(data, 1)))
		_, err = sender.Write(cut(data, 3)[mib:])
		b.must(err)
		b.must(sender.Close())
		last.Wait()
		f, err := b.complete(s.ID)
		if b.must(err); f.SHA256 != sha(data) {
			t.Errorf("the file has the SHA-256 %s, not %s", f.SHA256, sha(data))
		}
		b.stored(s.ID, data)
	})
}

// A part that comes alone does not wait for those that did not come before.
func TestPartThatComesAloneDoesNotWait(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(2*domain.MinChunkSize + 9)
		s := b.create(sized(len(data)))
		for n := 3; n > 0; n-- {
			b.must(b.put(s.ID, n, cut(data, n)))
			b.Sessions.SetGiveWay(time.Hour) // the first waits a little
		}
		_, err := b.complete(s.ID)
		b.must(err)
		b.stored(s.ID, data)
	})
}

// late holds up the first part between its first byte and the storage.
type late struct {
	ports.Staging
	second  atomic.Bool
	arrived chan struct{}
	held    chan struct{}
}

func (l *late) WritePart(ctx context.Context, key string, stage []byte, number int, offset, size int64, r io.Reader) (string, error) {
	first := make([]byte, 1)
	if _, err := io.ReadFull(r, first); err != nil {
		return "", err
	}
	if !l.second.Swap(true) {
		close(l.arrived)
		<-l.held
	}
	return l.Staging.WritePart(ctx, key, stage, number, offset, size, io.MultiReader(bytes.NewReader(first), r))
}

// A part that was overtaken before it reached the storage writes nothing over
// the one that counts.
func TestPartThatWasOvertakenWritesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(domain.MinChunkSize + 1000)
		old := bytes.Clone(data)
		for i := range old {
			old[i]++
		}
		l := &late{Staging: b.Sessions.Staging, arrived: make(chan struct{}), held: make(chan struct{})}
		b.Sessions.Staging = l
		s := b.create(sized(len(data)))
		overtaken := make(chan error, 1)
		go func() { overtaken <- b.put(s.ID, 2, cut(old, 2)) }()
		<-l.arrived
		b.must(b.put(s.ID, 2, cut(data, 2)))
		close(l.held)
		b.want(<-overtaken, domain.Conflict, "")
		b.must(b.put(s.ID, 1, cut(data, 1)))
		_, err := b.complete(s.ID)
		b.must(err)
		b.stored(s.ID, data)
	})
}

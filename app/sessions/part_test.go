package sessions_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// cut returns a part's bytes.
func cut(data []byte, number int) []byte {
	from := (number - 1) * domain.MinChunkSize
	return data[from:min(from+domain.MinChunkSize, len(data))]
}

func TestPartsInAnyOrderAtTheSameTime(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(2*domain.MinChunkSize + 99)
		in := sized(len(data))
		in.SHA256 = strings.ToUpper(sha(data))
		s := b.create(in)
		var wg sync.WaitGroup
		for _, n := range []int{3, 2, 1, 2, 3} { // two of them twice
			wg.Go(func() {
				// Of two that are under way at once one may be told to wait.
				if err := b.put(s.ID, n, cut(data, n)); err != nil && !domain.IsCode(err, domain.Conflict) {
					t.Errorf("part %d: %v", n, err)
				}
			})
		}
		wg.Wait()
		got := b.session(s.ID)
		if got.BytesReceived != int64(len(data)) || got.CompletedParts != 3 || got.Mode != domain.ModeParts || got.Status != domain.SessionInProgress {
			t.Fatalf("%+v", got)
		}
		d, err := b.Sessions.Find(t.Context(), b.staff, s.ID)
		if err != nil || len(d.Parts) != 3 || d.Parts[2].Size != 99 || d.Parts[1].SHA256 != sha(cut(data, 2)) {
			t.Fatal(d, err)
		}
		for range 2 {
			f, err := b.Sessions.Complete(t.Context(), b.staff, s.ID, "")
			if err != nil || f.SHA256 != sha(data) {
				t.Fatal(f, err)
			}
		}
		b.stored(s.ID, data)
		b.want(b.put(s.ID, 1, cut(data, 1)), domain.Conflict, "")
	})
}

func TestPartsThatDoNotFit(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(2*domain.MinChunkSize + 7)
		s := b.create(sized(len(data)))
		for _, n := range []int{0, -1, 4, 1 << 30} {
			b.want(b.put(s.ID, n, []byte("x")), domain.Invalid, "part_number")
		}
		b.want(b.put(s.ID, 3, []byte("short")), domain.Invalid, "size")
		put := func(number int, size int64, body []byte) error {
			_, err := b.Sessions.PutPart(t.Context(), b.staff, s.ID, usecase.PartInput{Number: number, Size: size, Body: bytes.NewReader(body)})
			return err
		}
		b.want(put(3, 7, []byte("short")), domain.Invalid, "body")
		b.want(put(3, -1, []byte("too long")), domain.Invalid, "size")
		if got := b.session(s.ID); got.CompletedParts != 0 || got.BytesReceived != 0 {
			t.Fatalf("%+v", got)
		}
		b.must(put(3, -1, cut(data, 3)))
		b.must(b.put(s.ID, 3, cut(data, 3)))
		b.want(b.put(s.ID, 3, []byte("another")), domain.Conflict, "")
		b.want(put(3, -1, []byte("longer than it")), domain.Invalid, "size")
		if got := b.session(s.ID); got.CompletedParts != 1 || got.BytesReceived != 7 {
			t.Fatalf("%+v", got)
		}
		_, err := b.Sessions.Complete(t.Context(), b.staff, s.ID, "")
		b.want(err, domain.Conflict, "")
		if !strings.Contains(err.Error(), "Received 1 of 3 parts: missing 1-2.") {
			t.Error(err)
		}
		_, err = b.send(s.ID, 0, data)
		b.want(err, domain.Conflict, "")
		b.must(b.put(s.ID, 2, cut(data, 2)))
		b.must(b.put(s.ID, 1, cut(data, 1)))
		_, err = b.Sessions.Complete(t.Context(), b.staff, s.ID, "")
		b.must(err)
		b.stored(s.ID, data)
	})
}

// Parts that came before the ones they follow are hashed when those are there,
// four with each request: completion has nothing left to read. A storage that
// cannot read back has all but the first part left for it, and the same hash.
func TestPartsOutOfOrderAreHashedBeforeCompletion(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(5*domain.MinChunkSize + 9)
		ahead, all := domain.MinChunkSize, domain.MinChunkSize
		if _, can := b.Blobs.(ports.StageReader); can {
			ahead, all = 3*domain.MinChunkSize, len(data)
		}
		s := b.create(sized(len(data)))
		hashed := func(want int) {
			t.Helper()
			d, err := b.Sessions.Find(t.Context(), b.staff, s.ID)
			if b.must(err); d.Hashed != int64(want) {
				t.Fatalf("%d bytes are hashed, want %d", d.Hashed, want)
			}
		}
		for _, n := range []int{3, 2, 5, 6} {
			b.must(b.put(s.ID, n, cut(data, n)))
		}
		hashed(0)
		b.must(b.put(s.ID, 1, cut(data, 1)))
		hashed(ahead)
		b.must(b.put(s.ID, 4, cut(data, 4)))
		hashed(all)
		_, err := b.Sessions.Complete(t.Context(), b.staff, s.ID, "")
		b.must(err)
		b.stored(s.ID, data)
	})
}

// The client's connection died while a part was under way; it sends the part
// again on another.
func TestAPartAgainWhileTheFirstHangs(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(domain.MinChunkSize + mib)
		s := b.create(sized(len(data)))
		body, end := io.Pipe()
		old := make(chan error, 1)
		go func() {
			_, err := b.Sessions.PutPart(t.Context(), b.staff, s.ID, usecase.PartInput{Number: 2, Size: mib, Body: body})
			old <- err
		}()
		if _, err := end.Write(cut(data, 2)[:mib/2]); err != nil {
			t.Fatal(err)
		}
		b.must(b.put(s.ID, 2, cut(data, 2)))
		go func() { // it comes to life, with other bytes
			_, _ = end.Write(make([]byte, mib/2))
			end.Close()
		}()
		if err := <-old; err == nil {
			t.Error("other content was taken")
		}
		b.must(b.put(s.ID, 1, cut(data, 1)))
		_, err := b.Sessions.Complete(t.Context(), b.staff, s.ID, "")
		b.must(err)
		b.stored(s.ID, data)
	})
}

func TestPartsOfARefusedTypeOrHashLeaveNothing(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		pdf := append([]byte("%PDF-1.7\n%....\n1 0 obj"), make([]byte, domain.MinChunkSize)...)
		in := sized(len(pdf))
		in.Name = "scan.png"
		s := b.create(in)
		b.must(b.put(s.ID, 2, cut(pdf, 2)))
		b.want(b.put(s.ID, 1, cut(pdf, 1)), domain.UnsupportedType, "type")
		b.gone(s.ID, domain.SessionFailed)
		b.want(b.put(s.ID, 1, cut(pdf, 1)), domain.Expired, "")

		in.Name, in.SHA256 = "a.pdf", sha(nil)
		s = b.create(in)
		b.must(b.put(s.ID, 2, cut(pdf, 2)))
		b.must(b.put(s.ID, 1, cut(pdf, 1)))
		_, err := b.Sessions.Complete(t.Context(), b.staff, s.ID, "")
		b.want(err, domain.Invalid, "sha256")
		b.gone(s.ID, domain.SessionFailed)
	})
}

func TestOfTwoCompletionsAtOnceOneHasTheEffect(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(domain.MinChunkSize + 1)
		s := b.create(sized(len(data)))
		b.must(b.put(s.ID, 2, cut(data, 2)))
		b.must(b.put(s.ID, 1, cut(data, 1)))
		other := b.Another(t) // of two processes too
		var wg sync.WaitGroup
		for _, sessions := range []usecase.Sessions{b.Sessions, other.Sessions, b.Sessions, other.Sessions} {
			wg.Go(func() {
				f, err := sessions.Complete(t.Context(), b.staff, s.ID, "")
				if err != nil || f.Status != domain.FileStored {
					t.Error(f, err)
				}
			})
		}
		wg.Wait()
		b.stored(s.ID, data)
	})
}

// Parts in order are hashed on the way: the blob is not read again for it.
func TestPartsInOrderAreHashedOnTheWay(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(2*domain.MinChunkSize + 3)
		s := b.create(sized(len(data)))
		for n := range 3 {
			b.must(b.put(s.ID, n+1, cut(data, n+1)))
			b.must(b.put(s.ID, n+1, cut(data, n+1)))
		}
		reads := &counted{Blobs: b.Blobs}
		b.Sessions.Blobs = reads
		_, err := b.Sessions.Complete(t.Context(), b.staff, s.ID, "")
		b.must(err)
		b.stored(s.ID, data)
		if reads.whole {
			t.Error("the blob was read back")
		}
	})
}

// counted tells whether a blob was read to its end.
type counted struct {
	ports.Blobs
	whole bool
}

func (c *counted) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	c.whole = c.whole || length < 0
	return c.Blobs.Open(ctx, key, offset, length)
}

package sessions_test

import (
	"bytes"
	"io"
	"sync"
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

// Bytes that do not fill a part of the storage count as well, whichever process
// goes on.
func TestEveryByteOfABrokenRequestCounts(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := bytesOf(10_300_000)
		s := b.create(sized(len(data)))
		at := 0
		for _, to := range []int{3_000_000, 7_300_000, 7_300_001} {
			process := &bench{b.Another(t), t, b.staff}
			_, err := process.breaks(s.ID, at, data[at:to], len(data)-at)
			b.want(err, domain.Invalid, "body")
			if at = to; b.session(s.ID).BytesReceived != int64(at) {
				t.Fatalf("%d bytes count of %d", b.session(s.ID).BytesReceived, at)
			}
		}
		if _, err := b.send(s.ID, at, data[at:]); err != nil {
			t.Fatal(err)
		}
		b.stored(s.ID, data) // and no tail is left
	})
}

// Over the budget of part buffers uploads slow down, and none fails: one that
// hangs with a part half full lets the others pass, and goes on.
func TestMoreUploadsThanTheBudgetHoldsAllSucceed(t *testing.T) {
	t.Parallel()
	w := world.NewOnS3(t, world.Postgres(t))
	w.Budget = 4 << 20 // not even one part
	w = w.Another(t)
	b := &bench{w, t, w.MustUser(t, "staff@example.com", domain.RoleStaff)}
	data := bytesOf(domain.MinChunkSize + mib)
	slow := b.create(sized(len(data)))
	body, feed := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		_, err := b.Sessions.Append(t.Context(), b.staff, slow.ID, usecase.AppendInput{Size: int64(len(data)), Body: body})
		ended <- err
	}()
	if _, err := feed.Write(data[:3*mib]); err != nil {
		t.Fatal(err)
	}
	b.crowd(data)
	go func() {
		_, _ = io.Copy(feed, bytes.NewReader(data[3*mib:]))
		feed.Close()
	}()
	b.must(<-ended)
	b.stored(slow.ID, data)
}

// crowd uploads data four times at once, in order and in parts.
func (b *bench) crowd(data []byte) {
	b.t.Helper()
	var all sync.WaitGroup
	var ids []uuid.UUID
	for i := range 4 {
		s := b.create(sized(len(data)))
		ids = append(ids, s.ID)
		all.Go(func() {
			if i%2 == 0 {
				if _, err := b.send(s.ID, 0, data); err != nil {
					b.t.Error(err)
				}
				return
			}
			for _, n := range []int{2, 1} {
				if err := b.put(s.ID, n, cut(data, n)); err != nil {
					b.t.Error(err)
				}
			}
			if _, err := b.complete(s.ID); err != nil {
				b.t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		b.stored(id, data)
	}
}

package sessions_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/app/sessions"
	"doorito/domain"
	"doorito/ports"
)

// Somebody completes, somebody cancels and the time is over, all at once and in
// two processes: one has its way, whole.
func TestCompletingCancellingAndExpiringAtOnceEndInOneOfThem(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		data := []byte("hello")
		other := b.Another(t)
		for range 4 {
			s := b.create(sized(len(data)))
			b.must(b.put(s.ID, 1, data))
			var all sync.WaitGroup
			all.Go(func() { _, _ = b.complete(s.ID) })
			all.Go(func() { _ = other.Sessions.Abort(t.Context(), b.staff, s.ID) })
			all.Go(func() {
				b.Clock.Advance(b.Sessions.TTL)
				if _, err := other.Sessions.ExpireIdle(t.Context(), 10); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() { _, _ = other.Sessions.Complete(t.Context(), b.staff, s.ID, "") })
			all.Wait()
			if at := b.session(s.ID); at.Status == domain.SessionComplete {
				b.stored(s.ID, data)
			} else {
				b.gone(s.ID, at.Status)
			}
		}
	})
}

// A second process may find the pieces gone a moment before it can see the
// blob that the first has made of them. That must not end the upload, let alone
// remove the blob.
func TestPiecesThatAnotherProcessHasJustTakenAreNoLoss(t *testing.T) {
	t.Parallel()
	each(t, func(b *bench) {
		s := b.create(sized(5))
		b.must(b.put(s.ID, 1, []byte("hello")))
		late := b.Another(t)
		late.Sessions.Staging = early{late.Blobs}
		_, err := late.Sessions.Complete(t.Context(), b.staff, s.ID, "")
		b.want(err, domain.Unavailable, "")
		if at := b.session(s.ID); at.Status != domain.SessionCompleting {
			t.Fatalf("the session is %s", at.Status)
		}
		_, err = b.complete(s.ID)
		b.must(err)
		b.stored(s.ID, []byte("hello"))
	})
}

// early sees neither pieces nor blob.
type early struct{ ports.Staging }

func (early) Finish(context.Context, string, []byte, int64, []*domain.UploadPart) error {
	return domain.Errorf(domain.Expired, "What arrived of this upload is not in the storage any more.")
}

// A storage that takes minutes to assemble a large file is not taken for a
// process that died.
func TestALongCompletionIsNotTakenForADeadOne(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		s := b.create(sized(5))
		b.must(b.put(s.ID, 1, []byte("hello")))
		slow := &held{Staging: b.Blobs, begun: make(chan struct{}), goOn: make(chan struct{})}
		b.Sessions.Staging = slow
		b.Sessions.SetPace(time.Millisecond)
		done := make(chan error, 1)
		go func() {
			_, err := b.complete(s.ID)
			done <- err
		}()
		<-slow.begun
		b.Clock.Advance(sessions.CompletingFor + time.Second)
		now := b.Clock.Now()
		b.eventually("it said that it lives", func() bool { return b.session(s.ID).UpdatedAt.Equal(now) })
		if n := b.repair(); n != 0 {
			t.Errorf("%d were finished beside it", n)
		}
		close(slow.goOn)
		b.must(<-done)
		b.stored(s.ID, []byte("hello"))
	})
}

// held is a storage whose Finish waits.
type held struct {
	ports.Staging
	begun, goOn chan struct{}
}

func (h *held) Finish(ctx context.Context, key string, stage []byte, size int64, parts []*domain.UploadPart) error {
	close(h.begun)
	<-h.goOn
	return h.Staging.Finish(ctx, key, stage, size, parts)
}

// Pieces that stay when an upload ends are not forgotten because the blob's
// place could be cleared.
func TestPiecesThatCannotBeRemovedAreRemovedByTheCleanup(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		s := b.create(sized(10))
		if _, err := b.send(s.ID, 0, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		b.Sessions.Staging = stuck{b.Blobs, uuid.Nil.String()}
		b.must(b.Sessions.Abort(t.Context(), b.staff, s.ID))
		if f := b.file(s); f.PurgedAt != nil {
			t.Error("the file is said to be purged")
		}
		b.Sessions.Staging = b.Blobs
		b.sweep(domain.TaskFilesCleanup)
		b.gone(s.ID, domain.SessionAborted)
	})
}

// stuck is a storage that removes nothing but what lies under one key.
type stuck struct {
	ports.Staging
	but string
}

func (s stuck) Discard(ctx context.Context, key string, stage []byte) error {
	if key == s.but {
		return s.Staging.Discard(ctx, key, stage)
	}
	return errors.New("no route to storage")
}

// One upload whose pieces cannot be removed keeps no other from its end.
func TestAnUploadThatCannotBeEndedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		bad := b.partial([]byte("hello"))
		b.Clock.Advance(time.Minute)
		good := b.partial([]byte("world"))
		b.Clock.Advance(b.Sessions.TTL)
		b.Sessions.Staging = stuck{b.Blobs, b.session(good).StorageKey}
		if n, err := b.Sessions.ExpireIdle(t.Context(), 10); n != 1 || err == nil {
			t.Errorf("%d ended, %v", n, err)
		}
		if at := b.session(good); at.Status != domain.SessionFailed {
			t.Errorf("the other is %s", at.Status)
		}
		b.Sessions.Staging = b.Blobs
		b.sweep(domain.TaskSessions)
		if at := b.session(bad); at.Status != domain.SessionFailed || len(b.left(at.StorageKey)) != 0 {
			t.Errorf("it is %s and holds %v", at.Status, b.left(at.StorageKey))
		}
	})
}

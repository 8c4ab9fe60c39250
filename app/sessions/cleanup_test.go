package sessions_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// An upload that stood still for a day ends with a reason and an event, and its
// bytes go, however it came in: the staging file, the multipart upload, tails.
func TestAnIdleUploadOfAnyKindLeavesNothing(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		big := int64(20 * mib) // enough for a multipart upload
		in := sized(0)
		in.Size = &big
		untouched, inOrder, inParts := b.create(in), b.create(in), b.create(in)
		if _, err := b.breaks(inOrder.ID, 0, bytesOf(100_000), 20*mib); err == nil {
			t.Fatal("the request did not break")
		}
		b.must(b.put(inParts.ID, 3, bytesOf(4*mib)))
		b.Clock.Advance(b.Sessions.TTL - time.Second)
		b.sweep(domain.TaskSessions)
		if got := b.session(inOrder.ID); got.Status != domain.SessionInProgress || got.BytesReceived != 100_000 {
			t.Fatalf("a second too early it is %s at %d", got.Status, got.BytesReceived)
		}
		b.Clock.Advance(2 * time.Second)
		b.sweep(domain.TaskSessions)
		for _, s := range []*domain.UploadSession{untouched, inOrder, inParts} {
			b.gone(s.ID, domain.SessionFailed)
		}
	})
}

// The process died after the storage had begun the upload and before the row
// said so: nobody knows its number, and yet it goes.
func TestAnUploadOnlyTheStorageKnowsOfGoesWithItsSession(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		big := int64(20 * mib)
		in := sized(0)
		in.Size = &big
		s := b.create(in)
		dead := b.dies(&dying{before: "commit in_progress"})
		if err := b.putTo(dead, s.ID, 3, bytesOf(4*mib)); err == nil || b.session(s.ID).Stage != nil {
			t.Fatalf("the row was written: %v", err)
		}
		if held := b.left(s.StorageKey); len(held) != 1 {
			t.Fatalf("the storage holds %v", held)
		}
		b.Clock.Advance(b.Sessions.TTL)
		b.sweep(domain.TaskSessions)
		b.gone(s.ID, domain.SessionFailed)
	})
}

// What lies in the storage and no row names, or no row needs, is removed after
// a day; what is in use, or not ours, stays.
func TestTheStorageSweepRemovesWhatNoRowNames(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		ctx := t.Context()
		if got := b.sweep(domain.TaskStorage); got != "looked at 0 things in the storage, removed 0 that no row names" {
			t.Fatalf("an empty storage: %s", got)
		}
		now := time.Now()
		b.Clock.Set(now.Add(-time.Hour))
		b.schedule()
		b.Clock.Set(now)
		key := func() string { return domain.StorageKey(b.IDs.New(), b.Clock.Now()) }
		lost, begun, foreign := key(), key(), "uploads/readme.txt"
		for _, k := range []string{lost, foreign} {
			b.blob(k)
		}
		if _, err := b.Blobs.Begin(ctx, begun, 20*mib); err != nil {
			t.Fatal(err)
		}
		open, done, dropped := b.create(sized(10)), b.create(sized(5)), b.create(sized(5))
		for _, s := range []*domain.UploadSession{open, done, dropped} {
			if _, err := b.send(s.ID, 0, []byte("hello")); err != nil {
				t.Fatal(err)
			}
		}
		// Two processes had begun it, and one stage was of no use.
		if _, err := b.Blobs.Begin(ctx, done.StorageKey, 20*mib); err != nil {
			t.Fatal(err)
		}
		// It was deleted and purged, and then a late process made its blob.
		_, err := b.Files.Delete(ctx, b.staff, []uuid.UUID{*dropped.FileID})
		b.must(err)
		b.sweep(domain.TaskFilesCleanup)
		b.blob(dropped.StorageKey)

		b.Clock.Advance(23 * time.Hour)
		if _, err := b.send(open.ID, 5, []byte("wor")); err != nil {
			t.Fatal(err)
		}
		b.sweep(domain.TaskStorage)
		if held := b.left(lost); len(held) != 1 {
			t.Fatal("removed within the day")
		}
		b.Clock.Advance(2 * time.Hour)
		b.sweep(domain.TaskStorage)
		for what, k := range map[string]string{"lost": lost, "begun": begun, "dropped": dropped.StorageKey} {
			if held := b.left(k); len(held) != 0 {
				t.Errorf("%s: the storage holds %v", what, held)
			}
		}
		if held := b.left(foreign); len(held) != 1 {
			t.Error("what is not ours was removed")
		}
		if _, err := b.send(open.ID, 8, []byte("ld")); err != nil {
			t.Fatal(err)
		}
		b.stored(open.ID, []byte("helloworld"))
		b.stored(done.ID, []byte("hello"))
	})
}

// A portal that is started with an empty database over a full storage, by a
// mistake in its settings, does not empty that too.
func TestTheStorageSweepSparesWhatIsOlderThanTheDatabase(t *testing.T) {
	t.Parallel()
	everywhere(t, func(b *bench) {
		b.Clock.Set(time.Now())
		key := domain.StorageKey(b.IDs.New(), b.Clock.Now())
		b.blob(key)
		b.Clock.Advance(time.Hour)
		b.schedule()
		b.Clock.Advance(30 * time.Hour)
		b.sweep(domain.TaskStorage)
		if held := b.left(key); len(held) != 1 {
			t.Error("removed")
		}
	})
}

// schedule is what setting a database up leaves in it.
func (b *bench) schedule() {
	b.t.Helper()
	now := b.Clock.Now()
	row := &domain.Schedule{ID: b.IDs.New(), Name: "Outbox sweep", Seed: "outbox.sweep", Task: domain.TaskSweep, Every: time.Hour, NextRunAt: now, CreatedAt: now, UpdatedAt: now}
	b.must(b.DB.InTx(b.t.Context(), func(ctx context.Context, st ports.Stores) error {
		return st.Schedules.Seed(ctx, []*domain.Schedule{row})
	}))
}

// blob puts one into the storage that no row names.
func (b *bench) blob(key string) {
	b.t.Helper()
	w, err := b.Blobs.Create(b.t.Context(), key, 5)
	b.must(err)
	_, err = w.Write([]byte("hello"))
	b.must(err)
	b.must(w.Commit(b.t.Context()))
}

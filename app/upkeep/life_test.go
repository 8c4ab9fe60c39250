package upkeep_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

// due are n stored files of somebody that are over an hour from now on. They
// have rows alone: what is not in the storage is purged like what is.
func due(t *testing.T, w *world.World, n int) []uuid.UUID {
	t.Helper()
	owner := w.MustUser(t, fmt.Sprintf("owner-%s@example.com", w.IDs.New()), domain.RoleStaff)
	ids := make([]uuid.UUID, n)
	now := w.Clock.Now()
	err := w.DB.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error {
		for i := range ids {
			f := domain.NewFile(w.IDs.New(), fmt.Sprintf("%d.txt", i), &owner.UserID, nil, now)
			ids[i] = f.ID
			if _, err := f.Store(5, "ab12", "text/plain", time.Hour, now); err != nil {
				return err
			}
			if err := s.Files.Insert(ctx, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func told(t *testing.T, w *world.World, about uuid.UUID) (words []string) {
	t.Helper()
	entries, err := w.DB.Reads().Audit.ListOf(context.Background(), "file", about, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		words = append(words, e.Action)
	}
	return words
}

func TestTwoCleanersHaveOneEffect(t *testing.T) {
	t.Parallel()
	world.Everywhere(t, func(t *testing.T, w *world.World) {
		ids := due(t, w, 40)
		w.Clock.Advance(2 * time.Hour)
		other := w.Another(t)
		var all sync.WaitGroup
		for _, cleaner := range []*world.World{w, other, w, other} {
			all.Go(func() {
				if _, err := cleaner.Upkeep.Do(context.Background(), domain.TaskFilesCleanup); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, id := range ids {
			f := find(t, w, id)
			if f.Status != domain.FileDeleted || f.PurgedAt == nil || count(t, w, id, "file.deleted") != 1 || len(told(t, w, id)) != 1 {
				t.Fatalf("%+v, %d events, %v", f, count(t, w, id, "file.deleted"), told(t, w, id))
			}
		}
	})
}

// Whoever extends a file while the cleanup is at it either has it for longer, or
// hears that it is gone.
func TestExtendingWinsOverACleanupThatHasNotDeletedYet(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ids := due(t, w, 60)
		w.Clock.Advance(2 * time.Hour)
		until := w.Clock.Now().Add(24 * time.Hour)
		var kept sync.Map
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := w.Another(t).Upkeep.Do(context.Background(), domain.TaskFilesCleanup); err != nil {
				t.Error(err)
			}
		})
		for _, half := range [][]uuid.UUID{ids[:30], ids[30:]} {
			all.Go(func() {
				for i := range half {
					id := half[len(half)-1-i] // towards the cleanup
					_, err := w.Files.Extend(context.Background(), domain.System(), id, 24*time.Hour)
					if err == nil {
						kept.Store(id, true)
					} else if !domain.IsCode(err, domain.Conflict) {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		n := 0
		for _, id := range ids {
			f := find(t, w, id)
			if _, extended := kept.Load(id); extended {
				n++
				if f.Status != domain.FileStored || !f.ExpiresAt.Equal(until) || count(t, w, id, "file.deleted") != 0 {
					t.Errorf("extended, and yet %s, %v", f.Status, f.ExpiresAt)
				}
			} else if f.Status != domain.FileDeleted || count(t, w, id, "file.deleted") != 1 {
				t.Errorf("refused, and yet %s", f.Status)
			}
		}
		t.Logf("%d of %d were extended in time", n, len(ids))
	})
}

func TestAnExtendedFileIsAnnouncedOnceMore(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		id := due(t, w, 1)[0]
		other := w.Another(t)
		announce := func(want int) {
			t.Helper()
			var all sync.WaitGroup
			for _, process := range []*world.World{w, other, w} {
				all.Go(func() {
					if _, err := process.Upkeep.Do(ctx, domain.TaskExpiring); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if n := count(t, w, id, "file.expiring"); n != want {
				t.Fatalf("announced %d times, not %d", n, want)
			}
		}
		announce(1)
		if _, err := w.Files.Extend(ctx, domain.System(), id, 24*time.Hour); err != nil {
			t.Fatal(err)
		}
		announce(1)
		w.Clock.Advance(24 * time.Hour)
		announce(2)
		if _, err := w.Files.Extend(ctx, domain.System(), id, 0); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(1000 * time.Hour)
		announce(2)
		do(t, w, domain.TaskFilesCleanup)
		if find(t, w, id).Status != domain.FileStored {
			t.Error("a file that never expires did")
		}
	})
}

// dying is a storage whose process is killed at its n-th purge.
type dying struct {
	ports.Blobs
	left atomic.Int64
	kill context.CancelFunc
}

func (d *dying) Delete(ctx context.Context, key string) error {
	if d.left.Add(-1) < 0 {
		d.kill()
		return ctx.Err()
	}
	return d.Blobs.Delete(ctx, key)
}

// A cleanup of more than a batch dies among its purges; the next goes on where
// it was, and tells nothing twice.
func TestACleanupThatDiesIsGoneOnWith(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ids := due(t, w, 1100)
		w.Clock.Advance(2 * time.Hour)
		ctx, kill := context.WithCancel(context.Background())
		defer kill()
		real := w.Upkeep.Blobs
		d := &dying{Blobs: real, kill: kill}
		d.left.Store(300)
		w.Upkeep.Blobs = d
		if _, err := w.Upkeep.Do(ctx, domain.TaskFilesCleanup); !errors.Is(err, context.Canceled) {
			t.Fatalf("it ends with %v", err)
		}
		purged := func() (n int) {
			for _, id := range ids {
				if f := find(t, w, id); f.PurgedAt != nil {
					n++
				}
			}
			return n
		}
		if n := purged(); n < 1 || n > 300 {
			t.Fatalf("%d were purged before it died", n)
		}
		w.Upkeep.Blobs = real
		do(t, w, domain.TaskFilesCleanup)
		if n := purged(); n != len(ids) {
			t.Errorf("%d of %d are purged", n, len(ids))
		}
		for _, id := range []uuid.UUID{ids[0], ids[300], ids[1099]} {
			if n := count(t, w, id, "file.deleted"); n != 1 {
				t.Errorf("%d events", n)
			}
		}
	})
}

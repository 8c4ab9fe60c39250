package files_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
)

// told is what the audit log says was done to an object, the oldest first.
func told(t *testing.T, w *world.World, kind string, id uuid.UUID) []*domain.AuditEntry {
	t.Helper()
	entries, err := w.DB.Reads().Audit.ListOf(context.Background(), kind, id, 100)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestAFileIsKeptLongerByItsOwnerAndForGood(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		owner, other := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff)
		f := w.MustUpload(t, owner, "a.txt", "hello", nil)
		if _, err := w.Files.Extend(ctx, other, f.ID, time.Hour); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("another's file: %v", err)
		}
		if _, err := w.Files.Extend(ctx, owner, f.ID, -time.Hour); !domain.IsCode(err, domain.Invalid) {
			t.Errorf("shorter: %v", err)
		}
		if _, err := w.Files.Extend(ctx, owner, f.ID, (domain.MaxExtendHours+1)*time.Hour); !domain.IsCode(err, domain.Invalid) {
			t.Errorf("extended beyond the limit: %v", err)
		}
		later, err := w.Files.Extend(ctx, owner, f.ID, 48*time.Hour)
		if err != nil || !later.ExpiresAt.Equal(f.ExpiresAt.Add(48*time.Hour)) {
			t.Fatalf("%+v, %v", later, err)
		}
		w.Clock.Advance(100 * time.Hour)
		if late, err := w.Files.Extend(ctx, owner, f.ID, time.Hour); err != nil || !late.ExpiresAt.Equal(w.Clock.Now().Add(time.Hour)) {
			t.Errorf("one whose time was over: %+v, %v", late, err)
		}
		if kept, err := w.Files.Extend(ctx, owner, f.ID, 0); err != nil || kept.ExpiresAt != nil {
			t.Errorf("for good: %+v, %v", kept, err)
		}
		if _, err := w.Files.Extend(ctx, owner, f.ID, time.Hour); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("one that never expires: %v", err)
		}
		entries := told(t, w, "file", f.ID)
		if len(entries) != 3 || entries[0].Action != "file.extended" || entries[2].Changes["expires"] != w.Clock.Now().Add(time.Hour).UTC().Format("2006-01-02 15:04:05 UTC")+" → never" {
			t.Errorf("the audit log has %d entries, the last %+v", len(entries), entries[len(entries)-1])
		}
	})
}

func TestAFileExpiresNowUnlessAReceiverStillWaitsForIt(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		owner := w.MustUser(t, "a@example.com", domain.RoleStaff)
		f := w.MustUpload(t, owner, "a.txt", "hello", nil)
		if _, err := w.Engine.Pass(ctx); err != nil { // nobody asked for it, so nobody waits
			t.Fatal(err)
		}
		gone, err := w.Files.Expire(ctx, owner, f.ID)
		if err != nil || gone.Status != domain.FileDeleted {
			t.Fatalf("%+v, %v", gone, err)
		}
		if now, err := w.Files.Find(ctx, owner, f.ID); err != nil || now.PurgedAt == nil || now.Status != domain.FileDeleted {
			t.Errorf("%+v, %v", now, err)
		}
		if got := events(t, w, f.ID); len(got) != 2 || got[1] != "file.deleted" {
			t.Errorf("events %v", got)
		}
		if entries := told(t, w, "file", f.ID); len(entries) != 1 || entries[0].Action != "file.expired" || *entries[0].ActorID != owner.UserID {
			t.Errorf("the audit log has %+v", entries)
		}
		if _, err := w.Files.Expire(ctx, owner, f.ID); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("twice: %v", err)
		}

		w.MustEndpoint(t, "http://127.0.0.1:1/")
		waited := w.MustUpload(t, owner, "b.txt", "hello", nil)
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		held, err := w.Files.Expire(ctx, owner, waited.ID)
		if err != nil || held.Status != domain.FileStored || held.ExpiresAt.After(w.Clock.Now()) {
			t.Fatalf("%+v, %v", held, err)
		}
		if d, err := w.Files.Detail(ctx, owner, waited.ID); err != nil || !d.File.HasBytes() {
			t.Errorf("a file that is held lost its bytes: %+v, %v", d, err)
		}
	})
}

func TestABatchIsRenamedAndFinalisedInTheAuditLog(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		owner, other := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff)
		b, _, err := w.Uploads.CreateBatch(ctx, owner, "Gate 7", "")
		if err != nil {
			t.Fatal(err)
		}
		w.MustUpload(t, owner, "a.txt", "hello", &b.ID)
		if b, err = w.Batches.Find(ctx, owner, b.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Uploads.RenameBatch(ctx, other, b.ID, "Mine", time.Time{}); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("another's batch: %v", err)
		}
		if _, err := w.Uploads.RenameBatch(ctx, owner, b.ID, "Gate 9", b.UpdatedAt.Add(-time.Second)); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("a form out of date: %v", err)
		}
		if _, err := w.Uploads.RenameBatch(ctx, owner, b.ID, "a\x00b", b.UpdatedAt); !domain.IsCode(err, domain.Invalid) {
			t.Errorf("a label that is none: %v", err)
		}
		if _, err := w.Uploads.RenameBatch(ctx, owner, b.ID, " Gate 9 ", b.UpdatedAt); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Uploads.RenameBatch(ctx, owner, b.ID, "Gate 9", time.Time{}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := w.Uploads.FinaliseBatch(ctx, owner, b.ID); err != nil {
				t.Fatal(err)
			}
		}
		now, err := w.Batches.Find(ctx, owner, b.ID)
		if err != nil || now.Label != "Gate 9" || now.Counts.Files != 1 || now.Status != domain.BatchComplete {
			t.Errorf("%+v, %v", now, err)
		}
		entries := told(t, w, "batch", b.ID)
		if len(entries) != 2 || entries[0].Changes["label"] != "Gate 7 → Gate 9" || entries[1].Action != "batch.finalised" || entries[1].Changes["status"] != "in_progress → complete" {
			t.Errorf("the audit log has %+v", entries)
		}
	})
}

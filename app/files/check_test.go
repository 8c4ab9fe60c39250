package files_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"doorito/app/files"
	"doorito/domain"
	"doorito/e2e/world"
)

func TestStoredBytesAreReadBackAndCompared(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, admin := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleAdmin)
		checks := files.NewChecks(w.DB, w.Blobs, w.Clock, w.IDs, w.Log)
		check := func(f *domain.File) *domain.FileCheck {
			t.Helper()
			if err := checks.Ask(ctx, admin, f.ID); err != nil {
				t.Fatal(err)
			}
			if err := checks.Ask(ctx, admin, f.ID); !domain.IsCode(err, domain.Conflict) {
				t.Errorf("asked twice: %v", err)
			}
			if did, err := checks.RunOne(ctx); !did || err != nil {
				t.Fatal(did, err)
			}
			got, err := checks.Latest(ctx, admin, f.ID)
			if err != nil || got == nil || !got.IsOver() {
				t.Fatalf("%+v, %v", got, err)
			}
			last := told(t, w, "file", f.ID)
			if e := last[len(last)-1]; e.Action != "file.checked" || e.Changes["result"] != string(got.State) || *e.ActorID != admin.UserID {
				t.Errorf("the audit log has %+v", e)
			}
			return got
		}
		whole := w.MustUpload(t, staff, "whole.txt", strings.Repeat("hello ", 100_000), nil)
		if got := check(whole); got.State != domain.CheckMatches || got.Done != whole.SizeBytes || got.SHA256 != whole.SHA256 {
			t.Errorf("%+v", got)
		}
		for text, want := range map[string]domain.CheckState{"": domain.CheckMissing, "hellO": domain.CheckDifferent, "hell": domain.CheckDifferent} {
			f := w.MustUpload(t, staff, "a.txt", "hello", nil)
			if err := w.Blobs.Delete(ctx, f.StorageKey); err != nil {
				t.Fatal(err)
			}
			if text != "" {
				if err := w.Blobs.Put(ctx, f.StorageKey, []byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			if got := check(f); got.State != want {
				t.Errorf("%q is %+v", text, got)
			}
		}
		if did, err := checks.RunOne(ctx); did || err != nil {
			t.Error("there is nothing left to read, and something was", err)
		}
		if err := checks.Ask(ctx, staff, whole.ID); !domain.IsCode(err, domain.Forbidden) {
			t.Errorf("staff: %v", err)
		}
		if _, err := w.Files.Delete(ctx, staff, []uuid.UUID{whole.ID}); err != nil {
			t.Fatal(err)
		}
		if err := checks.Ask(ctx, admin, whole.ID); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("a deleted file: %v", err)
		}
	})
}

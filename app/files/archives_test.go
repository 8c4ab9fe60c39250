package files_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

func TestABatchIsOneArchiveOfWhatIsThereForWhoMaySeeIt(t *testing.T) {
	t.Parallel()
	world.Everywhere(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff, other, admin := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff), w.MustUser(t, "c@example.com", domain.RoleAdmin)
		b, _, err := w.Uploads.CreateBatch(ctx, staff, "Yard: week 47", "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Archives.OfBatch(ctx, staff, b.ID); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("an archive of nothing: %v", err)
		}
		texts := map[string]string{"a.txt": "hello", "scans/b.bin": strings.Repeat("large ", 100_000), "scans/empty": ""}
		for _, name := range []string{"a.txt", "scans/b.bin", "scans/empty"} {
			in := usecase.UploadInput{Name: name, Size: -1, BatchID: &b.ID, Body: strings.NewReader(texts[name])}
			if folder, _, found := strings.Cut(name, "/"); found {
				in.Metadata = map[string]string{"path": folder}
			}
			if _, err := upload(w, staff, in); err != nil {
				t.Fatal(err)
			}
			w.Clock.Advance(1)
		}
		gone := w.MustUpload(t, staff, "gone.txt", "gone", &b.ID)
		if _, err := w.Files.Delete(ctx, staff, []uuid.UUID{gone.ID}); err != nil {
			t.Fatal(err)
		}
		for who, a := range map[string]domain.Actor{"owner": staff, "admin": admin} {
			got, err := w.Archives.OfBatch(ctx, a, b.ID)
			if err != nil || got.Name != "Yard- week 47.zip" || got.Files != 3 || got.Bytes != 600_005 {
				t.Fatalf("%s: %+v, %v", who, got, err)
			}
			src := got.Open(ctx)
			whole, err := io.ReadAll(src)
			if err != nil || int64(len(whole)) != got.Size || src.Close() != nil {
				t.Fatalf("%s: %d bytes of %d, %v", who, len(whole), got.Size, err)
			}
			r, err := zip.NewReader(bytes.NewReader(whole), got.Size)
			if err != nil || len(r.File) != 3 {
				t.Fatal(who, err)
			}
			for _, e := range r.File {
				in, err := e.Open()
				if err != nil {
					t.Fatal(err)
				}
				if text, err := io.ReadAll(in); err != nil || string(text) != texts[e.Name] {
					t.Errorf("%s: %s has %d bytes, %v", who, e.Name, len(text), err)
				}
			}
		}
		if _, err := w.Archives.OfBatch(ctx, other, b.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("somebody else: %v", err)
		}
		barred := staff
		barred.Withheld = []domain.Permission{domain.MayDownload}
		if _, err := w.Archives.OfBatch(ctx, barred, b.ID); !domain.IsCode(err, domain.Forbidden) {
			t.Errorf("without the right to download: %v", err)
		}
		if _, err := w.Archives.OfBatch(ctx, domain.Actor{}, b.ID); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestAFileThatGoesWhileItsArchiveIsReadBreaksItOff(t *testing.T) {
	t.Parallel()
	world.Everywhere(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		b, _, err := w.Uploads.CreateBatch(ctx, staff, "", "")
		if err != nil {
			t.Fatal(err)
		}
		w.MustUpload(t, staff, "a.txt", "hello", &b.ID)
		w.Clock.Advance(1)
		second := w.MustUpload(t, staff, "b.txt", strings.Repeat("x", 300_000), &b.ID)
		got, err := w.Archives.OfBatch(ctx, staff, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		src := got.Open(ctx)
		defer src.Close()
		if _, err := w.Files.Delete(ctx, staff, []uuid.UUID{second.ID}); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, src); err == nil || n >= got.Size {
			t.Errorf("%d bytes of %d came, %v", n, got.Size, err)
		}
	})
}

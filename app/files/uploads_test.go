package files_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

func upload(w *world.World, a domain.Actor, in usecase.UploadInput) (*domain.File, error) {
	return w.Uploads.Upload(context.Background(), a, in)
}

// events returns the types in the outbox about an aggregate, oldest first.
func events(t *testing.T, w *world.World, id uuid.UUID) []string {
	t.Helper()
	page, err := w.DB.Reads().Outbox.List(context.Background(), ports.ListQuery{Filters: map[string][]string{"aggregate": {id.String()}}})
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, e := range page.Items {
		types = append([]string{string(e.Type)}, types...)
	}
	return types
}

func TestAnUploadIsStoredHashedAndAnnounced(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "staff@example.com", domain.RoleStaff)
		body := bytes.Repeat([]byte("doorito "), 50_000)
		sum := sha256.Sum256(body)
		f, err := upload(w, staff, usecase.UploadInput{Name: `C:\scans\Größe 1.txt`, Size: -1, Body: iotest.HalfReader(bytes.NewReader(body))})
		if err != nil {
			t.Fatal(err)
		}
		if f.Status != domain.FileStored || f.SizeBytes != int64(len(body)) || f.SHA256 != hex.EncodeToString(sum[:]) || f.OriginalFilename != "Größe 1.txt" || f.ContentType != "text/plain" {
			t.Errorf("stored as %+v", f)
		}
		kept, err := w.Files.Find(ctx, staff, f.ID)
		if err != nil || kept.Status != domain.FileStored || kept.SHA256 != f.SHA256 || kept.ExpiresAt == nil {
			t.Errorf("kept as %+v, %v", kept, err)
		}
		d, err := w.Files.Download(ctx, staff, f.ID)
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.Open(ctx, 8, 7)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if part, err := io.ReadAll(r); err != nil || string(part) != "doorito" {
			t.Errorf("a range gives %q, %v", part, err)
		}
		page, err := w.DB.Reads().Outbox.List(ctx, ports.ListQuery{Filters: map[string][]string{"aggregate": {f.ID.String()}}})
		if err != nil || len(page.Items) != 1 {
			t.Fatalf("events: %d, %v", len(page.Items), err)
		}
		var body2 struct {
			ID, Type string
			Data     struct {
				SHA256     string `json:"sha256"`
				SizeBytes  int64  `json:"size_bytes"`
				UploadedBy string `json:"uploaded_by"`
			}
		}
		if err := json.Unmarshal(page.Items[0].Payload, &body2); err != nil {
			t.Fatal(err)
		}
		if body2.Type != "file.stored" || body2.Data.SHA256 != f.SHA256 || body2.Data.SizeBytes != f.SizeBytes || body2.ID != page.Items[0].ID.String() {
			t.Errorf("payload %s", page.Items[0].Payload)
		}
	})
}

func TestARefusedUploadLeavesNoBytesAndNothingStored(t *testing.T) {
	t.Parallel()
	cut := errors.New("connection reset")
	pdf := "%PDF-1.7\n%....\n1 0 obj"
	text := func(s string) func() io.Reader { return func() io.Reader { return strings.NewReader(s) } }
	zeros := func() io.Reader { return bytes.NewReader(make([]byte, 2<<20)) }
	for name, c := range map[string]struct {
		name string
		size int64
		body func() io.Reader
		code domain.Code
		row  bool // a failed row stays, with the reason
	}{
		"declared too big":   {"a.bin", 2 << 20, text("x"), domain.TooLarge, false},
		"grows too big":      {"a.bin", -1, zeros, domain.TooLarge, true},
		"the length lies":    {"a.bin", 10, zeros, domain.TooLarge, true},
		"longer than said":   {"a.bin", 10, text("twelve bytes"), domain.Invalid, true},
		"shorter than said":  {"a.bin", 10, text("four"), domain.Invalid, true},
		"cut off":            {"a.bin", 100, func() io.Reader { return io.MultiReader(strings.NewReader("some"), iotest.ErrReader(cut)) }, domain.Invalid, true},
		"type not allowed":   {"a.pdf", -1, text(pdf), domain.UnsupportedType, true},
		"another than named": {"scan.png", -1, text(pdf), domain.UnsupportedType, true},
		"empty name":         {"", 1, text("x"), domain.Invalid, false},
		"climbs":             {"../", 1, text("x"), domain.Invalid, false},
		"NUL":                {"a\x00b", 1, text("x"), domain.Invalid, false},
		"300 bytes":          {strings.Repeat("n", 300), 1, text("x"), domain.Invalid, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world.Each(t, func(t *testing.T, w *world.World) {
				w.Uploads.Limits.AllowedTypes = []string{"text/*", "image/png", "application/octet-stream"}
				staff := w.MustUser(t, "staff@example.com", domain.RoleStaff)
				_, err := upload(w, staff, usecase.UploadInput{Name: c.name, Size: c.size, Body: c.body()})
				if !domain.IsCode(err, c.code) {
					t.Fatalf("error %v, want %s", err, c.code)
				}
				page, err := w.Files.List(context.Background(), staff, ports.ListQuery{})
				if err != nil {
					t.Fatal(err)
				}
				if !c.row {
					if len(page.Items) != 0 {
						t.Errorf("a row was made: %+v", page.Items[0])
					}
					return
				}
				f := page.Items[0]
				if f.Status != domain.FileFailed || f.ErrorMessage == "" || f.PurgedAt == nil {
					t.Errorf("left as %+v", f)
				}
				if _, err := w.Blobs.Stat(context.Background(), f.StorageKey); !domain.IsCode(err, domain.NotFound) {
					t.Errorf("bytes stay: %v", err)
				}
				if got := events(t, w, f.ID); len(got) != 1 || got[0] != "file.failed" {
					t.Errorf("events %v", got)
				}
			})
		})
	}
}

func TestOthersFilesAreNotThere(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		mine, other := w.MustUser(t, "a@example.com", domain.RoleStaff), w.MustUser(t, "b@example.com", domain.RoleStaff)
		admin := w.MustUser(t, "c@example.com", domain.RoleAdmin)
		f := w.MustUpload(t, mine, "a.txt", "hello", nil)
		if _, err := w.Files.Find(ctx, other, f.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("find: %v", err)
		}
		if _, err := w.Files.Download(ctx, other, f.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("download: %v", err)
		}
		if _, err := w.Files.Delete(ctx, other, []uuid.UUID{f.ID}); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("delete: %v", err)
		}
		if page, err := w.Files.List(ctx, other, ports.ListQuery{}); err != nil || len(page.Items) != 0 {
			t.Errorf("list: %d, %v", len(page.Items), err)
		}
		if _, err := w.Files.Find(ctx, domain.Actor{}, f.ID); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("nobody: %v", err)
		}
		if page, err := w.Files.List(ctx, admin, ports.ListQuery{}); err != nil || len(page.Items) != 1 || page.Items[0].UploaderName == "" {
			t.Errorf("admin's list: %+v, %v", page, err)
		}
	})
}

func TestALinkWorksUntilTheFileIsGone(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		token := strings.TrimPrefix(w.Files.Link(domain.System(), f), world.BaseURL+"/d/")
		if _, err := w.Files.ByLink(ctx, token); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Files.ByLink(ctx, token[:len(token)-1]+"!"); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("a damaged link: %v", err)
		}
		if n, err := w.Files.Delete(ctx, staff, []uuid.UUID{f.ID}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if _, err := w.Files.ByLink(ctx, token); !domain.IsCode(err, domain.Expired) {
			t.Errorf("after deleting: %v", err)
		}
		if _, err := w.Blobs.Stat(ctx, f.StorageKey); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("bytes stay: %v", err)
		}
		if got := events(t, w, f.ID); len(got) != 2 || got[1] != "file.deleted" {
			t.Errorf("events %v", got)
		}
		if _, err := w.Files.Delete(ctx, staff, []uuid.UUID{f.ID}); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("deleting twice: %v", err)
		}
	})
}

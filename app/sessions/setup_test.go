package sessions_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/uuid"

	"doorito/app/sessions"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/portstest"
	"doorito/ports/usecase"
)

const (
	mib = 1 << 20
	// stride is a multiple of every storage's.
	stride = 32 * mib
)

// bench is a world with one person and one upload.
type bench struct {
	*world.World
	t     *testing.T
	staff domain.Actor
}

// each runs a test on pairs that have every database and storage among them.
func each(t *testing.T, test func(b *bench)) {
	t.Helper()
	world.EachStaged(t, func(t *testing.T, w *world.World) {
		test(&bench{w, t, w.MustUser(t, "staff@example.com", domain.RoleStaff)})
	})
}

// everywhere is each on every database with every storage, for what is small.
func everywhere(t *testing.T, test func(b *bench)) {
	t.Helper()
	world.Everywhere(t, func(t *testing.T, w *world.World) {
		test(&bench{w, t, w.MustUser(t, "staff@example.com", domain.RoleStaff)})
	})
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func sized(n int) usecase.SessionInput {
	total := int64(n)
	return usecase.SessionInput{Name: "scan.bin", Size: &total}
}

func (b *bench) create(in usecase.SessionInput) *domain.UploadSession {
	b.t.Helper()
	s, created, err := b.Sessions.Create(b.t.Context(), b.staff, in)
	if err != nil || !created {
		b.t.Fatal(created, err)
	}
	return s
}

// send appends data in one request.
func (b *bench) send(id uuid.UUID, offset int, data []byte) (*domain.UploadSession, error) {
	return b.Sessions.Append(b.t.Context(), b.staff, id, usecase.AppendInput{Offset: int64(offset), Size: int64(len(data)), Body: bytes.NewReader(data)})
}

// breaks appends data in a request that is announced larger and breaks off.
func (b *bench) breaks(id uuid.UUID, offset int, data []byte, size int) (*domain.UploadSession, error) {
	body := io.MultiReader(bytes.NewReader(data), iotest.ErrReader(errors.New("connection reset")))
	return b.Sessions.Append(b.t.Context(), b.staff, id, usecase.AppendInput{Offset: int64(offset), Size: int64(size), Body: body})
}

func (b *bench) put(id uuid.UUID, number int, data []byte) error {
	return b.putTo(b.Sessions, id, number, data)
}

func (b *bench) putTo(process *sessions.Sessions, id uuid.UUID, number int, data []byte) error {
	_, err := process.PutPart(b.t.Context(), b.staff, id, usecase.PartInput{Number: number, Size: int64(len(data)), Body: bytes.NewReader(data)})
	return err
}

func (b *bench) session(id uuid.UUID) *domain.UploadSession {
	b.t.Helper()
	s, err := b.DB.Reads().Sessions.Find(context.Background(), id)
	b.must(err)
	return s
}

func (b *bench) file(s *domain.UploadSession) *domain.File {
	b.t.Helper()
	f, err := b.DB.Reads().Files.Find(context.Background(), *s.FileID)
	b.must(err)
	return f
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) want(err error, code domain.Code, field string) {
	b.t.Helper()
	var e *domain.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != field {
		b.t.Fatalf("error %v, want %s on %q", err, code, field)
	}
}

func (b *bench) events(id uuid.UUID) []string {
	b.t.Helper()
	page, err := b.DB.Reads().Outbox.List(context.Background(), ports.ListQuery{Filters: map[string][]string{"aggregate": {id.String()}}})
	b.must(err)
	var types []string
	for _, e := range page.Items {
		types = append(types, string(e.Type))
	}
	return types
}

// stored wants the session complete, the file stored with these bytes, and
// exactly one event.
func (b *bench) stored(id uuid.UUID, data []byte) {
	b.t.Helper()
	s := b.session(id)
	f := b.file(s)
	if s.Status != domain.SessionComplete || f.Status != domain.FileStored || f.SizeBytes != int64(len(data)) || f.SHA256 != sha(data) {
		b.t.Fatalf("session %s %q, file %s %q of %d bytes", s.Status, s.ErrorMessage, f.Status, f.ErrorMessage, f.SizeBytes)
	}
	r, err := b.Blobs.Open(context.Background(), f.StorageKey, 0, -1)
	b.must(err)
	defer r.Close()
	h := sha256.New()
	if n, err := io.Copy(h, r); err != nil || hex.EncodeToString(h.Sum(nil)) != f.SHA256 {
		b.t.Fatalf("the blob has %d other bytes: %v", n, err)
	}
	if held := b.left(f.StorageKey); !slices.Equal(held, []string{"blob"}) {
		b.t.Errorf("the storage holds %v for it", held)
	}
	if e := b.events(f.ID); len(e) != 1 || e[0] != "file.stored" {
		b.t.Errorf("events %v", e)
	}
}

// gone wants session and file ended, with one event and no bytes.
func (b *bench) gone(id uuid.UUID, status domain.SessionStatus) {
	b.t.Helper()
	s := b.session(id)
	f := b.file(s)
	if s.Status != status || s.ErrorMessage == "" || f.Status != domain.FileFailed || f.ErrorMessage == "" || f.PurgedAt == nil {
		b.t.Fatalf("session %s %q, file %s %q, purged %v", s.Status, s.ErrorMessage, f.Status, f.ErrorMessage, f.PurgedAt)
	}
	if e := b.events(f.ID); len(e) != 1 || e[0] != "file.failed" {
		b.t.Errorf("events %v", e)
	}
	if held := b.left(f.StorageKey); len(held) != 0 {
		b.t.Errorf("the storage holds %v for it", held)
	}
}

// left is what the storage holds under a key, "blob" and "pieces".
func (b *bench) left(key string) []string {
	b.t.Helper()
	var kinds []string
	err := b.Blobs.Holdings(context.Background(), key, func(page []ports.Holding) error {
		for _, h := range page {
			kind := "pieces"
			if h.Blob {
				kind = "blob"
			}
			kinds = append(kinds, kind)
		}
		return nil
	})
	b.must(err)
	return kinds
}

func (b *bench) complete(id uuid.UUID) (*domain.File, error) {
	return b.Sessions.Complete(b.t.Context(), b.staff, id, "")
}

// eventually waits for a condition that nothing announces.
func (b *bench) eventually(what string, ok func() bool) {
	b.t.Helper()
	world.Eventually(b.t, what, ok)
}

func bytesOf(n int) []byte { return portstest.Bytes(n) }

package files_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

// away is a storage that cannot be reached for deleting: a fault that no real
// one produces on demand.
type away struct{ ports.Blobs }

func (away) Delete(context.Context, string) error { return errors.New("no route to storage") }

// The crash table of the design: "`deleted` / purged". The purge sweep mends it.
func TestCrashDeletedPurged(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		f := w.MustUpload(t, staff, "a.txt", "hello", nil)
		w.Files.Blobs = away{w.Blobs}
		if n, err := w.Files.Delete(ctx, staff, []uuid.UUID{f.ID}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if _, err := w.Blobs.Stat(ctx, f.StorageKey); err != nil {
			t.Fatalf("the bytes are gone already: %v", err)
		}
		if got, err := w.Upkeep.Do(ctx, domain.TaskFilesCleanup); err != nil || !strings.Contains(got, "purged 1") {
			t.Errorf("cleanup: %q, %v", got, err)
		}
		if _, err := w.Blobs.Stat(ctx, f.StorageKey); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("bytes stay: %v", err)
		}
	})
}

// mute is a database whose answer to one commit is lost, after it was done.
type mute struct {
	ports.Transactor
	at  int // which transaction
	n   int
	did bool // the transaction is done, only its answer lost
}

func (m *mute) InTx(ctx context.Context, fn func(context.Context, ports.Stores) error) error {
	m.n++
	if m.n != m.at {
		return m.Transactor.InTx(ctx, fn)
	}
	if m.did {
		if err := m.Transactor.InTx(ctx, fn); err != nil {
			return err
		}
	}
	return errors.New("connection lost")
}

// The crash table of the design: dead between "blob completed" and "final
// commit", and a final commit whose answer is lost.
func TestAFinalCommitThatFailsKeepsNoBytesAndOneWhoseAnswerIsLostKeepsTheFile(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		up := func(m *mute) (*domain.File, error) {
			u := *w.Uploads
			u.DB = m
			return u.Upload(ctx, staff, usecase.UploadInput{Name: "a.txt", Size: 5, Body: strings.NewReader("hello")})
		}
		if _, err := up(&mute{Transactor: w.DB, at: 2}); err == nil {
			t.Fatal("an upload without its final commit was acknowledged")
		}
		page, err := w.Files.List(ctx, staff, ports.ListQuery{})
		if err != nil || page.Items[0].Status != domain.FileFailed {
			t.Fatalf("%+v, %v", page.Items, err)
		}
		if _, err := w.Blobs.Stat(ctx, page.Items[0].StorageKey); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("bytes stay: %v", err)
		}
		f, err := up(&mute{Transactor: w.DB, at: 2, did: true})
		if err != nil {
			t.Fatalf("the commit went through, yet: %v", err)
		}
		if _, err := w.Blobs.Stat(ctx, f.StorageKey); err != nil {
			t.Errorf("a stored file lost its bytes: %v", err)
		}
		if got := events(t, w, f.ID); len(got) != 1 || got[0] != "file.stored" {
			t.Errorf("events %v", got)
		}
	})
}

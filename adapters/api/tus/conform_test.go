package tus_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/uuid"

	"doorito/adapters/api/tus"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

// conforms runs a test of the protocol over the real use cases, with every
// database and every storage.
func conforms(t *testing.T, test func(t *testing.T, p *portal)) {
	t.Helper()
	t.Parallel()
	world.EachStaged(t, func(t *testing.T, w *world.World) {
		err := w.DB.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error {
			for _, u := range []*domain.User{ada, bob} {
				mine := *u
				mine.Email = strings.ToLower(u.Name) + "@example.com"
				if err := s.Users.Insert(ctx, &mine); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.Sessions.Limits.MaxSize = maxSize
		p := &portal{world: w, clock: w.Clock}
		p.listen(t, tus.Deps{Sessions: w.Sessions, Files: w.Files, Clock: w.Clock, MaxSize: maxSize, CORSOrigins: []string{friend}})
		test(t, p)
	})
}

// file is the file of the upload at a path, nil for a partial, with its content
// once it is stored.
func (p *portal) file(t *testing.T, path string) (f *domain.File, content string) {
	t.Helper()
	d, err := p.world.Sessions.Find(context.Background(), domain.UserActor(ada), uuid.MustParse(path[len("/files/"):]))
	if err != nil {
		t.Fatal(err)
	}
	if d.File == nil || d.File.Status != domain.FileStored {
		return d.File, ""
	}
	r, err := p.world.Blobs.Open(context.Background(), d.File.StorageKey, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return d.File, string(got)
}

// wantStored checks the upload at a path to be a stored file with this content.
func (p *portal) wantStored(t *testing.T, path, content string) {
	t.Helper()
	if f, got := p.file(t, path); got != content || f.Status != domain.FileStored || f.SHA256 != hexOf(content) {
		t.Errorf("%s with %q, %s", f.Status, got, f.SHA256)
	}
}

// uploads is how many there are, of whatever state.
func (p *portal) uploads(t *testing.T) int {
	t.Helper()
	page, err := p.world.Sessions.List(context.Background(), domain.UserActor(ada), ports.ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Items)
}

package tus_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/api/tus"
	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

// person signs one actor in, by any token.
type person struct {
	people
	actor domain.Actor
}

func (p person) ByToken(context.Context, string) (domain.Actor, error) { return p.actor, nil }

func (p person) BySession(context.Context, string, string) (*usecase.SignedIn, error) {
	return nil, domain.Errorf(domain.Unauthenticated, "Sign in again.")
}

// portalOf is a portal over the real use cases.
func portalOf(t *testing.T, w *world.World) (*portal, domain.Actor) {
	t.Helper()
	u := w.MustUser(t, "ada@example.com", domain.RoleStaff)
	u.TokenID, u.Scopes = uuid.New(), []domain.Scope{domain.ScopeUpload, domain.ScopeRead}
	p := &portal{}
	p.listen(t, tus.Deps{Sessions: w.Sessions, Together: w.Sessions, Files: w.Files, Clock: w.Clock, MaxSize: 64 << 20}, func(c *fiberx.Config, _ *tus.Deps) {
		c.SignIn, c.UploadLimit, c.IdleTimeout = person{actor: u}, 64<<20, time.Minute
	})
	return p, u
}

// stored returns the one file of that name.
func stored(t *testing.T, w *world.World, a domain.Actor, name string) *domain.File {
	t.Helper()
	page, err := w.Files.List(context.Background(), a, ports.ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	found := slices.DeleteFunc(page.Items, func(f *domain.File) bool { return f.OriginalFilename != name })
	if len(found) != 1 {
		t.Fatalf("%d files %s", len(found), name)
	}
	return found[0]
}

func hexOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func wantContent(t *testing.T, f *domain.File, text string) {
	t.Helper()
	if f.Status != domain.FileStored || f.SHA256 != hexOf(text) || f.SizeBytes != int64(len(text)) {
		t.Errorf("%s is %s with %d bytes, %s: %s", f.OriginalFilename, f.Status, f.SizeBytes, f.SHA256, f.ErrorMessage)
	}
}

// TestUploadsOverTheRealUseCases goes through every extension once, on disk and
// in memory, on both databases.
func TestUploadsOverTheRealUseCases(t *testing.T) {
	t.Parallel()
	world.EachStaged(t, func(t *testing.T, w *world.World) {
		p, a := portalOf(t, w)
		named := func(name string) string { return "Upload-Metadata: filename " + b64(name) + ",odd " + b64("x") }
		text := strings.Repeat("hello world\n", 100_000)
		half := len(text) / 2

		at := p.create(t, fmt.Sprint("Upload-Length: ", len(text)), named("broken.txt"))
		b := p.begin(t, at, 0, len(text), "")
		b.send(t, text[:half])
		b.Close()
		p.reach(t, at, half)
		p.head(t, at).want(t, 200, named("broken.txt"), fmt.Sprint("Upload-Length: ", len(text)))
		p.patch(t, at, fmt.Sprint(half), "more", "Upload-Checksum: sha1 "+sha1of("other")).want(t, 460)
		p.patch(t, at, "7", "more").want(t, 409)
		p.patch(t, at, fmt.Sprint(half), text[half:], "Upload-Checksum: sha256 "+sha256of(text[half:])).want(t, 204, fmt.Sprint("Upload-Offset: ", len(text)), "Upload-Expires:")
		wantContent(t, stored(t, w, a, "broken.txt"), text)
		if f := stored(t, w, a, "broken.txt"); len(f.Metadata) != 1 || f.Metadata["odd"] != "x" {
			t.Error(f.Metadata)
		}

		p.do(t, "POST", "/files/", "hello", "Upload-Length: 5", named("at-once.txt"), "Content-Type: application/offset+octet-stream").want(t, 201, "Upload-Offset: 5",
			"X-File-Id: "+stored(t, w, a, "at-once.txt").ID.String(), "X-File-Sha256: "+hexOf("hello"))
		wantContent(t, stored(t, w, a, "at-once.txt"), "hello")
		p.do(t, "POST", "/files/", "hello", "Upload-Length: 5", "Content-Type: application/offset+octet-stream", "Upload-Checksum: sha1 "+sha1of("x")).want(t, 460, "Location:")
		empty := p.create(t, "Upload-Length: 0", named("empty.txt"))
		p.head(t, empty).want(t, 200, "X-File-Sha256: "+hexOf(""))
		wantContent(t, stored(t, w, a, "empty.txt"), "")

		deferred := p.create(t, "Upload-Defer-Length: 1", named("deferred.txt"))
		p.patch(t, deferred, "0", "hello ").want(t, 204, "Upload-Offset: 6")
		p.patch(t, deferred, "6", "world", "Upload-Length: 11", "Upload-Checksum: sha1 "+sha1of("World")).want(t, 460)
		p.head(t, deferred).want(t, 200, "Upload-Defer-Length: 1", "Upload-Offset: 6", "X-File-Id:", "X-File-Sha256:")
		p.patch(t, deferred, "6", "world", "Upload-Length: 11").want(t, 204, "Upload-Offset: 11")
		wantContent(t, stored(t, w, a, "deferred.txt"), "hello world")

		var partials []string
		for _, piece := range []string{text[:half], text[half:]} {
			partials = append(partials, p.create(t, "Upload-Concat: partial", fmt.Sprint("Upload-Length: ", len(piece))))
			p.patch(t, partials[len(partials)-1], "0", piece).want(t, 204)
		}
		p.head(t, partials[0]).want(t, 200, fmt.Sprint("Upload-Offset: ", half), "Upload-Concat: partial")
		list := "Upload-Concat: final;" + strings.Join(partials, " ")
		final := p.create(t, list, named("joined.txt"))
		wantContent(t, stored(t, w, a, "joined.txt"), text)
		p.head(t, final).want(t, 200, list, fmt.Sprint("Upload-Offset: ", len(text)), "X-File-Id: "+stored(t, w, a, "joined.txt").ID.String(), "X-File-Sha256:")
		p.patch(t, final, fmt.Sprint(len(text)), "more").want(t, 403)

		for _, gone := range []string{final, at, p.create(t, "Upload-Length: 5", named("ended.txt")), partials[0]} {
			p.do(t, "DELETE", gone, "").want(t, 204)
			p.head(t, gone).want(t, 410, "Upload-Offset:")
			p.do(t, "DELETE", gone, "").want(t, 410)
			if gone != final {
				p.patch(t, gone, "0", "hello").want(t, 410)
			}
		}
	})
}

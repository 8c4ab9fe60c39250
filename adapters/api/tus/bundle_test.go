package tus_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

const mixed = "Content-Type: multipart/mixed; boundary=b"

// piece is one file of a bundle.
type piece struct {
	headers []string
	text    string
}

// small is a file under a key, with more metadata if there is any.
func small(key, name, text string, more ...string) piece {
	return piece{[]string{"Idempotency-Key: " + key, "Upload-Metadata: " + strings.Join(append([]string{"filename " + b64(name)}, more...), ",")}, text}
}

func bundleOf(pieces ...piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString("--b\r\n")
		for _, h := range p.headers {
			b.WriteString(h + "\r\n")
		}
		b.WriteString("\r\n" + p.text + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

// told is what the answer says of one file.
type told struct {
	Status   int
	Location string
	FileID   string `json:"file_id"`
	SHA256   string
	Replayed bool
	Problem  struct{ Detail, Code, Field string }
}

func (a answer) told(t *testing.T) []told {
	t.Helper()
	a.want(t, 200, "Content-Type: application/json")
	var out struct{ Uploads []told }
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		t.Fatal(err)
	}
	return out.Uploads
}

func (p *portal) bundle(t *testing.T, pieces ...piece) []told {
	t.Helper()
	return p.do(t, "POST", "/files/bundle", bundleOf(pieces...), mixed).told(t)
}

func TestABundleStoresEachOfItsFilesAndTellsOfEach(t *testing.T) {
	t.Parallel()
	world.EachStaged(t, func(t *testing.T, w *world.World) {
		p, a := portalOf(t, w)
		b, _, err := w.Uploads.CreateBatch(t.Context(), a, "a batch", "")
		if err != nil {
			t.Fatal(err)
		}
		in := "batch " + b64(b.ID.String())
		full := strings.Repeat("x", 256<<10)
		got := p.bundle(t,
			small("1", "one.txt", "hello", in, "path "+b64("scans/today"), "sha256 "+b64(hexOf("hello"))),
			small("2", "two.txt", "changed", in, "sha256 "+b64(hexOf("meant"))),
			small("3", "empty.txt", "", in),
			small("4", "full.txt", full, in),
			small("5", "more.txt", full+"x", in),
			small("6", "nowhere.txt", "hello", "batch "+b64("0190f0a0-0000-7000-8000-00000000ffff")),
			piece{nil, "without a key"},
			piece{[]string{"Idempotency-Key: 8", "Upload-Metadata: =,="}, "hello"},
			piece{[]string{"Idempotency-Key: 9", "Upload-Checksum: sha1 AAAA"}, "hello"},
			piece{[]string{"Idempotency-Key: 10", "Idempotency-Key: 11"}, "hello"},
			small("1", "one.txt", "hello", in, "path "+b64("scans/today"), "sha256 "+b64(hexOf("hello"))),
			small("1", "another.txt", "hello", in),
		)
		var statuses []int
		for _, one := range got {
			statuses = append(statuses, one.Status)
			if (one.Problem.Detail == "") != (one.Status == 201) {
				t.Errorf("%+v", one)
			}
		}
		if want := []int{201, 400, 201, 201, 413, 404, 400, 400, 400, 400, 201, 409}; !slices.Equal(statuses, want) {
			t.Fatalf("%v, not %v: %+v", statuses, want, got)
		}
		for name, text := range map[string]string{"one.txt": "hello", "empty.txt": "", "full.txt": full} {
			f := stored(t, w, a, name)
			wantContent(t, f, text)
			i := slices.IndexFunc(got, func(one told) bool { return one.FileID == f.ID.String() })
			if i < 0 || got[i].SHA256 != hexOf(text) || got[i].Replayed || f.BatchID == nil || *f.BatchID != b.ID {
				t.Errorf("%s: %+v", name, f)
			}
			p.head(t, got[i].Location).want(t, 200, "X-File-Id: "+f.ID.String())
		}
		if f := stored(t, w, a, "one.txt"); f.Metadata["path"] != "scans/today" || !got[10].Replayed || got[10].FileID != f.ID.String() {
			t.Errorf("%v, then %+v", f.Metadata, got[10])
		}
		if f := stored(t, w, a, "two.txt"); f.Status != domain.FileFailed || got[1].Problem.Field != "sha256" {
			t.Errorf("%s, %+v", f.Status, got[1])
		}
		// A creation alone under the same key finds what the bundle made.
		p.do(t, "POST", "/files/", "", "Idempotency-Key: 4", "Upload-Length: "+fmt.Sprint(len(full)), small("4", "full.txt", "", in).headers[1]).
			want(t, 201, "Location: "+got[3].Location, "Idempotent-Replayed: true")
	})
}

// The connection breaks when some of the files are stored, and when all are but
// nobody hears of it: sent again, none is there twice or announced twice.
func TestABundleThatBrokeOffIsSentAgainAndStoresNothingTwice(t *testing.T) {
	t.Parallel()
	world.EachStaged(t, func(t *testing.T, w *world.World) {
		p, a := portalOf(t, w)
		var pieces []piece
		for i := range 20 {
			pieces = append(pieces, small(fmt.Sprint("key ", i), fmt.Sprint(i, ".txt"), strings.Repeat(fmt.Sprint("file ", i, "\n"), 400)))
		}
		body := bundleOf(pieces...)
		arrived := func() int { return len(storedNames(t, w, a)) }
		headers := []string{"Authorization: Bearer " + adaToken, "Tus-Resumable: 1.0.0", mixed}

		broken := p.beginAs(t, "POST", "/files/bundle", len(body), headers...)
		broken.send(t, body[:len(body)/2])
		broken.Close()
		world.Eventually(t, "some are stored", func() bool { return arrived() >= 9 })
		if n := arrived(); n > 10 {
			t.Fatalf("%d files of half a bundle", n)
		}
		unheard := p.beginAs(t, "POST", "/files/bundle", len(body), headers...)
		unheard.send(t, body)
		unheard.Close()
		world.Eventually(t, "all are stored", func() bool { return arrived() == len(pieces) })

		for _, one := range p.bundle(t, pieces...) {
			if one.Status != 201 || !one.Replayed || one.FileID == "" {
				t.Errorf("%+v", one)
			}
		}
		names := storedNames(t, w, a)
		slices.Sort(names)
		if unique := slices.Compact(slices.Clone(names)); len(names) != len(pieces) || len(unique) != len(names) {
			t.Errorf("%v", names)
		}
		if n := announced(t, w); n != len(pieces) {
			t.Errorf("%d events of %d files", n, len(pieces))
		}
	})
}

// storedNames are those of all stored files.
func storedNames(t *testing.T, w *world.World, a domain.Actor) (names []string) {
	t.Helper()
	page, err := w.Files.List(t.Context(), a, ports.ListQuery{Filters: map[string][]string{"status": {"stored"}}, Limit: ports.MaxPageSize})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range page.Items {
		names = append(names, f.OriginalFilename)
	}
	return names
}

// announced counts the events that tell of a stored file.
func announced(t *testing.T, w *world.World) int {
	t.Helper()
	page, err := w.DB.Reads().Outbox.List(t.Context(), ports.ListQuery{Filters: map[string][]string{"type": {"file.stored"}}, Limit: ports.MaxPageSize})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Items)
}

func TestABundleIsLetInAsACreationIs(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	const v, cookie, token = "Tus-Resumable: 1.0.0", "Cookie: doorito_session=" + session, "Authorization: Bearer "
	body := bundleOf(small("1", "a.txt", "hello"))
	for name, tc := range map[string]struct {
		headers []string
		status  int
	}{
		"a session with its token":  {[]string{cookie, "X-CSRF-Token: " + csrf, v, mixed}, 200},
		"without":                   {[]string{cookie, v, mixed}, 403},
		"as a form":                 {[]string{cookie, v, "Content-Type: multipart/form-data; boundary=b"}, 403},
		"as a form with the token":  {[]string{cookie, "X-CSRF-Token: " + csrf, v, "Content-Type: multipart/form-data; boundary=b"}, 415},
		"from another site":         {[]string{cookie, "X-CSRF-Token: " + csrf, "Sec-Fetch-Site: cross-site", v, mixed}, 403},
		"a bearer":                  {[]string{token + adaToken, v, mixed}, 200},
		"one that may not upload":   {[]string{token + readToken, v, mixed}, 403},
		"one that is unknown":       {[]string{token + "x", v, mixed}, 401},
		"nobody":                    {[]string{v, mixed}, 401},
		"of another version":        {[]string{token + adaToken, "Tus-Resumable: 0.2.2", mixed}, 412},
		"without a boundary":        {[]string{token + adaToken, v, "Content-Type: multipart/mixed"}, 400},
		"packed":                    {[]string{token + adaToken, v, mixed, "Content-Encoding: gzip"}, 415},
		"as another method in turn": {[]string{token + adaToken, v, mixed, "X-HTTP-Method-Override: DELETE"}, 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.raw(t, "POST", "/files/bundle", strings.NewReader(body), tc.headers...).want(t, tc.status)
		})
	}
	p.do(t, "POST", "/files/bundle", "no bundle at all", mixed).want(t, 400)
	p.do(t, "POST", "/files/bundle", strings.TrimSuffix(body, "--\r\n"), mixed).want(t, 400)
	many := make([]piece, 257)
	for i := range many {
		many[i] = small(fmt.Sprint("of many ", i), "a.txt", "")
	}
	p.do(t, "POST", "/files/bundle", bundleOf(many...), mixed).want(t, 413)
	p.raw(t, "OPTIONS", "/files/bundle", nil).want(t, 204, "Allow: OPTIONS, POST")
}

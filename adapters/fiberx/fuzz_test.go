package fiberx

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"doorito/domain"
)

func FuzzUnescapeName(f *testing.F) {
	for _, s := range []string{"a.pdf", "a%20b.pdf", "%2e%2e%2Fetc", "a%", "%zz", "%00", "caf%C3%A9", "%ff", "a+b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := UnescapeName(s)
		if err != nil {
			if !domain.IsCode(err, domain.Invalid) {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		back, err := UnescapeName(url.PathEscape(name))
		if err != nil || back != name {
			t.Fatalf("%q became %q, and that %q: %v", s, name, back, err)
		}
		if clean, err := domain.CleanFilename(name); err == nil && strings.ContainsAny(clean, "/\\\x00") {
			t.Fatalf("%q became %q", s, clean)
		}
	})
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"bytes=0-", "bytes=-5", "bytes=1-2", "bytes=9-1", "bytes=99999999999999999999-", "bytes=-99999999999999999999", "bytes=", "x"} {
		f.Add(s, int64(10))
	}
	f.Fuzz(func(t *testing.T, h string, size int64) {
		if size < 0 || size > 1<<16 {
			return
		}
		r, how := parseRange(h, size)
		if how != rangePart {
			return
		}
		if r.offset < 0 || r.length < 1 || r.offset+r.length > size {
			t.Fatalf("%q of %d: %+v", h, size, r)
		}
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.Header["Range"] = []string{h}
		rec := httptest.NewRecorder()
		http.ServeContent(rec, req, "", time.Time{}, bytes.NewReader(make([]byte, size)))
		// net/http is stricter about spaces and the unit's case.
		if rec.Code == http.StatusPartialContent && int64(rec.Body.Len()) != r.length {
			t.Fatalf("%q of %d: %d bytes, net/http says %d", h, size, r.length, rec.Body.Len())
		}
	})
}

// FuzzForm builds forms out of these bytes, which hold what looks like
// boundaries, and reads them through a body that gives a few bytes at a time;
// and it reads the bytes as a form themselves.
func FuzzForm(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n"), []byte("\r\n--b"), 3)
	f.Add([]byte("--b\r\n\r\n--b\r\n\r\n\r\n--b--"), []byte("\r\n--b-\r\n--b \r"), 1)
	f.Add([]byte("\r\n--b \t--"), []byte("\r\r\n\r\n--"), 7)
	f.Fuzz(func(t *testing.T, one, two []byte, step int) {
		if step < 1 || step > 64 {
			return
		}
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		if err := w.SetBoundary("b"); err != nil {
			t.Fatal(err)
		}
		for i, content := range [][]byte{one, two} {
			if bytes.Contains(append([]byte("\r\n"), content...), []byte("\r\n--b")) {
				content = bytes.ReplaceAll(content, []byte("--b"), []byte("--c"))
			}
			part, err := w.CreateFormFile("file", fmt.Sprintf("dir/%d", i))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := part.Write(content); err != nil {
				t.Fatal(err)
			}
			one, two = two, content
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		fm := newForm(&steps{left: form.Bytes(), step: step}, "b")
		for i, want := range [][]byte{one, two} {
			part, err := fm.NextPart()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(part)
			if err != nil || !bytes.Equal(got, want) || part.FileName() != fmt.Sprintf("dir/%d", i) || part.FormName() != "file" {
				t.Fatalf("%q %v: %v, got %q, want %q", form.Bytes(), part.Header, err, got, want)
			}
		}
		if _, err := fm.NextPart(); err != io.EOF {
			t.Fatal(err)
		}
		readWild(t, two, step)
	})
}

// readWild reads what may be no form at all: no panic, no more bytes than came.
func readWild(t *testing.T, raw []byte, step int) {
	fm, total := newForm(&steps{left: raw, step: step}, "b"), 0
	for {
		part, err := fm.NextPart()
		if err != nil {
			if _, again := fm.NextPart(); again != err {
				t.Fatalf("%v, then %v", err, again)
			}
			break
		}
		got, _ := io.ReadAll(part) // an error shows in NextPart again
		total += len(got)
	}
	if total > len(raw) {
		t.Fatalf("%d bytes out of %d", total, len(raw))
	}
}

func TestFormOfManySizesAndReads(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		var want [][]byte
		for range rnd.IntN(4) {
			content := bytes.Repeat([]byte("\r\n--"+w.Boundary()[:20]+"\r"), rnd.IntN(30_000))
			want = append(want, content)
			part, err := w.CreateFormFile("file", "a")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := part.Write(content); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for cut := range 2 {
			raw := form.Bytes()[:form.Len()-cut*5]
			fm := newForm(&steps{left: raw, step: 1 + rnd.IntN(300_000)}, w.Boundary())
			for i, content := range want {
				part, err := fm.NextPart()
				if err != nil {
					t.Fatal(err)
				}
				if rnd.IntN(4) == 0 {
					continue // a part may be left unread
				}
				got, err := io.ReadAll(part)
				if lastCut := cut == 1 && i == len(want)-1; !lastCut && err != nil || !lastCut && !bytes.Equal(got, content) {
					t.Fatalf("part %d of %d bytes: %d, %v", i, len(content), len(got), err)
				}
			}
			if _, err := fm.NextPart(); err != []error{io.EOF, io.ErrUnexpectedEOF}[cut] {
				t.Fatalf("cut %d: %v", cut, err)
			}
		}
	}
}

func TestFormsThatAreNone(t *testing.T) {
	t.Parallel()
	long := "--b\r\nA: " + strings.Repeat("x", maxPartHeader) + "\r\n\r\n"
	for raw, want := range map[string]domain.Code{
		long: domain.Invalid, "--b\r\nno colon\r\n\r\nx\r\n--b--": domain.Invalid,
		"--b" + strings.Repeat(" ", formBuffer) + "\r\n": domain.Invalid, "": domain.Internal, "--c\r\n": domain.Internal,
	} {
		fm := newForm(strings.NewReader(raw), "b")
		if _, err := fm.NextPart(); domain.CodeOf(err) != want || want == domain.Internal && err != io.ErrUnexpectedEOF {
			t.Errorf("%.20q: %v", raw, err)
		}
	}
}

type steps struct {
	left []byte
	step int
}

func (s *steps) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.step)], s.left)
	s.left = s.left[n:]
	return n, nil
}

func TestParseID(t *testing.T) {
	t.Parallel()
	if id, err := ParseID("0190f0a0-0000-7000-8000-000000000001"); err != nil || id.Version() != 7 {
		t.Error(id, err)
	}
	for _, s := range []string{"", "x", "0190f0a0000070008000000000000001", "urn:uuid:0190f0a0-0000-7000-8000-000000000001", "{0190f0a0-0000-7000-8000-000000000001}", "0190f0a0-0000-7000-8000-00000000000g"} {
		if _, err := ParseID(s); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzUnmask(f *testing.F) {
	for _, s := range []string{"", "p.", "p.AAAA", "p.AAAAAAAAAAAAAAAAAAAAAAAA", "p.!", "plain"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if token, ok := unmask(s); len(token) > 64 || ok && !strings.HasPrefix(s, maskPrefix) {
			t.Fatalf("%q became %q", s, token)
		}
		once := []byte("sixteen bytes...")
		kept := s[:min(len(s), 64)]
		if back := string(masked(masked([]byte(kept), once), once)); back != kept {
			t.Fatalf("%q became %q", kept, back)
		}
	})
}

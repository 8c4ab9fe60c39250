package fiberx

import (
	"bytes"
	"io"
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

// FuzzMultipart reads forms through a body that gives a few bytes at a time.
func FuzzMultipart(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n"), 3)
	f.Add([]byte("--b\r\n\r\n--b\r\n\r\n\r\n--b--"), 1)
	f.Fuzz(func(t *testing.T, form []byte, step int) {
		if step < 1 || step > 64 {
			return
		}
		mr := multipart.NewReader(&steps{left: form, step: step}, "b")
		var total int64
		for {
			part, err := mr.NextPart()
			if err != nil {
				break
			}
			n, err := io.Copy(io.Discard, part)
			total += n
			if err != nil {
				break
			}
		}
		if total > int64(len(form)) {
			t.Fatalf("%d bytes out of %d", total, len(form))
		}
	})
}

type steps struct {
	left []byte
	step int
}

func (s *steps) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.ErrUnexpectedEOF
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

package fiberx_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

var storedAt = time.Date(2026, 3, 4, 5, 6, 7, 890, time.UTC)

// closing counts open readers.
type closing struct {
	io.Reader
	open *atomic.Int32
}

func (c closing) Close() error {
	c.open.Add(-1)
	return nil
}

// serveBytes answers /d/:name with these bytes.
func serveBytes(content []byte, file domain.File, open *atomic.Int32) func(*fiber.App) {
	return func(app *fiber.App) {
		app.Get("/d/:name", func(c *fiber.Ctx) error {
			f := file
			return fiberx.SendDownload(c, &usecase.Download{File: &f, Open: func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
				open.Add(1)
				if c.Params("name") == "down" {
					open.Add(-1)
					return nil, domain.WrapError(domain.Unavailable, errors.New("dial"), "The storage is down.")
				}
				return closing{io.NewSectionReader(bytes.NewReader(content), offset, length), open}, nil
			}})
		})
	}
}

// TestRangesAreAnsweredLikeServeContent compares with net/http for every kind
// of Range and condition, but for what is documented to differ.
func TestRangesAreAnsweredLikeServeContent(t *testing.T) {
	t.Parallel()
	content := []byte(strings.Repeat("0123456789", 100_000))
	file := domain.File{OriginalFilename: "a.bin", ContentType: "application/octet-stream", SizeBytes: int64(len(content)), SHA256: "abc", StoredAt: &storedAt}
	for _, size := range []int{len(content), 10, 1} {
		var open atomic.Int32
		file.SizeBytes = int64(size)
		p := start(t, nil, serveBytes(content[:size], file, &open))
		model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"abc"`)
			w.Header().Set("Content-Type", "application/octet-stream")
			http.ServeContent(w, r, "", storedAt, bytes.NewReader(content[:size]))
		}))
		t.Cleanup(model.Close)
		for _, headers := range [][]string{
			{}, {"Range: bytes=0-"}, {"Range: bytes=0-0"}, {"Range: bytes=5-9"}, {"Range: bytes=5-5"}, {"Range: bytes=9-"}, {"Range: bytes=10-"},
			{"Range: bytes=-1"}, {"Range: bytes=-5"}, {"Range: bytes=-99999999"}, {"Range: bytes=3-99999999"}, {"Range: bytes=999999-999999"},
			{"Range: bytes=1000000-"}, {"Range: bytes=9-5"}, {"Range: bytes=a-b"}, {"Range: bytes=--5"}, {"Range: bytes=-"}, {"Range: bytes=5"},
			{"Range: bytes=0-4", `If-Range: "abc"`}, {"Range: bytes=0-4", `If-Range: "old"`}, {"Range: bytes=0-4", `If-Range: W/"abc"`},
			{"Range: bytes=0-4", "If-Range: " + storedAt.Format(http.TimeFormat)}, {"Range: bytes=0-4", "If-Range: " + storedAt.Add(-time.Hour).Format(http.TimeFormat)},
			{`If-None-Match: "abc"`}, {`If-None-Match: W/"abc", "x"`}, {`If-None-Match: "x"`}, {"If-None-Match: *"}, {`If-None-Match: "abc"`, "Range: bytes=0-4"},
		} {
			got, gotBody := p.do(t, "GET", "/d/x", nil, headers...)
			want, wantBody := (&portal{url: model.URL}).do(t, "GET", "", nil, headers...)
			name := fmt.Sprintf("%d bytes, %v", size, headers)
			if got.StatusCode != want.StatusCode {
				t.Errorf("%s: %d, net/http says %d", name, got.StatusCode, want.StatusCode)
				continue
			}
			for _, h := range []string{"Content-Range", "ETag", "Last-Modified", "Accept-Ranges", "Content-Length"} {
				if got.StatusCode < 300 && got.Header.Get(h) != want.Header.Get(h) {
					t.Errorf("%s: %s %q, net/http says %q", name, h, got.Header.Get(h), want.Header.Get(h))
				}
			}
			if got.StatusCode < 300 && gotBody != wantBody {
				t.Errorf("%s: other bytes (%d, %d)", name, len(gotBody), len(wantBody))
			}
		}
		// Differences: several ranges and other units get the whole file, -0 and +1 nothing.
		for h, status := range map[string]int{"bytes=0-0,2-3": 200, "lines=1-2": 200, "bytes=-0": 416, "bytes=+0-0": 416} {
			if res, _ := p.do(t, "GET", "/d/x", nil, "Range: "+h); res.StatusCode != status {
				t.Errorf("%d bytes, %s: %d, want %d", size, h, res.StatusCode, status)
			}
		}
		eventually(t, "all readers closed", func() bool { return open.Load() == 0 })
	}
}

func TestEmptyFileIsAlwaysWhole(t *testing.T) {
	t.Parallel()
	var open atomic.Int32
	p := start(t, nil, serveBytes(nil, domain.File{OriginalFilename: "a"}, &open))
	for _, h := range []string{"bytes=0-", "bytes=-5", "bytes=9-5", "bytes=x"} {
		if res, got := p.do(t, "GET", "/d/x", nil, "Range: "+h); res.StatusCode != 200 || got != "" || res.ContentLength != 0 {
			t.Errorf("%s: %d %q %v", h, res.StatusCode, got, res.Header)
		}
	}
}

func TestDownloadsAreNeverRendered(t *testing.T) {
	t.Parallel()
	var open atomic.Int32
	for name, tc := range map[string]struct{ file, kind, wantKind, wantName string }{
		"HTML":             {"x.html", "text/html; charset=utf-8", "text/html; charset=utf-8", `attachment; filename="x.html"`},
		"SVG":              {"x.svg", "image/svg+xml", "image/svg+xml", `attachment; filename="x.svg"`},
		"quotes and UTF-8": {`r"é.pdf`, "application/pdf", "application/pdf", `attachment; filename="r__.pdf"; filename*=UTF-8''r%22%C3%A9.pdf`},
		"broken type":      {"x", "text/html\r\nX-Evil: 1", "application/octet-stream", `attachment; filename="x"`},
		"no type":          {"x", "", "application/octet-stream", `attachment; filename="x"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, nil, serveBytes([]byte("<script>"), domain.File{OriginalFilename: tc.file, ContentType: tc.kind, SizeBytes: 8, SHA256: "abc"}, &open))
			for _, method := range []string{"GET", "HEAD"} {
				res, got := p.do(t, method, "/d/x", nil)
				h := res.Header
				if h.Get("Content-Type") != tc.wantKind || h.Get("Content-Disposition") != tc.wantName || h.Get("X-Content-Type-Options") != "nosniff" ||
					!strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") || h.Get("X-Evil") != "" || h.Get("Cache-Control") != "private, no-cache" {
					t.Errorf("%s: %v", method, h)
				}
				if want := map[string]string{"GET": "<script>", "HEAD": ""}[method]; got != want || res.ContentLength != 8 {
					t.Errorf("%s: %q, length %d", method, got, res.ContentLength)
				}
			}
		})
	}
}

func TestFailedDownloadHasNoFileHeaders(t *testing.T) {
	t.Parallel()
	var open atomic.Int32
	p := start(t, nil, serveBytes([]byte("12345678"), domain.File{OriginalFilename: "a", SizeBytes: 8, SHA256: "abc"}, &open))
	for _, tc := range []struct {
		path, header string
		status       int
	}{{"/d/down", "Range: bytes=0-1", 503}, {"/d/x", "Range: bytes=8-", 416}} {
		res, got := p.do(t, "GET", tc.path, nil, tc.header, "Accept: application/json")
		if res.StatusCode != tc.status || res.Header.Get("Content-Disposition") != "" || res.Header.Get("ETag") != "" || !strings.Contains(got, `"request_id"`) {
			t.Errorf("%d %v %q", res.StatusCode, res.Header, got)
		}
	}
}

func TestDownloadRedirectsToSignedURLAndAnswersHeadItself(t *testing.T) {
	t.Parallel()
	p := start(t, nil, func(app *fiber.App) {
		app.Get("/d/x", func(c *fiber.Ctx) error {
			return fiberx.SendDownload(c, &usecase.Download{File: &domain.File{OriginalFilename: "a", SizeBytes: 8}, URL: "https://s3.example/a?sig=1"})
		})
	})
	res, _ := p.do(t, "GET", "/d/x", nil)
	if res.StatusCode != 302 || res.Header.Get("Location") != "https://s3.example/a?sig=1" || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	if res, _ := p.do(t, "HEAD", "/d/x", nil); res.StatusCode != 200 || res.ContentLength != 8 {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
}

// TestDownloadLetsGoOfAClientThatTakesNothing: the reader from storage is
// closed soon, and a connection that goes on is not hurt by the deadline.
func TestDownloadLetsGoOfAClientThatTakesNothing(t *testing.T) {
	t.Parallel()
	var open atomic.Int32
	content := bytes.Repeat([]byte("a"), 64<<20)
	p := start(t, func(c *fiberx.Config) { c.IdleTimeout = 2 * time.Second }, serveBytes(content, domain.File{OriginalFilename: "a", SizeBytes: int64(len(content))}, &open))
	conn := p.dial(t)
	if _, err := io.WriteString(conn, "GET /d/x HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the download began", func() bool { return open.Load() == 1 })
	eventually(t, "the download was given up", func() bool { return open.Load() == 0 })
}

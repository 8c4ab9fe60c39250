package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doorito/e2e/portal"
)

// storedNothing tells whether neither a stored row nor a byte is left.
func storedNothing(t *testing.T, dir string) {
	t.Helper()
	for _, sub := range []string{"uploads", "staging"} {
		_ = filepath.Walk(filepath.Join(dir, "files", sub), func(path string, info os.FileInfo, err error) error {
			if err == nil && !info.IsDir() {
				t.Errorf("bytes are left: %s (%d)", path, info.Size())
			}
			return nil
		})
	}
}

func TestWhatMustNotGetInLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := portal.MustStart(t, portal.Options{Dir: dir, Env: []string{"FILE_UPLOAD_MAX_SIZE=100000", "FILE_UPLOAD_ALLOWED_TYPES=text/*,application/pdf,image/png"}})
	c := p.WithToken(t, p.Token(t, "upload,read"))
	big := bytes.Repeat([]byte("x"), 100_001)
	for name, k := range map[string]struct {
		path string
		body io.Reader
		code int
		word string
	}{
		"too big":            {"big.txt", bytes.NewReader(big), http.StatusRequestEntityTooLarge, "100 KB"},
		"too big, no length": {"big.txt", io.MultiReader(bytes.NewReader(big)), http.StatusRequestEntityTooLarge, "100 KB"},
		"type not allowed":   {"a.zip", strings.NewReader("PK\x03\x04 not so allowed"), http.StatusUnsupportedMediaType, "accepted"},
		"not what it says":   {"a.png", strings.NewReader("%PDF-1.7 hello"), http.StatusUnsupportedMediaType, "refused"},
		"climbs":             {"..%2F..%2F", strings.NewReader("x"), http.StatusBadRequest, "name"},
		"NUL":                {"a%00b.txt", strings.NewReader("x"), http.StatusBadRequest, "control"},
		"300 bytes":          {strings.Repeat("n", 300), strings.NewReader("x"), http.StatusBadRequest, "255"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := c.Try(http.MethodPut, "/api/v1/files/"+k.path, "", k.body)
			if err != nil {
				t.Fatal(err)
			}
			var problem struct {
				Detail    string
				RequestID string `json:"request_id"`
			}
			if err := json.Unmarshal(a.Body, &problem); err != nil || a.Code != k.code || !strings.Contains(problem.Detail, k.word) || problem.RequestID == "" {
				t.Errorf("answers %d: %s", a.Code, a.Body)
			}
		})
	}
	storedNothing(t, dir)
}

func TestNamesCannotDeceive(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	c := p.WithToken(t, p.Token(t, "upload,read"))
	f := c.Upload(t, "../../etc/\u202efdp.exe.txt", []byte("hello"))
	if f.OriginalFilename != "fdp.exe.txt" {
		t.Errorf("kept as %q", f.OriginalFilename)
	}
}

func TestDownloadsNeverRunInThePortal(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	c := p.WithToken(t, p.Token(t, "upload,read"))
	for name, content := range map[string]string{
		"page.html": "<!doctype html><html><script>alert(1)</script></html>",
		"draw.svg":  `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`,
	} {
		f := c.Upload(t, name, []byte(content))
		a := p.Anonymous(t).Get(t, f.URL)
		h := a.Header
		if a.Code != http.StatusOK || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s answers %d with %v", name, a.Code, h)
		}
		if a := p.Anonymous(t).Get(t, strings.TrimSuffix(f.URL, f.URL[len(f.URL)-4:])); a.Code != http.StatusNotFound {
			t.Errorf("a cut link answers %d", a.Code)
		}
	}
}

func TestRangesAreServed(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	f := p.WithToken(t, p.Token(t, "upload")).Upload(t, "a.txt", []byte("0123456789"))
	for header, want := range map[string]string{"bytes=2-4": "206 234", "bytes=-3": "206 789", "bytes=20-": "416"} {
		req, err := http.NewRequest(http.MethodGet, f.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Range", header)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if got := fmt.Sprintf("%d %s", res.StatusCode, body); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s gives %s, want %s", header, got, want)
		}
	}
}

func TestCrossSitePostsAndOpenRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	admin := p.Admin(t)
	post := func(path string, form url.Values, header map[string]string) int {
		req, err := http.NewRequest(http.MethodPost, p.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for k, v := range header {
			req.Header.Set(k, v)
		}
		res, err := admin.HTTP.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	form := url.Values{"url": {"https://example.com/"}, "name": {"x"}}
	if code := post("/app/endpoints/new/", form, nil); code != http.StatusForbidden {
		t.Errorf("a POST without a token answers %d", code)
	}
	form.Set("_csrf", admin.CSRF)
	if code := post("/app/endpoints/new/", form, map[string]string{"Origin": "https://evil.example"}); code != http.StatusForbidden {
		t.Errorf("a POST from another origin answers %d", code)
	}
	if code := post("/app/endpoints/new/", form, map[string]string{"Sec-Fetch-Site": "cross-site"}); code != http.StatusForbidden {
		t.Errorf("a cross-site POST answers %d", code)
	}
	for _, next := range []string{"https://evil.example/", "//evil.example/", `/\evil.example/`, "/%09/evil.example", "javascript:alert(1)"} {
		a := p.Anonymous(t).Do(t, http.MethodPost, "/login", "application/x-www-form-urlencoded",
			strings.NewReader(url.Values{"email": {portal.AdminEmail}, "password": {portal.AdminPassword}, "next": {next}}.Encode()))
		to, err := url.Parse(a.Header.Get("Location"))
		if err != nil || to.Host != "" || strings.HasPrefix(to.Path, "//") || !strings.HasPrefix(to.Path, "/") || strings.Contains(to.Path, `\`) {
			t.Errorf("next=%s leads to %q", next, a.Header.Get("Location"))
		}
	}
	if a := admin.Get(t, "/logout"); a.Code != http.StatusMethodNotAllowed && a.Code != http.StatusNotFound {
		t.Errorf("GET /logout answers %d", a.Code)
	}
	if a := admin.Get(t, "/app/"); a.Code != http.StatusOK {
		t.Errorf("after GET /logout the session is gone: %d", a.Code)
	}
}

package e2e

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"doorito/e2e/portal"
)

// What a visit may transfer, in bytes.
const (
	firstVisit = 180_000
	laterVisit = 20_000
)

var assetAddress = regexp.MustCompile(`(?:src|href)="(/static/[^"#]+)`)

// A first visit fetches a page with all that it names, and the fonts that its
// stylesheet names; from then on only the page.
func TestPagesAreLight(t *testing.T) {
	t.Parallel()
	l := newLived(t)
	admin := l.Admin(t)
	for _, page := range l.pages(t) {
		body, size := transferred(t, admin, page.path)
		if page.path == "/app/api/" {
			continue // the whole API on one page, to be searched with the browser's own search
		}
		if size > laterVisit {
			t.Errorf("%s is %d bytes", page.path, size)
		}
		first, seen := size, map[string]bool{}
		assets := []string{"/static/fonts/inter.woff2", "/static/fonts/jetbrains-mono.woff2"}
		for _, m := range assetAddress.FindAllStringSubmatch(body, -1) {
			assets = append(assets, m[1])
		}
		for _, asset := range assets {
			if !seen[asset] {
				_, n := transferred(t, admin, asset)
				first, seen[asset] = first+n, true
			}
		}
		if len(seen) < 4 || first > firstVisit {
			t.Errorf("the first visit of %s takes %d bytes in %d files", page.path, first, len(seen)+1)
		}
	}
}

// transferred fetches as a browser does and returns what it is, and how many
// bytes came.
func transferred(t *testing.T, c *portal.Client, path string) (string, int) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, c.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip, br") // by hand, so that Go unpacks nothing
	res, err := c.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
	}
	if res.Header.Get("Content-Encoding") != "gzip" {
		return string(raw), len(raw)
	}
	r, err := gzip.NewReader(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain), len(raw)
}

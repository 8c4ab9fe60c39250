package e2e

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"sync"
	"testing"
)

// gate stands between an uploader and the portal. It lets some parts through
// and holds the others, so that a test can end something in the very middle.
type gate struct {
	URL string

	mu      sync.Mutex
	left    int           // parts that may still pass; below 0: all
	held    chan struct{} // closed when those that wait may go
	abort   bool          // those that wait are cut off instead
	waiting int
	session string
	parts   []string // numbers that the portal took, in order
	files   int      // small files that the portal took
}

var partPath = regexp.MustCompile(`^/api/v1/sessions/([^/]+)/parts/(\d+)$`)

// newGate lets so many parts through to the portal.
func newGate(t *testing.T, portal string, parts int) *gate {
	t.Helper()
	to, err := url.Parse(portal)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{left: parts, held: make(chan struct{})}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	proxy.ModifyResponse = func(res *http.Response) error {
		g.note(res)
		return nil
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && partPath.MatchString(r.URL.Path) {
			g.pass()
		}
		proxy.ServeHTTP(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(func() { g.open(true); s.Close() })
	g.URL = s.URL
	return g
}

// pass waits for its turn.
func (g *gate) pass() {
	g.mu.Lock()
	if g.left != 0 {
		g.left--
		g.mu.Unlock()
		return
	}
	held := g.held
	g.waiting++
	g.mu.Unlock()
	<-held
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting--
	if g.abort {
		panic(http.ErrAbortHandler)
	}
}

func (g *gate) note(res *http.Response) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := partPath.FindStringSubmatch(res.Request.URL.Path)
	switch {
	case res.Request.Method != http.MethodPut || res.StatusCode >= 300:
	case m != nil:
		g.session = m[1]
		g.parts = append(g.parts, m[2])
	default:
		g.files++
	}
}

// open lets everything through from now on. Those that wait go on, or are cut off.
func (g *gate) open(abort bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.left < 0 {
		return
	}
	g.left, g.abort = -1, abort
	close(g.held)
}

// stuck tells whether so many parts were taken and another one waits.
func (g *gate) stuck(parts int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.parts) == parts && g.waiting > 0
}

// took are the parts that the portal took so far.
func (g *gate) took() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string{}, g.parts...)
}

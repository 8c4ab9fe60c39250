package worker

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/hibiken/asynqmon"
)

// maxActionBody is the most that an action of the dashboard sends (ids of tasks), in bytes.
const maxActionBody = 1 << 20

var (
	//go:embed monitor.css
	monitorCSS []byte
	//go:embed monitor_embedded.css
	embeddedCSS []byte
)

// Monitor is the Asynq dashboard under a path, with its actions. It asks nobody
// who they are: whoever mounts it lets admins in only. Requests from other
// sites are refused.
type Monitor struct {
	root    string // without a slash at its end
	console *asynqmon.HTTPHandler
	handler http.Handler
	page    []byte
	css     []byte
	policy  string
}

// NewMonitor makes the dashboard for root, such as "/admin/jobs"; back is where
// its way back leads, such as "/app/".
func NewMonitor(root, back string, r *Redis) *Monitor {
	m := &Monitor{root: strings.TrimRight(root, "/")}
	m.console = asynqmon.New(asynqmon.Options{
		RootPath: m.root, RedisConnOpt: r, PayloadFormatter: asynqmon.PayloadFormatterFunc(describe),
	})
	m.page = rewritePage(captureIndex(m.console, m.root), m.root, back)
	m.policy = pagePolicy(m.page)
	m.css = monitorCSS
	if r.name == embeddedName {
		m.css = slices.Concat(monitorCSS, embeddedCSS)
	}
	m.handler = http.NewCrossOriginProtection().Handler(http.HandlerFunc(m.serve))
	return m
}

// Close ends the connections to Redis.
func (m *Monitor) Close() error { return m.console.Close() }

// ServeHTTP serves everything under root.
func (m *Monitor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", m.policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	m.handler.ServeHTTP(w, r)
}

func (m *Monitor) serve(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxActionBody)
	path, h := strings.TrimPrefix(r.URL.Path, m.root), w.Header()
	switch {
	case path == "/doorito.css":
		h.Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(m.css)
		return
	case strings.HasPrefix(path, "/api/"):
		h.Set("Content-Type", "application/json")
	case strings.HasPrefix(path, "/static/"): // names carry a hash
		h.Set("Cache-Control", "private, max-age=86400")
	}
	m.console.ServeHTTP(&assetWriter{ResponseWriter: w, path: path, page: m.page}, r)
}

// pagePolicy allows the page's own inline scripts by their hashes. Styles stay
// open: the dashboard's framework writes them as it runs.
func pagePolicy(page []byte) string {
	scripts := "'self'"
	for _, s := range inlineScript.FindAllSubmatch(page, -1) {
		sum := sha256.Sum256(s[1])
		scripts += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; script-src " + scripts + "; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
		"font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

var inlineScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

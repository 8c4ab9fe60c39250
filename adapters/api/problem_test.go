package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"doorito/adapters/api"
	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// apiRoutes are those under /api/v1, as method and pattern.
func apiRoutes(t *testing.T) (out [][2]string) {
	t.Helper()
	_, app := start(t, newWorld(), nil)
	for _, r := range fiberx.RouteTable(app) {
		if method, path, _ := strings.Cut(r, " "); strings.HasPrefix(path, "/api/v1/") {
			out = append(out, [2]string{method, path})
		}
	}
	if len(out) < 40 {
		t.Fatalf("only %d routes", len(out))
	}
	return out
}

// filled puts a value for every parameter of a pattern.
func filled(pattern, value string) string {
	parts := strings.Split(pattern, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = value
		}
	}
	return strings.Join(parts, "/")
}

// bare sends a request as it is, on a connection of its own, and reads the
// problem that must come back with one of the statuses.
func (p *portal) bare(method, path, headers, body string, statuses ...int) *http.Response {
	p.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.base, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		p.t.Fatal(err)
	}
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n%s", method, path, headers, body)
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	got, err := io.ReadAll(res.Body)
	res.Body.Close()
	var problem struct {
		Type, Title, Detail, Code, Instance string
		Status                              int
		RequestID                           string `json:"request_id"`
	}
	if err == nil {
		err = json.Unmarshal(got, &problem)
	}
	if err != nil || !slices.Contains(statuses, res.StatusCode) || res.Header.Get("Content-Type") != "application/problem+json" ||
		problem.Status != res.StatusCode || problem.Type == "" || problem.Title == "" || problem.Detail == "" || problem.Code == "" || problem.RequestID == "" || problem.RequestID != res.Header.Get("X-Request-Id") {
		p.t.Errorf("%s %s %q answers %d %s, %v: %s", method, path, headers, res.StatusCode, res.Header.Get("Content-Type"), err, got)
	}
	return res
}

// Every route times every way to get it wrong: the answer is a problem with
// the right status, whatever the route is.
func TestEveryRefusalOfEveryRouteIsAProblem(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	auth := bearer(p.token("admin", "admin,upload,read,process")) + "\r\n"
	const nobody, asJSON = "0190f0a0-0000-7000-8000-00000000ffff", "Content-Type: application/json\r\n"
	for _, r := range apiRoutes(t) {
		method, pattern := r[0], r[1]
		path := filled(pattern, nobody)
		streams := method == "PUT" && strings.Contains(pattern, "/parts/") || strings.HasPrefix(pattern, "/api/v1/files") && (method == "PUT" || pattern == "/api/v1/files/:name" || pattern == "/api/v1/files")
		if pattern != "/api/v1/openapi.json" {
			if res := p.bare(method, path, "", "", 401, 400, 415); res.StatusCode == 401 && res.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s does not say how to sign in", method, path)
			}
			p.bare(method, path, bearer("dto_unknown")+"\r\n", "", 401)
		}
		if strings.Contains(pattern, ":") && !strings.HasPrefix(pattern, "/api/v1/files/:name") && !streams {
			for _, id := range []string{nobody, "17", "%00", "..%2f..%2fetc", strings.Repeat("9", 300)} {
				p.bare(method, filled(pattern, id), auth, "", 404, 400, 409, 415)
			}
		}
		if pattern != "/api/v1/files/:id/content" && pattern != "/api/v1/batches/:id/zip" {
			p.bare(method, path, auth+"Accept: text/html\r\n", "", 406)
		}
		if method == "GET" || method == "DELETE" || streams {
			continue
		}
		for _, broken := range []string{`{`, `[]`, `{"x":`, `{"colour":1}`, "{\"label\":\"\xff\"", `"`, `{} {}`} {
			p.bare(method, path, auth+asJSON+fmt.Sprintf("Content-Length: %d\r\n", len(broken)), broken, 400)
		}
		p.bare(method, path, auth+"Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}", 415)
		p.bare(method, path, auth+asJSON+"Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}", 415)
		p.bare(method, path, auth+asJSON+fmt.Sprintf("Content-Length: %d\r\n", 1<<20+1), strings.Repeat(" ", 1<<20+1), 413)
		p.bare(method, path, auth+asJSON+"Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n", 413)
	}
}

// What no route takes: other addresses, other methods, other protocols' tricks.
func TestWhatIsNowhereIsAProblem(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	auth := bearer(p.token("ann", "read")) + "\r\n"
	for _, path := range []string{"/api/", "/api/v1", "/api/v1/", "/api/v2/files", "/api/v1/flies", "/api/v1/files/a/b/c/d", "/API/V1/FLIES", "/api/v1/%2e%2e/x", "/api/v1/..%2f", "/api/v1/%zz", "/api/v1//me/x"} {
		p.bare("GET", path, auth, "", 404, 400)
	}
	for _, method := range []string{"PATCH", "OPTIONS", "TRACE", "CONNECT"} {
		if res := p.bare(method, "/api/v1/me", auth, "", 405); !strings.Contains(res.Header.Get("Allow"), "GET") {
			t.Errorf("%s: Allow is %q", method, res.Header.Get("Allow"))
		}
	}
	p.bare("BREW", "/api/v1/me", auth, "", 400)
	p.bare("GET", "/api/v1/me", auth+"X-Long: "+strings.Repeat("a", 32<<10)+"\r\n", "", 431)
	p.bare("POST", "/api/v1/batches", auth+"Content-Length: -1\r\n", "", 400)
	for name, values := range map[string][]string{"limit": {"0", "1001", "-1", "1e3", "x", ""}, "after": {"x", "%00"}, "created_from": {"yesterday"}, "colour": {"red"}} {
		for _, list := range []string{"files", "batches", "sessions"} {
			for _, v := range values {
				p.bare("GET", "/api/v1/"+list+"?"+name+"="+v, auth, "", 400)
			}
		}
	}
}

// panicking is a use case with a fault.
type panicking struct{}

var _ usecase.Me = panicking{}

func (panicking) Token(context.Context, domain.Actor) (*domain.APIToken, error) { panic("a secret") }

func TestAFaultAndALimitAreProblems(t *testing.T) {
	t.Parallel()
	p := newPortal(t, func(d *api.Deps) { d.Me, d.RateLimit = panicking{}, 1 })
	auth := bearer(p.token("ann", "read")) + "\r\n"
	p.bare("GET", "/api/v1/me", auth, "", 500)
	for _, r := range apiRoutes(t) {
		if r[0] != "GET" || strings.Contains(r[1], ":") {
			continue
		}
		res := p.bare("GET", r[1], auth, "", 429)
		if res.Header.Get("Retry-After") == "" || res.Header.Get("RateLimit") == "" || res.Header.Get("RateLimit-Policy") == "" {
			t.Errorf("%s: %v", r[1], res.Header)
		}
	}
}

package fiberx_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

func tusRoutes(app *fiber.App) {
	say := func(word string) fiber.Handler {
		return func(c *fiber.Ctx) error {
			c.Set("X-Got", word+" "+c.Method())
			return nil
		}
	}
	csrf := func(c *fiber.Ctx) error {
		if err := fiberx.CheckCSRF(c, c.Get("X-CSRF-Token")); err != nil {
			return err
		}
		return c.Next()
	}
	app.Post("/files/", csrf, fiberx.Upload(say("create")))
	app.Head("/files/:id", say("head"))
	app.Patch("/files/:id", csrf, fiberx.Upload(countBody))
	app.Delete("/files/:id", csrf, say("delete"))
	app.Post("/api/files/:id", say("posted"))
	app.Delete("/api/files/:id", say("deleted"))
}

func TestMethodOverrideIsTheMethodForTusAlone(t *testing.T) {
	t.Parallel()
	p := start(t, nil, tusRoutes)
	for name, tc := range map[string]struct {
		method, path, override string
		status                 int
		got                    string
	}{
		"delete":              {"POST", "/files/a", "DELETE", 200, "delete DELETE"},
		"in small letters":    {"POST", "/FILES/a", "delete", 200, "delete DELETE"},
		"whatever was sent":   {"GET", "/files/a", "DELETE", 200, "delete DELETE"},
		"head":                {"POST", "/files/a", "HEAD", 200, "head HEAD"},
		"a route's method":    {"DELETE", "/files/", "POST", 200, "create POST"},
		"a method it has not": {"POST", "/files/a", "PUT", 400, ""},
		"no method":           {"POST", "/files/a", "DELETE;x", 400, ""},
		"not for others":      {"POST", "/api/files/a", "DELETE", 200, "posted POST"},
		"nothing like tus":    {"POST", "/filesystem", "DELETE", 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, body := p.do(t, tc.method, tc.path, nil, "X-HTTP-Method-Override: "+tc.override)
			if res.StatusCode != tc.status || res.Header.Get("X-Got") != tc.got {
				t.Fatalf("%d %q %s", res.StatusCode, res.Header.Get("X-Got"), body)
			}
		})
	}
	if res, _ := p.do(t, "POST", "/files/a", nil, "X-HTTP-Method-Override: DELETE", "X-HTTP-Method-Override: PATCH"); res.StatusCode != 400 {
		t.Errorf("two overrides: %d", res.StatusCode)
	}
	p.do(t, "POST", "/files/b", nil, "X-HTTP-Method-Override: DELETE")
	if !strings.Contains(p.log.String(), "method=DELETE path=/files/b") {
		t.Errorf("the log names the method that ran:\n%s", p.log)
	}
}

// TestMethodOverrideDodgesNoCheck: each check says the same as to the method
// itself.
func TestMethodOverrideDodgesNoCheck(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *fiberx.Config) { c.UploadLimit = 10 << 20 }, tusRoutes)
	big := strings.Repeat("a", fiberx.MaxSmallBody+1)
	cookie := "Cookie: doorito_session=" + goodSession
	for name, tc := range map[string]struct {
		sent, override string
		body           string
		headers        []string
		status         int
	}{
		"patch takes any size":        {"POST", "PATCH", big, nil, 200},
		"patch through get, too":      {"GET", "PATCH", big, nil, 200},
		"delete takes a small body":   {"PATCH", "DELETE", big, nil, 413},
		"post to an upload is small":  {"PATCH", "POST", big, nil, 413},
		"delete needs the CSRF token": {"GET", "DELETE", "", []string{cookie}, 403},
		"patch needs it":              {"HEAD", "PATCH", "", []string{cookie}, 403},
		"delete with it":              {"POST", "DELETE", "", []string{cookie, "X-CSRF-Token: " + goodCSRF}, 200},
		"from another site's page":    {"POST", "DELETE", "", []string{cookie, "X-CSRF-Token: " + goodCSRF, "Sec-Fetch-Site: cross-site"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, body := p.do(t, tc.sent, "/files/a", strings.NewReader(tc.body), append(tc.headers, "X-HTTP-Method-Override: "+tc.override)...)
			if res.StatusCode != tc.status {
				t.Fatalf("%d %s", res.StatusCode, body)
			}
		})
	}
	for override, want := range map[string]string{"PATCH": "HTTP/1.1 401", "DELETE": "HTTP/1.1 413", "x": "HTTP/1.1 400"} {
		got := p.send(t, fmt.Sprintf("POST /files/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\nX-HTTP-Method-Override: %s\r\n\r\n", override))
		if !strings.HasPrefix(got, want) {
			t.Errorf("expecting with %s: %q", override, got)
		}
	}
}

type locked struct{ words *domain.Error }

func (l locked) Error() string { return l.words.Error() }
func (l locked) Unwrap() error { return l.words }
func (locked) HTTPStatus() int { return http.StatusLocked }

func TestErrorsMaySayAStatusOfTheirOwnAndHeadersReachRefusals(t *testing.T) {
	t.Parallel()
	mark := func(c *fiberx.Config) { c.Headers = func(c *fiber.Ctx) { c.Set("X-Mark", "yes") } }
	p := start(t, mark, func(app *fiber.App) {
		app.Get("/files/a", func(*fiber.Ctx) error { return locked{domain.Errorf(domain.Conflict, "Someone writes.")} })
	})
	if res, got := p.do(t, "GET", "/files/a", nil); res.StatusCode != 423 || !strings.HasPrefix(got, "Someone writes.\n") || fiberx.StatusOf(locked{domain.Errorf(domain.Conflict, "")}) != 423 {
		t.Errorf("%d %q", res.StatusCode, got)
	}
	for name, headers := range map[string][]string{
		"a large body":    nil,
		"a wrong token":   {"Authorization: Bearer wrong"},
		"a coded body":    {"Content-Encoding: gzip"},
		"an expectation":  {"Expect: 100-continue"},
		"a header's size": {"X-Long: " + strings.Repeat("a", 17<<10)},
	} {
		body := strings.Repeat("a", fiberx.MaxSmallBody+1)
		raw := fmt.Sprintf("DELETE /files/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n", len(body))
		for _, h := range headers {
			raw += h + "\r\n"
		}
		if name == "an expectation" || name == "a header's size" {
			body = ""
		}
		conn := p.dial(t)
		if _, err := fmt.Fprint(conn, raw, "\r\n", body); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 2048)
		n, err := conn.Read(buf)
		if err != nil || !strings.Contains(string(buf[:n]), "X-Mark: yes") {
			t.Errorf("%s: %v %q", name, err, buf[:n])
		}
	}
}

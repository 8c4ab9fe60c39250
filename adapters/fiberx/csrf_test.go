package fiberx_test

import (
	"io"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

func csrfRoutes(app *fiber.App) {
	ok := func(c *fiber.Ctx) error { return c.SendString("done") }
	g := app.Group("/app", fiberx.CSRF)
	g.All("/thing", ok)
	g.Post("/upload", fiberx.Upload(func(c *fiber.Ctx) error {
		mr, err := fiberx.OpenForm(c)
		if err != nil {
			return err
		}
		part, err := mr.NextPart()
		if err != nil {
			return err
		}
		token, err := io.ReadAll(io.LimitReader(part, 200))
		if err != nil {
			return err
		}
		if err := fiberx.CheckCSRF(c, string(token)); err != nil {
			return err
		}
		return ok(c)
	}))
}

func TestCrossSiteRequestsAreRefused(t *testing.T) {
	t.Parallel()
	p := start(t, nil, csrfRoutes)
	const (
		session = "Cookie: doorito_session=" + goodSession
		bearer  = "Authorization: Bearer " + goodToken
		token   = "X-CSRF-Token: " + goodCSRF
		urlenc  = "Content-Type: application/x-www-form-urlencoded"
		multi   = "Content-Type: multipart/form-data; boundary=b"
	)
	form := func(token string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n" + token + "\r\n--b--\r\n"
	}
	for name, tc := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
	}{
		"reading needs nothing":             {"GET", "/app/thing", "", []string{session, "Sec-Fetch-Site: cross-site"}, 200},
		"no token":                          {"POST", "/app/thing", "", []string{session}, 403},
		"token in the header, as htmx":      {"POST", "/app/thing", "", []string{session, token, "HX-Request: true"}, 200},
		"DELETE":                            {"DELETE", "/app/thing", "", []string{session, token}, 200},
		"DELETE without token":              {"DELETE", "/app/thing", "", []string{session}, 403},
		"wrong token":                       {"POST", "/app/thing", "", []string{session, "X-CSRF-Token: other"}, 403},
		"token in a form":                   {"POST", "/app/thing", "_csrf=" + goodCSRF, []string{session, urlenc}, 200},
		"wrong token in a form":             {"POST", "/app/thing", "_csrf=x", []string{session, urlenc}, 403},
		"token in the query counts nothing": {"POST", "/app/thing?_csrf=" + goodCSRF, "", []string{session}, 403},
		"token in JSON counts nothing":      {"POST", "/app/thing", "_csrf=" + goodCSRF, []string{session, "Content-Type: text/plain"}, 403},
		"another site, with the token":      {"POST", "/app/thing", "", []string{session, token, "Sec-Fetch-Site: cross-site"}, 403},
		"a sister site, with the token":     {"POST", "/app/thing", "", []string{session, token, "Sec-Fetch-Site: same-site"}, 403},
		"same origin":                       {"POST", "/app/thing", "", []string{session, token, "Sec-Fetch-Site: same-origin"}, 200},
		"typed address":                     {"POST", "/app/thing", "", []string{session, token, "Sec-Fetch-Site: none"}, 200},
		"foreign Origin":                    {"POST", "/app/thing", "", []string{session, token, "Origin: http://evil.example"}, 403},
		"null Origin":                       {"POST", "/app/thing", "", []string{session, token, "Origin: null"}, 403},
		"Origin that starts like ours":      {"POST", "/app/thing", "", []string{session, token, "Origin: http://portal.example.evil.example"}, 403},
		"Origin of BASE_URL":                {"POST", "/app/thing", "", []string{session, token, "Origin: http://portal.example"}, 200},
		"Origin of the host that was used":  {"POST", "/app/thing", "", []string{session, token, "Origin: " + p.url}, 200},
		"login form of another site":        {"POST", "/app/thing", "", []string{"Sec-Fetch-Site: cross-site"}, 403},
		"login form of ours":                {"POST", "/app/thing", "", []string{"Sec-Fetch-Site: same-origin"}, 200},
		"a program without a session":       {"POST", "/app/thing", "", nil, 200},
		"a bearer needs no token":           {"POST", "/app/thing", "", []string{bearer, "Origin: http://evil.example"}, 200},
		"a bearer beside a cookie":          {"POST", "/app/thing", "", []string{bearer, session}, 200},
		"multipart, first part right":       {"POST", "/app/upload", form(goodCSRF), []string{session, multi}, 200},
		"multipart, first part wrong":       {"POST", "/app/upload", form("x"), []string{session, multi}, 403},
		"multipart of another site":         {"POST", "/app/upload", form(goodCSRF), []string{session, multi, "Origin: http://evil.example"}, 403},
		"multipart to an ordinary route":    {"POST", "/app/thing", form(goodCSRF), []string{session, multi}, 403},
		"raw body to an upload route":       {"POST", "/app/upload", "abc", []string{session, "Content-Type: text/plain"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var body io.Reader
			if tc.body != "" {
				body = strings.NewReader(tc.body)
			}
			res, got := p.do(t, tc.method, tc.path, body, tc.headers...)
			if res.StatusCode != tc.status {
				t.Fatalf("got %d, want %d: %s", res.StatusCode, tc.status, got)
			}
		})
	}
}

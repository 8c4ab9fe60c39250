package fiberx_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

type waitError struct{ error }

func (waitError) RetryAfter() time.Duration { return 1500 * time.Millisecond }

var failures = map[string]struct {
	err    error
	status int
	code   domain.Code
	detail string
	retry  string
}{
	"invalid":     {domain.FieldErrorf("label", "Too long."), 400, domain.Invalid, "Too long.", ""},
	"unauth":      {domain.Errorf(domain.Unauthenticated, "Who?"), 401, domain.Unauthenticated, "Who?", ""},
	"forbidden":   {domain.Errorf(domain.Forbidden, "No."), 403, domain.Forbidden, "No.", ""},
	"notfound":    {domain.Errorf(domain.NotFound, "Gone?"), 404, domain.NotFound, "Gone?", ""},
	"conflict":    {domain.Errorf(domain.Conflict, "Not now."), 409, domain.Conflict, "Not now.", ""},
	"toolarge":    {domain.Errorf(domain.TooLarge, "Big."), 413, domain.TooLarge, "Big.", ""},
	"type":        {domain.Errorf(domain.UnsupportedType, "No exe."), 415, domain.UnsupportedType, "No exe.", ""},
	"expired":     {domain.Errorf(domain.Expired, "Over."), 410, domain.Expired, "Over.", ""},
	"quota":       {domain.Errorf(domain.Quota, "Wait."), 429, domain.Quota, "Wait.", "30"},
	"quotawait":   {domain.WrapError(domain.Quota, waitError{errors.New("throttled")}, "Wait."), 429, domain.Quota, "Wait.", "2"},
	"quotafull":   {domain.Usage{Used: 8, Quota: 10}.Check(3), 413, domain.Quota, "The quota is 10 B", ""},
	"unavailable": {domain.WrapError(domain.Unavailable, errors.New("dial 10.0.0.1"), "Storage is down."), 503, domain.Unavailable, "Storage is down.", "5"},
	"internal":    {domain.WrapError(domain.Internal, errors.New("secret cause"), "secret words"), 500, domain.Internal, "Something went wrong on our side.", ""},
	"foreign":     {errors.New("secret cause"), 500, domain.Internal, "Something went wrong on our side.", ""},
	"wrapped":     {fmt.Errorf("while saving: %w", domain.Errorf(domain.Conflict, "Not now.")), 409, domain.Conflict, "Not now.", ""},
	"fiber":       {fiber.NewError(404, "secret /path"), 404, domain.NotFound, "There is nothing at this address.", ""},
	"teapot":      {fiber.NewError(418, "secret"), 418, domain.Invalid, "The request could not be read.", ""},
	"fiber5xx":    {fiber.NewError(507, "secret"), 507, domain.Internal, "Something went wrong on our side.", ""},
}

func TestEveryCodeHasItsStatusAsProblemJSON(t *testing.T) {
	t.Parallel()
	p := start(t, nil, func(app *fiber.App) {
		app.Get("/api/fail/:case", func(c *fiber.Ctx) error { return failures[c.Params("case")].err })
		app.Get("/api/panic", func(*fiber.Ctx) error { panic("secret of the panic") })
	})
	for name, tc := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, got := p.do(t, "GET", "/api/fail/"+name, nil)
			var problem map[string]any
			if err := json.Unmarshal([]byte(got), &problem); err != nil {
				t.Fatalf("%v: %q", err, got)
			}
			if res.StatusCode != tc.status || res.Header.Get("Content-Type") != "application/problem+json" || res.Header.Get("Retry-After") != tc.retry {
				t.Errorf("%d %v", res.StatusCode, res.Header)
			}
			if problem["code"] != string(tc.code) || problem["status"] != float64(tc.status) || problem["title"] == "" ||
				problem["type"] != "urn:doorito:problem:"+string(tc.code) || problem["instance"] != "/api/fail/"+name ||
				problem["request_id"] != res.Header.Get("X-Request-Id") || !strings.HasPrefix(problem["detail"].(string), tc.detail) {
				t.Errorf("%v", problem)
			}
			if strings.Contains(got, "secret") || strings.Contains(got, "10.0.0.1") {
				t.Errorf("the cause is shown: %s", got)
			}
			if tc.status >= 500 && strings.Count(p.log.String(), problem["request_id"].(string)) != 2 {
				t.Errorf("the cause is to be logged once beside the request's line:\n%s", p.log.String())
			}
		})
	}
	t.Run("panic", func(t *testing.T) {
		t.Parallel()
		res, got := p.do(t, "GET", "/api/panic", nil)
		if res.StatusCode != 500 || strings.Contains(got, "secret") || !strings.Contains(p.log.String(), "secret of the panic") {
			t.Errorf("%d %q", res.StatusCode, got)
		}
	})
}

func TestWhoGetsPagesAndWhoGetsJSON(t *testing.T) {
	t.Parallel()
	render := func(c *fiber.Ctx, status int, e *domain.Error) error {
		switch c.Path() {
		case "/app/broken":
			panic("template")
		case "/app/failing":
			return errors.New("template")
		}
		c.Type("html")
		return c.SendString(fmt.Sprintf("<h1>%d %s</h1>", status, e.Code))
	}
	p := start(t, func(c *fiberx.Config) { c.RenderError = render }, func(*fiber.App) {})
	for name, tc := range map[string]struct {
		path, header, want string
	}{
		"a person":          {"/app/x", "Accept: text/html,application/xhtml+xml,*/*;q=0.8", "<h1>404 not_found</h1>"},
		"curl":              {"/app/x", "Accept: */*", "<h1>404 not_found</h1>"},
		"the API":           {"/api/x", "Accept: text/html", `"code":"not_found"`},
		"tus":               {"/files/x", "Accept: */*", "There is nothing at this address. Check the link.\nRequest "},
		"tus, with JSON":    {"/files/x", "Accept: application/problem+json", `"code":"not_found"`},
		"our script":        {"/app/x", "Accept: application/json", `"code":"not_found"`},
		"htmx":              {"/app/x", "HX-Request: true", `"code":"not_found"`},
		"XHR":               {"/app/x", "X-Requested-With: XMLHttpRequest", `"code":"not_found"`},
		"page that panics":  {"/app/broken", "Accept: text/html", "There is nothing at this address. Check the link.\nRequest "},
		"page that fails":   {"/app/failing", "Accept: text/html", "There is nothing at this address. Check the link.\nRequest "},
		"a path of <script": {"/app/%3Cscript%3E", "Accept: text/html", "<h1>404 not_found</h1>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, got := p.do(t, "GET", tc.path, nil, tc.header)
			if res.StatusCode != 404 || !strings.Contains(got, tc.want) {
				t.Fatalf("%d %q", res.StatusCode, got)
			}
		})
	}
}

func TestWrongMethodNamesTheRightOnes(t *testing.T) {
	t.Parallel()
	p := start(t, nil, func(app *fiber.App) { app.Get("/api/x", func(c *fiber.Ctx) error { return nil }) })
	res, _ := p.do(t, "DELETE", "/api/x", nil)
	if res.StatusCode != 405 || !strings.Contains(res.Header.Get("Allow"), "GET") {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
}

func TestGarbageIsAnsweredWithoutItsText(t *testing.T) {
	t.Parallel()
	p := start(t, nil, func(app *fiber.App) { app.Get("/api/x", func(c *fiber.Ctx) error { return nil }) })
	for _, raw := range []string{"SECRET /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "secret\r\n\r\n", "GET /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: secret\r\n\r\n", "GET /api/x HTTP/1.1\r\nsecret\r\n\r\n"} {
		got := p.send(t, raw)
		if !strings.HasPrefix(got, "HTTP/1.1 400") || strings.Contains(strings.ToLower(got), "secret") || !strings.Contains(got, "application/problem+json") || !strings.Contains(got, "X-Request-Id: ") {
			t.Errorf("%q: %q", raw, got)
		}
	}
}

package fiberx_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

func who(app *fiber.App) {
	say := func(c *fiber.Ctx) error {
		a := fiberx.Actor(c)
		switch {
		case !a.IsKnown():
			return c.SendString("nobody")
		case a.IsToken():
			return c.SendString("token of " + a.Name)
		}
		return c.SendString(a.Name)
	}
	app.Get("/api/who", say)
	app.Get("/healthz", say)
	app.Get("/d/:token", say)
	app.Get("/static/app.js", say)
	pages := app.Group("/app", fiberx.RequireSignIn)
	pages.Get("/page", say)
	pages.Post("/page", say)
	app.Get("/admin/", fiberx.RequireAdmin, say)
}

func TestWhoAsks(t *testing.T) {
	t.Parallel()
	up := start(t, nil, who)
	down := start(t, func(c *fiberx.Config) { c.SignIn = &signIn{down: true} }, who)
	session, stale := "Cookie: doorito_session="+goodSession, "Cookie: doorito_session=old"
	for name, tc := range map[string]struct {
		p      *portal
		path   string
		header string
		status int
		want   string
	}{
		"nobody":                      {up, "/api/who", "A: b", 200, "nobody"},
		"a session":                   {up, "/api/who", session, 200, "Ada"},
		"a dead session is nobody":    {up, "/api/who", stale, 200, "nobody"},
		"a token":                     {up, "/api/who", "Authorization: Bearer " + goodToken, 200, "token of Ada"},
		"bearer in any case":          {up, "/api/who", "Authorization: bearer " + goodToken, 200, "token of Ada"},
		"a wrong token":               {up, "/api/who", "Authorization: Bearer dto_wrong", 401, "This token is unknown."},
		"an empty token":              {up, "/api/who", "Authorization: Bearer ", 401, "This token is unknown."},
		"another scheme":              {up, "/api/who", "Authorization: Basic YTpi", 200, "nobody"},
		"sessions while down":         {down, "/api/who", session, 503, "The database is down."},
		"no cookie while down":        {down, "/api/who", "A: b", 200, "nobody"},
		"probes need no database":     {down, "/healthz", session, 200, "nobody"},
		"links need no database":      {down, "/d/x", session, 200, "nobody"},
		"static needs no database":    {down, "/static/app.js", session, 200, "nobody"},
		"links ignore a wrong token":  {up, "/d/x", "Authorization: Bearer dto_wrong", 200, "nobody"},
		"a page with a session":       {up, "/app/page", session, 200, "Ada"},
		"a page with a token":         {up, "/app/page", "Authorization: Bearer " + goodToken, 303, ""},
		"staff on an admin page":      {up, "/admin/", session, 403, "Only admins may do this."},
		"nobody on an admin page":     {up, "/admin/", "A: b", 303, ""},
		"our script on a page, alone": {up, "/app/page", "Accept: application/json", 401, "Sign in and try again."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, got := tc.p.do(t, "GET", tc.path, nil, tc.header)
			if res.StatusCode != tc.status || !strings.Contains(got, tc.want) {
				t.Fatalf("%d %q", res.StatusCode, got)
			}
		})
	}
}

func TestVisitorsAreSentToLoginAndBack(t *testing.T) {
	t.Parallel()
	p := start(t, nil, who)
	res, _ := p.do(t, "GET", "/app/page?status=failed&q=a%20b", nil)
	if res.StatusCode != 303 || res.Header.Get("Location") != "/login?next=%2Fapp%2Fpage%3Fstatus%3Dfailed%26q%3Da%2520b" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	if res, _ := p.do(t, "POST", "/app/page", nil); res.StatusCode != 401 {
		t.Errorf("a form of a dead session: %d", res.StatusCode)
	}
	res, _ = p.do(t, "GET", "/app/page", nil, "HX-Request: true", "HX-Current-URL: http://evil.example/app/files?page=2")
	if res.StatusCode != 401 || res.Header.Get("HX-Redirect") != "/login?next=%2Fapp%2Ffiles%3Fpage%3D2" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	res, _ = p.do(t, "GET", "/app/page", nil, "HX-Request: true", "HX-Current-URL: http://x//evil.example/")
	if res.Header.Get("HX-Redirect") != "/login" {
		t.Errorf("%v", res.Header)
	}
}

func TestSessionCookieFlags(t *testing.T) {
	t.Parallel()
	until := time.Now().Add(30 * 24 * time.Hour)
	routes := func(app *fiber.App) {
		app.Post("/in", func(c *fiber.Ctx) error {
			fiberx.SetSession(c, &usecase.SignedIn{SessionID: "fresh", ExpiresAt: until, Session: &domain.WebSession{Remember: c.Query("remember") != ""}})
			return nil
		})
		app.Post("/out", func(c *fiber.Ctx) error {
			if fiberx.SessionID(c) != goodSession {
				t.Error("the handler needs the id of the cookie that came")
			}
			fiberx.ClearSession(c)
			return nil
		})
	}
	for base, secure := range map[string]bool{"http://portal.example": false, "https://portal.example": true} {
		p := start(t, func(c *fiberx.Config) { c.BaseURL = base }, routes)
		check := func(path string) *http.Cookie {
			res, _ := p.do(t, "POST", path, nil, "Cookie: doorito_session="+goodSession)
			all := res.Cookies()
			if len(all) != 1 {
				t.Fatalf("%v", res.Header)
			}
			ck := all[0]
			if ck.Name != "doorito_session" || !ck.HttpOnly || ck.SameSite != http.SameSiteLaxMode || ck.Path != "/" || ck.Secure != secure || ck.Domain != "" {
				t.Errorf("%s%s: %+v", base, path, ck)
			}
			return ck
		}
		if ck := check("/in"); ck.Value != "fresh" || !ck.Expires.IsZero() || ck.MaxAge != 0 {
			t.Errorf("a session of this browser run: %+v", ck)
		}
		if ck := check("/in?remember=1"); ck.Expires.Sub(until).Abs() > 2*time.Second {
			t.Errorf("a remembered session: %+v", ck)
		}
		if ck := check("/out"); ck.Value != "" || ck.Expires.After(time.Now()) {
			t.Errorf("after sign-out: %+v", ck)
		}
	}
}

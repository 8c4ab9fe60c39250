package fiberx_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	for base, hsts := range map[string]string{"http://portal.example": "", "https://portal.example": "max-age=31536000"} {
		p := start(t, func(c *fiberx.Config) { c.BaseURL = base }, func(app *fiber.App) {
			app.Get("/ok", func(c *fiber.Ctx) error { return c.SendString("ok") })
			app.Get("/own", func(c *fiber.Ctx) error {
				c.Set("Content-Security-Policy", "sandbox")
				return nil
			})
		})
		for _, path := range []string{"/ok", "/nowhere"} {
			res, _ := p.do(t, "GET", path, nil)
			h := res.Header
			if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") ||
				!strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("Referrer-Policy") != "same-origin" || h.Get("Strict-Transport-Security") != hsts || len(h.Get("X-Request-Id")) != 36 || h.Get("Server") != "" {
				t.Errorf("%s%s: %v", base, path, h)
			}
		}
		if res, _ := p.do(t, "GET", "/own", nil); res.Header.Get("Content-Security-Policy") != "sandbox" {
			t.Errorf("a handler's own policy must win: %v", res.Header)
		}
	}
}

func TestLogHasOneLineForARequestAndNoSignedLink(t *testing.T) {
	t.Parallel()
	p := start(t, nil, func(app *fiber.App) {
		app.Get("/d/:token", func(c *fiber.Ctx) error { return nil })
		app.Get("/app/files", func(c *fiber.Ctx) error { return nil })
	})
	p.do(t, "GET", "/d/very-secret", nil)
	p.do(t, "GET", "/d/very-secret/more", nil)
	p.do(t, "GET", "/D/very-secret", nil)
	res, _ := p.do(t, "GET", "/app/files?q=very-secret", nil, "Cookie: doorito_session="+goodSession)
	eventually(t, "four lines", func() bool { return strings.Count(p.log.String(), "msg=request") == 4 })
	log := p.log.String()
	if strings.Contains(log, "secret") || strings.Contains(log, goodSession) {
		t.Errorf("a secret is in the log:\n%s", log)
	}
	if !strings.Contains(log, "request_id="+res.Header.Get("X-Request-Id")+" method=GET path=/app/files status=200") || !strings.Contains(log, "user_id="+ada.ID.String()) {
		t.Errorf("the line is missing:\n%s", log)
	}
	if res.Header.Get("Cache-Control") != "no-store" {
		t.Error("a signed-in person's page may be cached")
	}
}

func TestClientAddressComesFromTrustedProxiesAlone(t *testing.T) {
	t.Parallel()
	show := func(app *fiber.App) {
		app.Get("/ip", func(c *fiber.Ctx) error {
			return c.SendString(fiberx.ClientIP(c) + " " + fiberx.RequestID(c))
		})
	}
	nobody := start(t, nil, show)
	trusting := start(t, func(c *fiberx.Config) { c.TrustedProxies = []string{"127.0.0.0/8", "10.1.2.3", "nonsense"} }, show)
	const id = "X-Request-Id: from-the-proxy"
	for _, tc := range []struct {
		p                 *portal
		forwarded, wantIP string
		ownID             bool
	}{
		{nobody, "203.0.113.9", "127.0.0.1", true},
		{trusting, "203.0.113.9", "203.0.113.9", false},
		{trusting, "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9", false},
		{trusting, "10.1.2.3", "10.1.2.3", false},
		{trusting, "198.51.100.1, garbage", "127.0.0.1", false},
		{trusting, "::ffff:203.0.113.9", "203.0.113.9", false},
		{trusting, "2001:db8::1%eth0", "2001:db8::1", false},
	} {
		_, got := tc.p.do(t, "GET", "/ip", nil, "X-Forwarded-For: "+tc.forwarded, id)
		ip, gotID, _ := strings.Cut(got, " ")
		if ip != tc.wantIP || (gotID != "from-the-proxy") != tc.ownID {
			t.Errorf("%s: got %s, want %s", tc.forwarded, got, tc.wantIP)
		}
	}
	if !strings.Contains(trusting.log.String(), "trusted_proxy=nonsense") {
		t.Error("a setting that cannot be read is to be logged")
	}
}

func TestRouteTableAndObservations(t *testing.T) {
	t.Parallel()
	seen := make(chan fiberx.Observation, 10)
	var app *fiber.App
	p := start(t, func(c *fiberx.Config) { c.Observe = func(o fiberx.Observation) { seen <- o } }, func(a *fiber.App) {
		app = a
		g := a.Group("/app", func(c *fiber.Ctx) error { return c.Next() })
		g.Get("/files/:id", func(c *fiber.Ctx) error { return nil })
		g.Post("/files", func(c *fiber.Ctx) error { return nil })
	})
	if got, want := fiberx.RouteTable(app), []string{"GET /app/files/:id", "POST /app/files"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	p.do(t, "GET", "/app/files/17", nil)
	if o := <-seen; o.Route != "/app/files/:id" || o.Method != "GET" || o.Status != 200 || o.Took <= 0 || o.Took > time.Minute {
		t.Errorf("%+v", o)
	}
	p.do(t, "GET", "/wp-login.php", nil)
	if o := <-seen; o.Route != "other" || o.Status != 404 {
		t.Errorf("%+v", o)
	}
}

package fiberx_test

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

const pageFiller = 5000

func pageRoutes(app *fiber.App) {
	app.Get("/page", func(c *fiber.Ctx) error {
		c.Type("html", "utf-8")
		return c.SendString(fiberx.PageToken(c) + "\n" + strings.Repeat("x", pageFiller))
	})
	app.Get("/small", func(c *fiber.Ctx) error { return c.Type("html").SendString("<p>") })
	app.Get("/text", func(c *fiber.Ctx) error { return c.SendString(strings.Repeat("x", pageFiller)) })
	app.Get("/stream", func(c *fiber.Ctx) error {
		return c.Type("html").SendStream(strings.NewReader(strings.Repeat("x", pageFiller)), pageFiller)
	})
	app.Post("/change", fiberx.CSRF, func(c *fiber.Ctx) error { return c.SendString("done") })
}

func TestPagesAreCompressedAndNothingElse(t *testing.T) {
	t.Parallel()
	p := start(t, nil, pageRoutes)
	for name, tc := range map[string]struct {
		path, accepts string
		packed        bool
	}{
		"a page":                      {"/page", "br, gzip", true},
		"for who cannot unpack":       {"/page", "br", false},
		"for who will not":            {"/page", "gzip;q=0", false},
		"a page that fits a packet":   {"/small", "gzip", false},
		"what is no page":             {"/text", "gzip", false},
		"what is not whole in memory": {"/stream", "gzip", false},
	} {
		res, body := p.do(t, "GET", tc.path, nil, "Accept-Encoding: "+tc.accepts)
		if got := res.Header.Get("Content-Encoding") == "gzip"; got != tc.packed {
			t.Errorf("%s: compressed %v", name, got)
		}
		if tc.packed && (len(body) > 500 || res.Header.Get("Vary") != "Accept-Encoding") {
			t.Errorf("%s: %d bytes, %v", name, len(body), res.Header)
		}
	}
}

func TestAPagesTokenIsAnotherEachTimeAndGood(t *testing.T) {
	t.Parallel()
	p := start(t, nil, pageRoutes)
	const session = "Cookie: doorito_session=" + goodSession
	seen := map[string]bool{}
	for range 3 {
		_, packed := p.do(t, "GET", "/page", nil, session, "Accept-Encoding: gzip")
		r, err := gzip.NewReader(strings.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		page, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		token, rest, _ := strings.Cut(string(page), "\n")
		if len(rest) != pageFiller || seen[token] || strings.Contains(token, goodCSRF) {
			t.Fatalf("token %q, then %d bytes", token, len(rest))
		}
		seen[token] = true
		for _, c := range []struct {
			token  string
			status int
		}{{token, 200}, {token[:len(token)-2], 403}, {token + "AAAA", 403}, {"p.AAAA", 403}, {"p.", 403}} {
			if res, _ := p.do(t, "POST", "/change", nil, session, "X-CSRF-Token: "+c.token); res.StatusCode != c.status {
				t.Errorf("%q answers %d", c.token, res.StatusCode)
			}
		}
	}
}

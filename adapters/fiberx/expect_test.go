package fiberx_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

func TestExpectationIsRefusedBeforeTheBody(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *fiberx.Config) { c.UploadLimit = 10 << 20 }, func(app *fiber.App) {
		app.Put("/api/files/:name", fiberx.Upload(countBody))
		app.Put("/app/form", fiberx.Upload(countBody))
		app.Post("/api/small", func(c *fiber.Ctx) error { return nil })
	})
	bearer := "Authorization: Bearer " + goodToken + "\r\n"
	for name, tc := range map[string]struct {
		line, headers string
		size          int
		want          string
	}{
		"over the limit":         {"PUT /api/files/a", bearer, 12 << 20, "HTTP/1.1 413"},
		"no credentials":         {"PUT /api/files/a", "", 12 << 20, "HTTP/1.1 401"},
		"ordinary route":         {"POST /api/small", bearer, 2 << 20, "HTTP/1.1 413"},
		"no route":               {"PUT /nowhere", bearer, 2 << 20, "HTTP/1.1 413"},
		"welcome with a token":   {"PUT /api/files/a", bearer, 5, "HTTP/1.1 100"},
		"welcome with a session": {"PUT /api/files/a", "Cookie: doorito_session=" + goodSession + "\r\n", 5, "HTTP/1.1 100"},
		"pages decide later":     {"PUT /app/form", "", 5, "HTTP/1.1 100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := p.dial(t)
			if _, err := fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n%s\r\n", tc.line, tc.size, tc.headers); err != nil {
				t.Fatal(err)
			}
			r := bufio.NewReader(conn)
			line, err := r.ReadString('\n')
			if err != nil || !strings.HasPrefix(line, tc.want) {
				t.Fatalf("%v, %q", err, line)
			}
			if !strings.HasSuffix(tc.want, "100") {
				rest, err := io.ReadAll(r)
				if err != nil || !strings.Contains(string(rest), `"request_id":"`) && !strings.Contains(string(rest), "Request ") || !strings.Contains(string(rest), "Connection: close") {
					t.Fatalf("%v, %q", err, rest)
				}
				return
			}
			if _, err := io.WriteString(conn, "hello"); err != nil {
				t.Fatal(err)
			}
			if _, err := r.ReadString('\n'); err != nil { // the empty line after 100
				t.Fatal(err)
			}
			res, err := http.ReadResponse(r, nil)
			if err != nil || res.StatusCode != 200 {
				t.Fatalf("%v, %+v", err, res)
			}
		})
	}
}

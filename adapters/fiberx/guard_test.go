package fiberx_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

func guarded(app *fiber.App) {
	app.Post("/api/small", func(c *fiber.Ctx) error { return c.SendString(fmt.Sprint(len(c.Body()))) })
	app.Post("/api/form", func(c *fiber.Ctx) error { return c.SendString(c.FormValue("name")) })
	app.Put("/api/files/special", func(c *fiber.Ctx) error { return c.SendString("special") })
	group := app.Group("/api/files", func(c *fiber.Ctx) error { return c.Next() })
	group.Put("/:name", fiberx.Upload(countBody))
}

func TestOrdinaryRoutesTakeSmallBodiesOnly(t *testing.T) {
	t.Parallel()
	p := start(t, nil, guarded)
	whole := strings.Repeat("a", fiberx.MaxSmallBody)
	type answer struct {
		status int
		text   string
	}
	for name, tc := range map[string]struct {
		method, path string
		body         io.Reader
		header       string
		want         answer
	}{
		"none":               {"POST", "/api/small", nil, "A: b", answer{200, "0"}},
		"just fits":          {"POST", "/api/small", strings.NewReader(whole), "A: b", answer{200, "1048576"}},
		"a byte more":        {"POST", "/api/small", strings.NewReader(whole + "a"), "A: b", answer{413, "up to 1.05 MB"}},
		"in chunks":          {"POST", "/api/small", io.MultiReader(strings.NewReader("a")), "A: b", answer{413, "in chunks"}},
		"compressed":         {"POST", "/api/small", strings.NewReader("a"), "Content-Encoding: gzip", answer{415, "unpacked"}},
		"a form":             {"POST", "/api/form", strings.NewReader("name=Ada"), "Content-Type: application/x-www-form-urlencoded", answer{200, "Ada"}},
		"no route":           {"POST", "/api/nowhere", strings.NewReader(whole + "a"), "A: b", answer{413, ""}},
		"upload":             {"PUT", "/api/files/a.bin", strings.NewReader(whole + "a"), "A: b", answer{200, "1048577"}},
		"upload in chunks":   {"PUT", "/api/files/a.bin", io.MultiReader(strings.NewReader(whole + "a")), "A: b", answer{200, "1048577"}},
		"upload, compressed": {"PUT", "/api/files/a.bin", strings.NewReader("a"), "Content-Encoding: gzip", answer{415, "unpacked"}},
		"beside an upload":   {"PUT", "/api/files/special", strings.NewReader(whole + "a"), "A: b", answer{413, ""}},
		"another method":     {"PATCH", "/api/files/a.bin", strings.NewReader(whole + "a"), "A: b", answer{413, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, got := p.do(t, tc.method, tc.path, tc.body, tc.header)
			if res.StatusCode != tc.want.status || !strings.Contains(got, tc.want.text) {
				t.Fatalf("got %d %q, want %d %q", res.StatusCode, got, tc.want.status, tc.want.text)
			}
		})
	}
}

func TestTruncatedSmallBodyNeverReachesTheHandler(t *testing.T) {
	t.Parallel()
	p := start(t, nil, guarded)
	for _, n := range []int{0, 5, 20000} {
		conn := p.dial(t)
		if _, err := fmt.Fprintf(conn, "POST /api/form HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 30000\r\n\r\n%s", strings.Repeat("n", n)); err != nil {
			t.Fatal(err)
		}
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(conn)
		if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 400") {
			t.Fatalf("after %d bytes: %v, %q", n, err, got)
		}
	}
}

func TestSlowHeaderAndSlowSmallBodyAreCutOff(t *testing.T) {
	t.Parallel()
	p := start(t, func(c *fiberx.Config) { c.HeaderTimeout = 200 * time.Millisecond }, guarded)
	for name, first := range map[string]string{
		"header": "POST /api/small HTTP/1.1\r\n",
		"body":   "POST /api/small HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			conn := p.dial(t)
			if _, err := io.WriteString(conn, first); err != nil {
				t.Fatal(err)
			}
			closed := make(chan string, 1)
			go func() {
				all, _ := io.ReadAll(conn) // the server may reset
				closed <- string(all)
			}()
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case got := <-closed:
					if !strings.HasPrefix(got, "HTTP/1.1 408") {
						t.Fatalf("got %q", got)
					}
					if took := time.Since(start); took < 150*time.Millisecond || took > 5*time.Second {
						t.Fatalf("cut off after %s", took)
					}
					return
				case <-tick.C: // a byte now and then does not stretch the deadline
					_, _ = io.WriteString(conn, "X")
				}
			}
		})
	}
}

func TestHugeHeaderIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, nil, guarded)
	conn := p.dial(t)
	if _, err := io.WriteString(conn, "GET /api/small HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("a", 16<<10)+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(conn) // the rest of the header is not waited for, so a reset may follow
	if !strings.HasPrefix(string(got), "HTTP/1.1 431") || !strings.Contains(string(got), "16.4 KB") {
		t.Fatalf("got %q", got)
	}
}

// The guard asks whether a route is Fiber's choice as Fiber itself does.
func TestTheGuardMatchesRoutesAsFiberDoes(t *testing.T) {
	t.Parallel()
	patterns := []string{
		"/", "/*", "/:x", "/:x?", "/files", "/files/", "/files/:id", "/files/:id?", "/files/:id/parts/:number", "/files/+", "/files-:id",
		"/api/v1/:a.:b", `/v1/some\:name`, "/api/:a<int>", "/Api/Files/:id", "/a//b",
	}
	paths := []string{
		"/", "//", "", "/files", "/files/", "/FILES/x", "/files/x/", "/files/x/parts/3", "/files/x/Parts/3/", "/filesx", "/file", "/files-7",
		"/api/v1/a.b", "/api/3", "/api/x", "/API/files/1", "/v1/some:name", `/v1/some\:name`, "/a//b", "/a/b", "/files%2Fx", "/fıles/x",
	}
	for _, pattern := range patterns {
		matched := 0
		for _, path := range paths {
			want := fiber.RoutePatternMatch(path, pattern)
			if want {
				matched++
			}
			if got := fiberx.Matches(pattern, path); got != want {
				t.Errorf("%q for %q: %v, with Fiber %v", path, pattern, got, want)
			}
		}
		if matched == 0 {
			t.Errorf("no path is one of %q", pattern)
		}
	}
}

package fiberx_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// TestUnreadBodyIsNeverTheNextRequest: bytes of a body that a handler left
// unread must not be parsed as a request.
func TestUnreadBodyIsNeverTheNextRequest(t *testing.T) {
	t.Parallel()
	var smuggled, answered atomic.Int32
	refuse := func(c *fiber.Ctx) error {
		answered.Add(1)
		return domain.Errorf(domain.Conflict, "Not now.")
	}
	p := start(t, nil, func(app *fiber.App) {
		app.Get("/secret", func(c *fiber.Ctx) error { return c.SendString(fmt.Sprint("secret", smuggled.Add(1))) })
		app.Put("/refuse", fiberx.Upload(refuse))
		app.Put("/half", fiberx.Upload(func(c *fiber.Ctx) error {
			r, _ := fiberx.Body(c)
			if _, err := io.CopyN(io.Discard, r, 1000); err != nil {
				return err
			}
			return refuse(c)
		}))
		app.Put("/panic", fiberx.Upload(func(*fiber.Ctx) error { panic("refused") }))
		app.Put("/plain", refuse)
	})
	inner := "GET /secret HTTP/1.1\r\nHost: x\r\n\r\n"
	for _, path := range []string{"/refuse", "/half", "/panic", "/plain", "/nowhere"} {
		for _, size := range []int{2000, 100 << 10, 300 << 10, 3 << 20} {
			body := strings.Repeat(inner, size/len(inner))
			for framing, raw := range map[string]string{
				"length":  fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body),
				"chunked": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body),
				"lying":   fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body)+5, body),
				"both":    fmt.Sprintf("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body),
			} {
				t.Run(fmt.Sprintf("%s/%d/%s", path[1:], size, framing), func(t *testing.T) {
					t.Parallel()
					conn := p.dial(t)
					if _, err := fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: x\r\n%s", path, raw); err != nil {
						t.Fatal(err)
					}
					if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
						t.Fatal(err)
					}
					got, err := io.ReadAll(conn)
					if err != nil {
						t.Fatalf("the answer was lost: %v after %q", err, got)
					}
					if n := strings.Count(string(got), "HTTP/1.1 "); n != 1 || strings.Contains(string(got), "secret") {
						t.Fatalf("%d answers: %q", n, got)
					}
				})
			}
		}
	}
	t.Cleanup(func() {
		if smuggled.Load() != 0 {
			t.Errorf("%d requests were smuggled", smuggled.Load())
		}
		if answered.Load() == 0 {
			t.Error("no handler ran")
		}
	})
}

// TestEarlyAnswerIsReadByAClientThatSendsEverythingFirst: browsers look at the
// answer when their body is out.
func TestEarlyAnswerIsReadByAClientThatSendsEverythingFirst(t *testing.T) {
	t.Parallel()
	p := start(t, nil, func(app *fiber.App) {
		app.Put("/api/refuse", fiberx.Upload(func(*fiber.Ctx) error { return domain.Errorf(domain.Conflict, "Not now.") }))
	})
	const size = 40 << 20
	for _, framing := range []string{fmt.Sprintf("Content-Length: %d\r\n\r\n", size), fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", size)} {
		conn := p.dial(t)
		if _, err := io.WriteString(conn, "PUT /api/refuse HTTP/1.1\r\nHost: x\r\n"+framing); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(conn, zeros{}, size); err != nil {
			t.Fatalf("sending broke off: %v", err)
		}
		if strings.HasPrefix(framing, "T") {
			if _, err := io.WriteString(conn, "\r\n0\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
		}
		got, err := io.ReadAll(conn)
		if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 409") || !strings.Contains(string(got), "Not now.") ||
			!strings.Contains(string(got), "Connection: close") || !strings.Contains(string(got), "X-Request-Id: ") {
			t.Fatalf("%v: %q", err, got)
		}
	}
}

// TestBodyThatNeverEndsIsCutOff: what is dropped after an answer is bounded.
func TestBodyThatNeverEndsIsCutOff(t *testing.T) {
	t.Parallel()
	p := start(t, nil, func(app *fiber.App) {
		app.Put("/refuse", fiberx.Upload(func(*fiber.Ctx) error { return domain.Errorf(domain.Conflict, "Not now.") }))
	})
	conn := p.dial(t)
	if _, err := io.WriteString(conn, "PUT /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	n, err := io.Copy(conn, zeros{})
	if err == nil || n > 200<<20 || time.Since(begin) > 15*time.Second {
		t.Fatalf("the server took %d bytes in %s: %v", n, time.Since(begin), err)
	}
}

// TestSmallRestKeepsTheConnection: a refusal costs a client no new connection.
func TestSmallRestKeepsTheConnection(t *testing.T) {
	t.Parallel()
	p := start(t, nil, func(app *fiber.App) {
		app.Put("/refuse", fiberx.Upload(func(*fiber.Ctx) error { return domain.Errorf(domain.Conflict, "Not now.") }))
		app.Get("/next", func(c *fiber.Ctx) error { return c.SendString("next") })
	})
	got := p.send(t, fmt.Sprintf("PUT /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n%s", strings.Repeat("a", 100000))+
		"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 409") || !strings.HasSuffix(got, "\r\n\r\nnext") {
		t.Fatalf("got %q", got)
	}
}

package fiberx_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/ports/usecase"
)

// ending is what a handler saw of a body.
type ending struct {
	n    int64
	size int64
	err  error
}

// watchBody tells the test how the body ended.
func watchBody(seen chan<- ending) fiber.Handler {
	return fiberx.Upload(func(c *fiber.Ctx) error {
		r, size := fiberx.Body(c)
		n, err := io.Copy(io.Discard, r)
		seen <- ending{n: n, size: size, err: err}
		if err != nil {
			return err
		}
		return c.SendString(fmt.Sprint(n))
	})
}

func TestBodyEndsAsItWasSent(t *testing.T) {
	t.Parallel()
	seen := make(chan ending, 1)
	p := start(t, nil, func(app *fiber.App) { app.Put("/up", watchBody(seen)) })
	head := "PUT /up HTTP/1.1\r\nHost: x\r\n"
	for name, tc := range map[string]struct {
		raw     string
		n, size int64
		err     error
	}{
		"declared and complete":          {head + "Content-Length: 5\r\n\r\nhello", 5, 5, nil},
		"empty":                          {head + "Content-Length: 0\r\n\r\n", 0, 0, nil},
		"neither length nor chunks":      {head + "\r\n", 0, 0, nil},
		"shorter than declared":          {head + "Content-Length: 50000\r\n\r\n" + strings.Repeat("a", 30000), 30000, 50000, io.ErrUnexpectedEOF},
		"a few bytes short":              {head + "Content-Length: 50\r\n\r\nhello", 5, 50, io.ErrUnexpectedEOF},
		"chunked and complete":           {head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 11, -1, nil},
		"chunked, cut between chunks":    {head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 5, -1, io.ErrUnexpectedEOF},
		"chunked, cut inside a chunk":    {head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", 3, -1, io.ErrUnexpectedEOF},
		"chunked, cut in a chunk's size": {head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1", 5, -1, io.ErrUnexpectedEOF},
		"chunked, broken framing":        {head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello world\r\n0\r\n\r\n", 5, -1, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			conn := p.dial(t)
			if _, err := io.WriteString(conn, tc.raw); err != nil {
				t.Fatal(err)
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			got := <-seen
			if got.n != tc.n || got.size != tc.size || !errors.Is(got.err, tc.err) {
				t.Fatalf("got %d bytes of %d, error %v; want %d of %d, %v", got.n, got.size, got.err, tc.n, tc.size, tc.err)
			}
		})
	}
}

func TestConnectionServesTheNextRequestAfterChunkedBody(t *testing.T) {
	t.Parallel()
	p := start(t, nil, func(app *fiber.App) { app.Put("/up", fiberx.Upload(countBody)) })
	got := p.send(t, "PUT /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"+
		"PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
	if strings.Count(got, "HTTP/1.1 200 OK") != 2 || !strings.HasSuffix(got, "3") {
		t.Fatalf("two answers expected, got %q", got)
	}
}

func TestSilentUploadIsCutOff(t *testing.T) {
	t.Parallel()
	seen := make(chan ending, 1)
	p := start(t, func(c *fiberx.Config) { c.IdleTimeout = time.Second }, func(app *fiber.App) { app.Put("/api/up", watchBody(seen)) })
	got := p.send(t, "PUT /api/up HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("a", 20000))
	if end := <-seen; !errors.Is(end.err, os.ErrDeadlineExceeded) || end.n != 20000 {
		t.Fatalf("ended with %+v", end)
	}
	if !strings.HasPrefix(got, "HTTP/1.1 408") || !strings.Contains(got, "Nothing came for 1s") || !strings.Contains(got, `"field":"body"`) {
		t.Fatalf("got %q", got)
	}
}

func TestTricklingUploadIsCutOff(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{"declared": "Content-Length: 100000\r\n\r\n", "in chunks": "Transfer-Encoding: chunked\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := make(chan ending, 1)
			p := start(t, func(c *fiberx.Config) { c.IdleTimeout = 2 * time.Second }, func(app *fiber.App) { app.Put("/api/up", watchBody(seen)) })
			conn := p.dial(t)
			if _, err := io.WriteString(conn, "PUT /api/up HTTP/1.1\r\nHost: x\r\n"+head); err != nil {
				t.Fatal(err)
			}
			drop := "x"
			if name == "in chunks" {
				drop = "1\r\nx\r\n"
			}
			trickle := time.NewTicker(20 * time.Millisecond)
			defer trickle.Stop()
			start := time.Now()
			var end ending
			for ended := false; !ended; {
				select {
				case end = <-seen:
					ended = true
				case <-trickle.C:
					_, _ = io.WriteString(conn, drop)
				}
				if time.Since(start) > 10*time.Second {
					t.Fatal("it still trickles in")
				}
			}
			got, err := io.ReadAll(conn)
			if !errors.Is(end.err, os.ErrDeadlineExceeded) || !strings.HasPrefix(string(got), "HTTP/1.1 408") || !strings.Contains(string(got), "B came in ") {
				t.Errorf("ended with %+v: %q, %v", end, got, err)
			}
		})
	}
}

func TestSlowUploadOutlivesTheHeaderDeadline(t *testing.T) {
	t.Parallel()
	change := func(c *fiberx.Config) { c.HeaderTimeout, c.IdleTimeout = 500*time.Millisecond, 5*time.Second }
	p := start(t, change, func(app *fiber.App) { app.Put("/up", fiberx.Upload(countBody)) })
	conn := p.dial(t)
	if _, err := io.WriteString(conn, "PUT /up HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(100 * time.Millisecond) // 10 bytes take longer than the header may
	defer tick.Stop()
	for range 10 {
		<-tick.C
		if _, err := io.WriteString(conn, "x"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := io.ReadAll(conn)
	if err != nil || !strings.HasSuffix(string(got), "\r\n\r\n10") {
		t.Fatalf("%v, %q", err, got)
	}
}

func TestLargeReadsGoStraightIntoTheCallersBuffer(t *testing.T) {
	t.Parallel()
	largest := make(chan int, 1)
	p := start(t, nil, func(app *fiber.App) {
		app.Put("/up", fiberx.Upload(func(c *fiber.Ctx) error {
			r, _ := fiberx.Body(c)
			buf, most := make([]byte, 256<<10), 0
			for {
				n, err := r.Read(buf)
				most = max(most, n)
				if err != nil {
					largest <- most
					return nil
				}
			}
		}))
	})
	p.do(t, "PUT", "/up", strings.NewReader(strings.Repeat("a", 32<<20)))
	if n := <-largest; n <= 16<<10 {
		t.Fatalf("the largest read had %d bytes: it went through the 16 KiB buffer", n)
	}
}

// sayParts answers with each part's name and size.
func sayParts[P interface {
	io.Reader
	FormName() string
}](c *fiber.Ctx, next func() (P, error)) error {
	var names []string
	for {
		part, err := next()
		if err == io.EOF {
			return c.SendString(strings.Join(names, ","))
		}
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, part)
		if err != nil {
			return err
		}
		names = append(names, fmt.Sprintf("%s:%d", part.FormName(), n))
	}
}

func TestFormsStreamTheirParts(t *testing.T) {
	t.Parallel()
	p := start(t, nil, func(app *fiber.App) {
		app.Post("/form", fiberx.Upload(func(c *fiber.Ctx) error {
			form, err := fiberx.OpenForm(c)
			if err != nil {
				return err
			}
			return sayParts(c, form.NextPart)
		}))
	})
	body := "--b\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\ntok\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + strings.Repeat("a", 3<<20) + "\r\n--b--\r\n"
	res, got := p.do(t, "POST", "/form", strings.NewReader(body), "Content-Type: multipart/form-data; boundary=b")
	if res.StatusCode != 200 || got != fmt.Sprintf("_csrf:3,file:%d", 3<<20) {
		t.Fatalf("%d %q", res.StatusCode, got)
	}
	for kind, want := range map[string]int{
		"application/json":    415,
		"multipart/form-data": 400,
		"multipart/form-data; boundary=" + strings.Repeat("b", 71): 400,
		"multipart/mixed; boundary=b":                              415,
	} {
		if res, _ := p.do(t, "POST", "/form", strings.NewReader("x"), "Content-Type: "+kind); res.StatusCode != want {
			t.Errorf("%s: got %d, want %d", kind, res.StatusCode, want)
		}
	}
}

// A small body is waited for a moment; one that dawdles goes on where it was.
func TestABodyGoesOnAfterItWasNotReady(t *testing.T) {
	t.Parallel()
	ready := make(chan string, 1)
	p := start(t, nil, func(app *fiber.App) {
		app.Put("/up", fiberx.Upload(func(c *fiber.Ctx) error {
			r, size := fiberx.Body(c)
			data := make([]byte, size)
			n, err := r.(usecase.Ready).ReadReady(data, 20*time.Millisecond)
			ready <- string(data[:n])
			if err != nil && err != io.EOF {
				return err
			}
			rest, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			return c.SendString(string(data[:n]) + "|" + string(rest))
		}))
	})
	conn := p.dial(t)
	answers := bufio.NewReader(conn)
	ask := func(first, then, want string) {
		t.Helper()
		if _, err := fmt.Fprintf(conn, "PUT /up HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n%s", first); err != nil {
			t.Fatal(err)
		}
		if got := <-ready; got != first {
			t.Fatalf("%q was ready, want %q", got, first)
		}
		if _, err := io.WriteString(conn, then); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if body, err := io.ReadAll(res.Body); err != nil || string(body) != want {
			t.Fatalf("%d %q, %v; want %q", res.StatusCode, body, err, want)
		}
	}
	ask("helloworld", "", "helloworld|") // and the connection serves the next
	ask("hello", "world", "hello|world")
}

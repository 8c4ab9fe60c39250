package tus_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"doorito/adapters/api/tus"
	"doorito/adapters/fiberx"
)

// begun is a PATCH whose bytes a test sends by hand.
type begun struct {
	net.Conn
	r *bufio.Reader
}

func (p *portal) begin(t *testing.T, path string, offset, size int, more string) *begun {
	t.Helper()
	return p.beginAs(t, "PATCH", path, size, "Authorization: Bearer "+adaToken, "Tus-Resumable: 1.0.0", "Content-Type: application/offset+octet-stream", fmt.Sprint("Upload-Offset: ", offset), more)
}

// beginAs is begin for any request.
func (p *portal) beginAs(t *testing.T, method, path string, size int, headers ...string) *begun {
	t.Helper()
	conn, err := net.Dial("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n", method, path, size)
	for _, h := range headers {
		if h = strings.TrimSuffix(h, "\r\n"); h != "" {
			head += h + "\r\n"
		}
	}
	if _, err := io.WriteString(conn, head+"\r\n"); err != nil {
		t.Fatal(err)
	}
	return &begun{conn, bufio.NewReader(conn)}
}

func (b *begun) send(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(b, text); err != nil {
		t.Fatal(err)
	}
}

// status is that of the answer, which may follow informational ones.
func (b *begun) status(t *testing.T) int {
	t.Helper()
	for {
		res, err := http.ReadResponse(b.r, nil)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode >= 200 {
			return res.StatusCode
		}
	}
}

// reach waits until HEAD says so many bytes.
func (p *portal) reach(t *testing.T, at string, offset int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for p.head(t, at).header.Get("Upload-Offset") != fmt.Sprint(offset) {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("the offset never became %d", offset)
		}
	}
}

func TestBytesArriveWhileTheyAreSent(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	at := p.create(t, "Upload-Length: 2000000")
	b := p.begin(t, at, 0, 2_000_000, "")
	b.send(t, strings.Repeat("a", 500_000))
	p.reach(t, at, 500_000)
	b.send(t, strings.Repeat("b", 1_500_000))
	if st := b.status(t); st != 204 {
		t.Fatal(st)
	}
	p.head(t, at).want(t, 200, "Upload-Offset: 2000000")
}

func TestABrokenConnectionKeepsWhatArrived(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	for name, more := range map[string]string{"plain": "", "through an override": "X-HTTP-Method-Override: PATCH\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := p.create(t, "Upload-Length: 100000")
			b := p.begin(t, at, 0, 100_000, more)
			b.send(t, strings.Repeat("a", 70_000))
			b.Close()
			p.reach(t, at, 70_000)
			p.patch(t, at, "70000", strings.Repeat("b", 30_000)).want(t, 204, "Upload-Offset: 100000")
		})
	}
}

func TestABrokenConnectionWithAChecksumKeepsNothing(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	at := p.create(t, "Upload-Length: 100")
	b := p.begin(t, at, 0, 100, "Upload-Checksum: sha1 "+sha1of("x")+"\r\n")
	b.send(t, "hello")
	if err := b.Conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if st := b.status(t); st != 400 {
		t.Error(st)
	}
	p.head(t, at).want(t, 200, "Upload-Offset: 0")
}

func TestTheIdleAreCutOffAndToldWhatIsThere(t *testing.T) {
	t.Parallel()
	p := newPortal(t, func(c *fiberx.Config, _ *tus.Deps) { c.IdleTimeout = time.Second })
	at := p.create(t, "Upload-Length: 100")
	b := p.begin(t, at, 0, 100, "")
	b.send(t, "hello")
	res, err := http.ReadResponse(b.r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 408 || res.Header.Get("Upload-Offset") != "5" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
}

// TestALaterPatchTakesOver: of two that write, one wins and the other hears
// 409.
func TestALaterPatchTakesOver(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	at := p.create(t, "Upload-Length: 10")
	first := p.begin(t, at, 0, 10, "")
	first.send(t, "hello")
	p.reach(t, at, 5)
	p.patch(t, at, "5", "world").want(t, 204, "Upload-Offset: 10")
	first.send(t, "WORLD")
	if st := first.status(t); st != 409 {
		t.Error(st)
	}
	if got := p.sessions.at(at); string(got.bytes) != "helloworld" {
		t.Errorf("%q", got.bytes)
	}
}

func TestALyingLengthIsRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	at := p.create(t, "Upload-Length: 10")
	b := p.begin(t, at, 0, 8, "")
	b.send(t, "hello")
	if err := b.Conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if st := b.status(t); st != 400 {
		t.Error(st)
	}
	p.head(t, at).want(t, 200, "Upload-Offset: 5")
}

func TestExpectationsAreAnsweredBeforeTheBytes(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	for name, tc := range map[string]struct{ headers, want string }{
		"welcome":    {"Authorization: Bearer " + adaToken, "HTTP/1.1 100"},
		"nobody":     {"X: none", "HTTP/1.1 401"},
		"overridden": {"X-HTTP-Method-Override: POST", "HTTP/1.1 401"},
	} {
		conn, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, "POST /files HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 5\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 2000000\r\n%s\r\n\r\n", tc.headers); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.HasPrefix(line, tc.want) {
			t.Errorf("%s: %v %q", name, err, line)
		}
	}
}

package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// sockets counts the connections that a process holds.
func sockets(t *testing.T, pid int) (n int) {
	t.Helper()
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// trickle sends the beginning at once and then drop by drop, for as long as
// the other side takes it; it returns the answer and how long that was.
func trickle(t *testing.T, address, beginning, drop string) (answer string, took time.Duration) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	start := time.Now()
	if err := conn.SetDeadline(start.Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan string, 1)
	go func() {
		b, err := io.ReadAll(conn)
		if err != nil && os.IsTimeout(err) {
			b = append(b, "\nSTILL OPEN"...)
		}
		ended <- string(b)
	}()
	_, _ = io.WriteString(conn, beginning)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case answer = <-ended:
			return answer, time.Since(start)
		case <-tick.C:
			_, _ = io.WriteString(conn, drop)
		}
	}
}

func TestClientsThatTrickleAreCutOffAndFreeTheirConnection(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{Env: []string{"HTTP_HEADER_TIMEOUT_SECONDS=1", "HTTP_IDLE_TIMEOUT_SECONDS=1"}})
	token := p.Token(t, "upload,read")
	c := p.WithToken(t, token)
	res, err := tusDo(t, c, http.MethodPost, "/files/", nil, map[string]string{"Upload-Length": "100000"})
	if err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("%v, %v", res, err)
	}
	c.HTTP.CloseIdleConnections()
	world.Eventually(t, "only the listener is left", func() bool { return sockets(t, p.PID) <= 2 })
	before := sockets(t, p.PID)
	auth := "Host: x\r\nAuthorization: Bearer " + token + "\r\n"
	t.Run("at once", func(t *testing.T) {
		for name, tc := range map[string]struct{ beginning, drop, status string }{
			"header":           {"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", "x", ""},
			"header of a file": {"PUT /api/v1/files/a.txt HTTP/1.1\r\n" + auth + "X-Slow: ", "x", ""},
			"small body":       {"POST /api/v1/batches HTTP/1.1\r\n" + auth + "Content-Type: application/json\r\nContent-Length: 10000\r\n\r\n", " ", "408"},
			"login":            {"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\n", "x", "408"},
			"file":             {"PUT /api/v1/files/a.txt HTTP/1.1\r\n" + auth + "Content-Length: 100000\r\n\r\n", "x", "408"},
			"file in chunks":   {"PUT /api/v1/files/a.txt HTTP/1.1\r\n" + auth + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", "408"},
			"tus":              {"PATCH " + res.Header.Get("Location") + " HTTP/1.1\r\n" + auth + "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 100000\r\n\r\n", "x", "408"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				answer, took := trickle(t, strings.TrimPrefix(p.URL, "http://"), tc.beginning, tc.drop)
				if strings.Contains(answer, "STILL OPEN") || took > 15*time.Second {
					t.Errorf("open after %s", took)
				}
				if tc.status != "" && !strings.HasPrefix(answer, "HTTP/1.1 "+tc.status+" ") {
					t.Errorf("after %s: %q", took, answer)
				}
			})
		}
	})
	world.Eventually(t, "their connections are free", func() bool { return sockets(t, p.PID) <= before })
	// What tus took before the cut counts.
	if res, err := tusDo(t, c, http.MethodHead, res.Header.Get("Location"), nil, nil); err != nil || res.Header.Get("Upload-Offset") == "0" {
		t.Errorf("%v, %v", res, err)
	}
}

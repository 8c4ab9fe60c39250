package webhook

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// mustListen accepts connections and hands each to serve, which may leave it
// open: all are closed when the test ends.
func mustListen(tb testing.TB, serve func(net.Conn)) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			tb.Cleanup(func() { _ = c.Close() })
			go serve(c)
		}
	}()
	return l.Addr().String()
}

// readRequest reads the little body that send posts, and its headers.
func readRequest(c net.Conn) {
	var got []byte
	buf := make([]byte, 4096)
	for !bytes.HasSuffix(got, []byte(`{"a":1}`)) {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		got = append(got, buf[:n]...)
	}
}

// mustFullBacklog listens and lets nobody in: the kernel drops new connections.
func mustFullBacklog(tb testing.TB) string {
	tb.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		tb.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		tb.Fatal(err)
	}
	sa, err := syscall.Getsockname(fd)
	if err != nil {
		tb.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", sa.(*syscall.SockaddrInet4).Port)
	for {
		c, err := net.DialTimeout("tcp", addr, 100*time.Millisecond)
		if err != nil {
			return addr
		}
		tb.Cleanup(func() { _ = c.Close() })
	}
}

func TestHangingInEachPhaseEndsByTheTimeout(t *testing.T) {
	t.Parallel()
	const timeout = 2 * time.Second
	silent := mustListen(t, func(net.Conn) {})
	half := mustListen(t, func(c net.Conn) { readRequest(c); _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-A: ") })
	for _, c := range []struct {
		name, url string
		body      int
		resolver  *net.Resolver
		text      string
	}{
		{name: "lookup", url: "http://slow.example/", resolver: fakeDNS(t, nil), text: "Looking up slow.example took longer"},
		{name: "connect", url: "http://" + mustFullBacklog(t), text: "No connection to"},
		{name: "handshake", url: "https://" + silent, text: "did not finish the TLS handshake"},
		{name: "write", url: "http://" + silent, body: 16 << 20, text: "did not take the request"},
		{name: "answer", url: "http://" + silent, body: 2, text: "did not answer within"},
		{name: "headers", url: "http://" + half, text: "did not finish its headers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := mustSender(t, Config{Resolver: c.resolver})
			body := []byte(`{"a":1}`)
			if c.body > 0 {
				body = make([]byte, c.body)
			}
			res := s.Send(t.Context(), ports.SendRequest{URL: c.url, Body: body, Timeout: timeout})
			if res.ErrorClass != domain.ErrTimeout || !strings.Contains(res.ErrorText, c.text) || res.StatusCode != 0 {
				t.Errorf("%s: %s", res.ErrorClass, res.ErrorText)
			}
			if res.Phases.Total < timeout || res.Phases.Total > patience {
				t.Errorf("took %s", res.Phases.Total)
			}
		})
	}
}

func TestPhasesHaveTimeoutsOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := mustSender(t, Config{ConnectTimeout: time.Second, TLSTimeout: time.Second})
	silent := mustListen(t, func(net.Conn) {})
	for url, text := range map[string]string{"http://" + mustFullBacklog(t): "No connection", "https://" + silent: "TLS handshake"} {
		res := send(t, s, url, 10*patience)
		if res.ErrorClass != domain.ErrTimeout || !strings.Contains(res.ErrorText, text) || res.Phases.Total > patience {
			t.Errorf("%+v", res)
		}
	}
}

func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	says := func(s string) func(net.Conn) {
		return func(c net.Conn) { readRequest(c); _, _ = io.WriteString(c, s); _ = c.Close() }
	}
	reset := func(c net.Conn) { readRequest(c); _ = c.(*net.TCPConn).SetLinger(0); _ = c.Close() }
	for _, c := range []struct {
		name  string
		serve func(net.Conn)
		want  domain.ErrorClass
		text  string
	}{
		{"closed", says(""), domain.ErrConnect, "closed the connection before it answered."},
		{"reset", reset, domain.ErrConnect, "reset the connection before it answered."},
		{"not HTTP", says("+OK hello\r\n\r\n"), domain.ErrProtocol, "did not answer in HTTP"},
		{"bad status", says("HTTP/1.1 yes OK\r\n\r\n"), domain.ErrProtocol, "did not answer in HTTP"},
		{"bad length", says("HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n"), domain.ErrProtocol, "did not answer in HTTP"},
		{"broken headers", says("HTTP/1.1 200 OK\r\nX-A: b"), domain.ErrProtocol, "began an answer and broke it off."},
		{"huge headers", says("HTTP/1.1 200 OK\r\n" + strings.Repeat("X-A: "+strings.Repeat("b", 1000)+"\r\n", 200) + "\r\n"),
			domain.ErrProtocol, "response headers exceeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			res := send(t, mustSender(t, Config{}), "http://"+mustListen(t, c.serve), patience)
			if res.ErrorClass != c.want || !strings.Contains(res.ErrorText, c.text) || res.StatusCode != 0 {
				t.Errorf("%s: %s", res.ErrorClass, res.ErrorText)
			}
		})
	}
}

func TestStatusDecidesEvenIfTheBodyBreaksOff(t *testing.T) {
	t.Parallel()
	addr := mustListen(t, func(c net.Conn) {
		readRequest(c)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthanks")
		_ = c.Close()
	})
	res := send(t, mustSender(t, Config{}), "http://"+addr, patience)
	if res.StatusCode != http.StatusOK || res.ErrorClass != domain.ErrNone || string(res.Body) != "thanks" || !res.Truncated {
		t.Errorf("%+v", res)
	}
}

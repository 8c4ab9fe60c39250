package webhook

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/portstest"
)

const patience = 20 * time.Second

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// mustSender makes a sender that may reach loopback, unless c says otherwise.
func mustSender(tb testing.TB, c Config) *Sender {
	tb.Helper()
	if c.AllowedNetworks == nil {
		c.AllowedNetworks = loopback
	}
	s := NewSender(c)
	tb.Cleanup(s.Close)
	return s
}

func send(tb testing.TB, s *Sender, url string, timeout time.Duration) ports.SendResult {
	tb.Helper()
	return s.Send(tb.Context(), ports.SendRequest{URL: url, Body: []byte(`{"a":1}`), Timeout: timeout})
}

func TestSenderContract(t *testing.T) {
	t.Parallel()
	portstest.Sender(t, mustSender(t, Config{}))
}

func TestPhasesAreMeasuredOnceForAConnection(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	s := mustSender(t, Config{})
	first, second := send(t, s, srv.URL, patience), send(t, s, srv.URL, patience)
	if first.Phases.Connect <= 0 || first.Phases.DNS != 0 || first.Phases.TLS != 0 {
		t.Errorf("first: %+v", first.Phases)
	}
	if p := second.Phases; p.Connect != 0 || p.DNS != 0 || p.FirstByte <= 0 || p.Total < p.FirstByte {
		t.Errorf("second, on the same connection: %+v", p)
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.UserAgent()) }))
	defer srv.Close()
	if got := send(t, mustSender(t, Config{}), srv.URL, patience); string(got.Body) != "Doorito" {
		t.Errorf("default: %q", got.Body)
	}
	s := mustSender(t, Config{UserAgent: "Doorito/1.2"})
	if got := send(t, s, srv.URL, patience); string(got.Body) != "Doorito/1.2" {
		t.Errorf("configured: %q", got.Body)
	}
	r := ports.SendRequest{URL: srv.URL, Headers: http.Header{"User-Agent": {"mine"}}, Timeout: patience}
	if got := s.Send(t.Context(), r); string(got.Body) != "mine" {
		t.Errorf("of the request: %q", got.Body)
	}
}

func TestProxiesOfTheEnvironmentAreIgnored(t *testing.T) {
	t.Parallel()
	if NewSender(Config{}).transport.Proxy != nil {
		t.Error("a proxy would dial in our place, without the guard")
	}
}

func TestHeaderThatCannotBeSentIsOurFault(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }))
	defer srv.Close()
	r := ports.SendRequest{URL: srv.URL, Headers: http.Header{"X-Key": {"secret\r\nInjected: yes"}}, Timeout: patience}
	got := mustSender(t, Config{}).Send(t.Context(), r)
	if got.ErrorClass != domain.ErrInternal || got.ErrorText != "The request cannot be made: a header is not valid. Edit the endpoint." {
		t.Errorf("%+v", got)
	}
}

// signalConn tells when the transport has closed it.
type signalConn struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
}

func (c *signalConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// A server that closes idle connections costs no attempt and makes no
// duplicate: the request goes out again, once, on a new connection.
func TestConnectionClosedWhileIdle(t *testing.T) {
	t.Parallel()
	var received atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { received.Add(1) }))
	defer srv.Close()
	for range 20 {
		received.Store(0)
		s := mustSender(t, Config{})
		var last atomic.Pointer[signalConn]
		dial := s.transport.DialContext
		s.transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			sc := &signalConn{Conn: c, closed: make(chan struct{})}
			last.Store(sc)
			return sc, nil
		}
		if res := send(t, s, srv.URL, patience); res.StatusCode != 200 {
			t.Fatalf("first: %+v", res)
		}
		// The server hangs up after the connection left the pool for the second
		// request and before anything of it is written.
		var hung atomic.Bool
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
			if i.Reused && !hung.Swap(true) {
				c := last.Load()
				srv.CloseClientConnections()
				<-c.closed
			}
		}})
		res := s.Send(ctx, ports.SendRequest{URL: srv.URL, Body: []byte("x"), Timeout: patience})
		if res.StatusCode != 200 || received.Load() != 2 || !hung.Load() {
			t.Fatalf("second: %+v after %d requests", res, received.Load())
		}
	}
}

// What the endpoint may have read is not sent again within the attempt.
func TestRequestThatMayHaveBeenReadIsNotRepeated(t *testing.T) {
	t.Parallel()
	var received atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if received.Add(1) > 1 {
			panic(http.ErrAbortHandler)
		}
	}))
	defer srv.Close()
	s := mustSender(t, Config{})
	if res := send(t, s, srv.URL, patience); res.StatusCode != 200 {
		t.Fatalf("first: %+v", res)
	}
	res := send(t, s, srv.URL, patience)
	if res.ErrorClass != domain.ErrConnect || received.Load() != 2 {
		t.Errorf("%+v after %d requests", res, received.Load())
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	s := mustSender(t, Config{})
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 50 {
				if res := send(t, s, srv.URL, patience); res.StatusCode != 200 {
					t.Errorf("%+v", res)
				}
			}
		})
	}
	group.Wait()
}

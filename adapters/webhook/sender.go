package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// IdleTimeout closes unused connections before the endpoint does: Node hangs
// up after 5 s, as do Apache and Uvicorn.
const IdleTimeout = 4 * time.Second

const (
	defaultPhaseTimeout = 10 * time.Second
	defaultTimeout      = 20 * time.Second
	maxResponseHeaders  = 64 << 10
	// drainLimit and drainTime bound what is read only to keep a connection.
	drainLimit = 256 << 10
	drainTime  = 250 * time.Millisecond
)

// Config says what a Sender may reach. The zero value reaches the public
// internet on every port.
type Config struct {
	AllowedNetworks []netip.Prefix // WEBHOOK_ALLOWED_NETWORKS
	AllowedPorts    []uint16       // WEBHOOK_ALLOWED_PORTS; empty means all
	ConnectTimeout  time.Duration  // lookup and connection; 0 means 10 s
	TLSTimeout      time.Duration  // handshake; 0 means 10 s
	Resolver        *net.Resolver  // nil means the system's
	RootCAs         *x509.CertPool // nil means the system's
	UserAgent       string         // sent unless the request has one; empty means "Doorito"
	RequireHTTPS    bool           // WEBHOOK_REQUIRE_HTTPS, also for endpoints made before it was set
}

// Sender posts webhooks; see doc.go. It is safe for concurrent use.
type Sender struct {
	guard     *Guard
	transport *http.Transport // for requests without a client certificate
	clients   clientPools
	userAgent string
	onlyTLS   bool
}

var _ ports.Sender = (*Sender)(nil)

// NewSender makes a sender with a pool of connections of its own. Close frees it.
func NewSender(c Config) *Sender {
	g := NewGuard(c.AllowedNetworks, c.AllowedPorts)
	dialer := &net.Dialer{
		Timeout:        orDefault(c.ConnectTimeout, defaultPhaseTimeout),
		Resolver:       c.Resolver,
		ControlContext: g.control,
	}
	s := &Sender{guard: g, userAgent: c.UserAgent, onlyTLS: c.RequireHTTPS}
	if s.userAgent == "" {
		s.userAgent = "Doorito"
	}
	s.transport = &http.Transport{
		Proxy:                  nil,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    orDefault(c.TLSTimeout, defaultPhaseTimeout),
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxResponseHeaders,
		MaxIdleConns:           1024,
		MaxIdleConnsPerHost:    128,
		IdleConnTimeout:        IdleTimeout,
		// A connection whose other end vanished is found out by pings, or
		// every request on it would run into its timeout.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 5 * time.Second},
	}
	return s
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}

// Close closes idle connections. Requests under way go on.
func (s *Sender) Close() {
	s.transport.CloseIdleConnections()
	s.clients.closeIdle()
}

// Send makes one attempt within r.Timeout (0 means 20 s). A status other than
// 2xx is class status, with StatusCode set. When ctx itself ends first, the
// class is internal: nothing is known about the endpoint then.
func (s *Sender) Send(ctx context.Context, r ports.SendRequest) ports.SendResult {
	timeout := orDefault(r.Timeout, defaultTimeout)
	st := newStopwatch()
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	res := s.attempt(st.watch(bounded), cancel, r, st)
	res.Phases = st.phases()
	if res.StatusCode == 0 && ctx.Err() != nil {
		res.ErrorClass, res.ErrorText = domain.ErrInternal, "The attempt was called off before an answer came."
	}
	return res
}

func (s *Sender) attempt(ctx context.Context, cancel func(), r ports.SendRequest, st *stopwatch) ports.SendResult {
	req, err := s.request(ctx, r)
	if err != nil {
		return failed(err, nil, st)
	}
	pool, ends, err := s.pool(r.ClientCert)
	if err != nil {
		return failed(err, nil, st)
	}
	resp, err := pool.RoundTrip(req)
	if hungUpBeforehand(err) && st.untouched() {
		req.Body, _ = req.GetBody()
		resp, err = pool.RoundTrip(req)
	}
	if err != nil {
		return blame(failed(err, req.URL, st), err, req.URL, st, ends)
	}
	res := ports.SendResult{StatusCode: resp.StatusCode, Headers: resp.Header}
	res.Body, res.Truncated = readAnswer(resp.Body, cancel)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		res.ErrorClass, res.ErrorText = domain.ErrStatus, statusText(resp)
	}
	return blame(res, nil, req.URL, st, ends)
}

// request builds the POST. Host, Content-Length and Transfer-Encoding are the
// transport's; all other headers go out as they are.
func (s *Sender) request(ctx context.Context, r ports.SendRequest) (*http.Request, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return nil, errBadURL
	}
	if s.onlyTLS && u.Scheme != "https" {
		return nil, &BlockedError{"Only https:// addresses are allowed here (WEBHOOK_REQUIRE_HTTPS). Edit the endpoint."}
	}
	port, err := portOf(u)
	if err != nil {
		return nil, errBadURL
	}
	if err := s.guard.CheckPort(port); err != nil {
		return nil, err
	}
	// Said here already for an address in the URL, which needs no lookup and
	// may be of a family that this machine cannot dial.
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := s.guard.Check(a); err != nil {
			return nil, err
		}
	}
	// A bytes.Reader gives the request a GetBody, with which the transport
	// itself repeats what was never written.
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	if r.Headers != nil {
		req.Header = r.Headers.Clone()
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", s.userAgent)
	}
	return req, nil
}

var errBadURL = errors.New("not a web address")

func portOf(u *url.URL) (uint16, error) {
	switch p := u.Port(); {
	case p != "":
		n, err := strconv.ParseUint(p, 10, 16)
		return uint16(n), err
	case u.Scheme == "https":
		return 443, nil
	}
	return 80, nil
}

// readAnswer keeps the first MaxResponseBody bytes. What follows is thrown
// away for as long as it is little and fast, so that the connection can be
// used again; else the connection is closed.
func readAnswer(body io.ReadCloser, cancel func()) (kept []byte, truncated bool) {
	defer body.Close()
	kept, err := io.ReadAll(io.LimitReader(body, ports.MaxResponseBody))
	if err != nil {
		return kept, true
	}
	t := time.AfterFunc(drainTime, cancel)
	defer t.Stop()
	n, err := io.CopyN(io.Discard, body, drainLimit)
	return kept, n > 0 || !errors.Is(err, io.EOF)
}

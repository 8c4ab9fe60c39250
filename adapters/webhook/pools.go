package webhook

import (
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// poolIdle is after how long without a request a client certificate's pool is
// given up, e.g. because the certificate was replaced.
const poolIdle = 10 * time.Minute

// errClientCert wraps why a client certificate is of no use.
var errClientCert = errors.New("client certificate")

// clientPools are the connections that were opened with client certificates,
// one pool for each certificate.
type clientPools struct {
	mu    sync.Mutex
	pools map[[sha256.Size]byte]*clientPool
}

type clientPool struct {
	transport *http.Transport
	ends      time.Time // of the certificate
	used      time.Time
}

// pool returns the connections for requests with this client certificate: PEM
// of chain and key, "" for none; ends is when it expires, zero without one.
func (s *Sender) pool(pem string) (t *http.Transport, ends time.Time, err error) {
	if pem == "" {
		return s.transport, ends, nil
	}
	c := &s.clients
	key, now := sha256.Sum256([]byte(pem)), time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.pools[key]; p != nil {
		p.used = now
		return p.transport, p.ends, nil
	}
	pair, err := tls.X509KeyPair([]byte(pem), []byte(pem))
	if err != nil {
		return nil, ends, certError{err}
	}
	for k, p := range c.pools {
		if now.Sub(p.used) > poolIdle {
			p.transport.CloseIdleConnections()
			delete(c.pools, k)
		}
	}
	t = s.transport.Clone()
	// Shown whatever issuers the endpoint says it knows: its admin chose it, and
	// a refusal tells more than a certificate that was never sent.
	t.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	if c.pools == nil {
		c.pools = map[[sha256.Size]byte]*clientPool{}
	}
	c.pools[key] = &clientPool{transport: t, ends: pair.Leaf.NotAfter, used: now}
	return t, pair.Leaf.NotAfter, nil
}

func (c *clientPools) closeIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pools {
		p.transport.CloseIdleConnections()
	}
}

// certError is errClientCert with its cause.
type certError struct{ cause error }

func (e certError) Error() string        { return fmt.Sprintf("%v: %v", errClientCert, e.cause) }
func (e certError) Unwrap() error        { return e.cause }
func (e certError) Is(target error) bool { return target == errClientCert }

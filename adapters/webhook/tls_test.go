package webhook

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// authority issues certificates for one test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func mustAuthority(tb testing.TB, name string) *authority {
	tb.Helper()
	a := &authority{}
	a.cert, a.key = mustCertificate(tb, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(time.Hour),
	}, nil)
	return a
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

func mustCertificate(tb testing.TB, c *x509.Certificate, by *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	parent, signer := c, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		tb.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return made, key
}

// mustServeTLS starts a TLS server with a certificate of its own, which answers
// with the status that the path names.
func mustServeTLS(tb testing.TB, by *authority, edit func(*x509.Certificate), conf *tls.Config) string {
	tb.Helper()
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: "receiver"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if edit != nil {
		edit(c)
	}
	cert, key := mustCertificate(tb, c, by)
	if conf == nil {
		conf = &tls.Config{}
	}
	conf.Certificates = []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if code, err := strconv.Atoi(r.URL.Path[1:]); err == nil {
			w.WriteHeader(code)
		}
		_, _ = io.WriteString(w, r.Proto)
	}))
	srv.TLS = conf
	srv.EnableHTTP2 = true
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	tb.Cleanup(srv.Close)
	return srv.URL
}

func TestHTTP2OverTLS(t *testing.T) {
	t.Parallel()
	ca := mustAuthority(t, "Good CA")
	url := mustServeTLS(t, ca, nil, nil)
	s := mustSender(t, Config{RootCAs: ca.pool()})
	first, second := send(t, s, url, patience), send(t, s, url, patience)
	if string(first.Body) != "HTTP/2.0" || first.StatusCode != 200 {
		t.Fatalf("%+v, body %s", first, first.Body)
	}
	if first.Phases.TLS <= 0 || second.Phases.TLS != 0 || second.Phases.Connect != 0 {
		t.Errorf("phases %+v, then %+v", first.Phases, second.Phases)
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	t.Parallel()
	ca, stranger := mustAuthority(t, "Good CA"), mustAuthority(t, "Stranger CA")
	past := time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		by   *authority
		edit func(*x509.Certificate)
		conf *tls.Config
		text string
	}{
		{name: "expired", by: ca, edit: func(c *x509.Certificate) { c.NotBefore, c.NotAfter = past, past.AddDate(0, 3, 0) },
			text: "is good from 2020-01-02 to 2020-04-02 only. Renew it."},
		{name: "not yet good", by: ca, edit: func(c *x509.Certificate) { c.NotBefore, c.NotAfter = past.AddDate(90, 0, 0), past.AddDate(91, 0, 0) },
			text: "is good from 2110-01-02"},
		{name: "other host", by: ca, edit: func(c *x509.Certificate) {
			c.IPAddresses, c.DNSNames = nil, []string{"a.example", "b.example", "c.example", "d.example"}
		}, text: "is for a.example, b.example, c.example and others, not for 127.0.0.1."},
		{name: "other address", by: ca, edit: func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 9)} },
			text: "is for 127.0.0.9, not for 127.0.0.1."},
		{name: "no name", by: ca, edit: func(c *x509.Certificate) { c.IPAddresses = nil }, text: "not for 127.0.0.1."},
		{name: "unknown issuer", by: stranger, text: `was issued by "CN=Stranger CA", which is not trusted here.`},
		{name: "self-signed", text: `was issued by "CN=receiver", which is not trusted here.`},
		{name: "wrong usage", by: ca, edit: func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} },
			text: "is not valid:"},
		{name: "old TLS only", by: ca, conf: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
			text: "refused the TLS handshake: protocol version not supported."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := mustServeTLS(t, c.by, c.edit, c.conf)
			res := send(t, mustSender(t, Config{RootCAs: ca.pool()}), url, patience)
			if res.ErrorClass != domain.ErrTLS || res.StatusCode != 0 || !strings.Contains(res.ErrorText, c.text) {
				t.Errorf("%s: %s; want %q", res.ErrorClass, res.ErrorText, c.text)
			}
		})
	}
}

// In TLS 1.3 the refusal comes after the client's part of the handshake, so it
// meets the transport in one state or another.
func TestClientCertificateWanted(t *testing.T) {
	t.Parallel()
	ca := mustAuthority(t, "Good CA")
	url := mustServeTLS(t, ca, nil, &tls.Config{ClientAuth: tls.RequireAnyClientCert})
	for range 20 {
		s := mustSender(t, Config{RootCAs: ca.pool()})
		res := send(t, s, url, patience)
		if res.StatusCode != 0 || res.ErrorClass != domain.ErrTLS && res.ErrorClass != domain.ErrConnect {
			t.Errorf("%s: %s", res.ErrorClass, res.ErrorText)
		}
	}
}

// A refusal is blamed on a client certificate that has expired, and only then.
func TestAnExpiredClientCertificateIsNamed(t *testing.T) {
	t.Parallel()
	ca := mustAuthority(t, "Good CA")
	shown := func(ends time.Time) string {
		cert, key := mustCertificate(t, &x509.Certificate{
			Subject: pkix.Name{CommonName: "doorito"}, NotBefore: ends.AddDate(-1, 0, 0), NotAfter: ends, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		}, ca)
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})) + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	expired, valid := shown(time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)), shown(time.Now().Add(time.Hour))
	const says = "expired on 2026-02-03; set a renewed one."
	checks := mustServeTLS(t, ca, nil, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool()})
	takesAny := mustServeTLS(t, ca, nil, &tls.Config{ClientAuth: tls.RequireAnyClientCert})
	stranger := mustServeTLS(t, mustAuthority(t, "Stranger CA"), nil, nil)
	s := mustSender(t, Config{RootCAs: ca.pool()})
	for _, c := range []struct {
		name, url, cert string
		class           domain.ErrorClass
		blamed          bool
	}{
		{"refused in the handshake", checks, expired, domain.ErrTLS, true},
		{"nobody looks at it", takesAny, expired, domain.ErrNone, false},
		{"refused by a status", takesAny + "/400", expired, domain.ErrStatus, true},
		{"broken otherwise", takesAny + "/500", expired, domain.ErrStatus, false},
		{"the receiver's own is wrong", stranger, expired, domain.ErrTLS, false},
		{"a good one", checks, valid, domain.ErrNone, false},
		{"a good one refused", takesAny + "/400", valid, domain.ErrStatus, false},
	} {
		res := s.Send(t.Context(), ports.SendRequest{URL: c.url, Body: []byte("{}"), Timeout: patience, ClientCert: c.cert})
		if res.ErrorClass != c.class || strings.Contains(res.ErrorText, says) != c.blamed {
			t.Errorf("%s: %s, %s", c.name, res.ErrorClass, res.ErrorText)
		}
	}
}

func TestTLSToAPlainServer(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	other := mustListen(t, func(c net.Conn) { _, _ = c.Write([]byte("220 mail.example ESMTP\r\n")) })
	for _, addr := range []string{srv.Listener.Addr().String(), other} {
		res := send(t, mustSender(t, Config{}), "https://"+addr, patience)
		if res.ErrorClass != domain.ErrTLS || !strings.Contains(res.ErrorText, "does not speak TLS") {
			t.Errorf("%+v", res)
		}
	}
}

package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// mustClientPEM issues a client certificate with its key.
func mustClientPEM(tb testing.TB, by *authority, name string) string {
	tb.Helper()
	cert, key := mustCertificate(tb, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, by)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})) + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}

func TestAConnectionServesOneClientCertificateAlone(t *testing.T) {
	t.Parallel()
	ca := mustAuthority(t, "Good CA")
	// It asks for a certificate and takes what comes, none too.
	url := mustServeTLS(t, ca, nil, &tls.Config{ClientAuth: tls.RequestClientCert})
	s := mustSender(t, Config{RootCAs: ca.pool()})
	mine, other := mustClientPEM(t, ca, "mine"), mustClientPEM(t, ca, "other")
	dialled := func(cert string) bool {
		t.Helper()
		res := s.Send(t.Context(), ports.SendRequest{URL: url, Body: []byte("{}"), Timeout: patience, ClientCert: cert})
		if res.StatusCode != 200 || string(res.Body) != "HTTP/2.0" {
			t.Fatalf("%+v", res)
		}
		return res.Phases.TLS > 0
	}
	for i, c := range []struct {
		cert string
		want bool
	}{{"", true}, {mine, true}, {mine, false}, {other, true}, {"", false}, {other, false}, {mine, false}} {
		if got := dialled(c.cert); got != c.want {
			t.Errorf("request %d: a new connection %t, want %t", i, got, c.want)
		}
	}
	s.Close()
	for _, cert := range []string{"", mine, other} {
		if !dialled(cert) {
			t.Error("a connection outlived Close")
		}
	}
}

func TestAClientCertificateThatIsNoneIsTold(t *testing.T) {
	t.Parallel()
	s := mustSender(t, Config{})
	for _, bad := range []string{"garbage", strings.Replace(mustClientPEM(t, nil, "x"), "MII", "AAA", 1)} {
		res := s.Send(t.Context(), ports.SendRequest{URL: "https://127.0.0.1:1/", ClientCert: bad, Timeout: patience})
		if res.ErrorClass != domain.ErrTLS || !strings.Contains(res.ErrorText, "The client certificate of this endpoint cannot be used") {
			t.Errorf("%s: %s", res.ErrorClass, res.ErrorText)
		}
	}
	if len(s.clients.pools) != 0 {
		t.Error("a pool was kept for it")
	}
}

func TestPoolsOfCertificatesThatAreOutOfUseAreGivenUp(t *testing.T) {
	t.Parallel()
	s := mustSender(t, Config{})
	for range 3 {
		if _, _, err := s.pool(mustClientPEM(t, nil, "x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range s.clients.pools {
		p.used = time.Now().Add(-2 * poolIdle)
	}
	if _, _, err := s.pool(mustClientPEM(t, nil, "y")); err != nil || len(s.clients.pools) != 1 {
		t.Errorf("%d pools, %v", len(s.clients.pools), err)
	}
}

package webhooks_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"doorito/adapters/webhook"
	"doorito/domain"
	"doorito/e2e/world"
)

// A real TLS server that takes one client certificate and no other.
func TestAnEndpointSeesItsClientCertificate(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		cert, key := world.ClientCert(t, world.Start.AddDate(50, 0, 0))
		known := x509.NewCertPool()
		known.AppendCertsFromPEM([]byte(cert))
		seen := make(chan string, 1)
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			seen <- r.TLS.PeerCertificates[0].Subject.CommonName
		}))
		srv.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: known}
		srv.EnableHTTP2, srv.Config.ErrorLog = true, log.New(io.Discard, "", 0)
		srv.StartTLS()
		t.Cleanup(srv.Close)
		roots := x509.NewCertPool()
		roots.AddCert(srv.Certificate())
		sender := webhook.NewSender(webhook.Config{AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, RootCAs: roots})
		t.Cleanup(sender.Close)
		w.Courier.Sender = sender

		e, _ := w.MustEndpoint(t, srv.URL)
		test := func() *domain.Attempt {
			t.Helper()
			d, err := w.Endpoints.Test(ctx, domain.System(), e.ID)
			if err != nil {
				t.Fatal(err)
			}
			return d.Attempts[0]
		}
		if a := test(); a.OK() || a.ErrorClass != domain.ErrTLS && a.ErrorClass != domain.ErrConnect {
			t.Fatalf("without one: %+v", a)
		}
		shown, err := w.Endpoints.SetClientCert(ctx, domain.System(), e.ID, cert, key)
		if err != nil || shown.Subject != "CN=doorito.halden.example,O=Halden Logistics" || strings.Contains(shown.Sealed, "PRIVATE") {
			t.Fatal(shown, err)
		}
		if a := test(); !a.OK() || <-seen != "doorito.halden.example" {
			t.Fatalf("with it: %+v", a)
		}
		// The pool of that certificate serves nobody else, and is not used once
		// the certificate is gone.
		other, _ := w.MustEndpoint(t, srv.URL)
		if d, err := w.Endpoints.Test(ctx, domain.System(), other.ID); err != nil || d.Attempts[0].OK() {
			t.Errorf("another endpoint borrowed the connection: %v", err)
		}
		strange, strangeKey := world.ClientCert(t, world.Start.AddDate(50, 0, 0))
		if _, err := w.Endpoints.SetClientCert(ctx, domain.System(), e.ID, strange, strangeKey); err != nil {
			t.Fatal(err)
		}
		if a := test(); a.OK() {
			t.Error("a certificate that the receiver does not know got through")
		}
		if err := w.Endpoints.RemoveClientCert(ctx, domain.System(), e.ID); err != nil {
			t.Fatal(err)
		}
		if a := test(); a.OK() {
			t.Error("a removed certificate is still shown")
		}
		if err := w.Endpoints.RemoveClientCert(ctx, domain.System(), e.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("removed twice: %v", err)
		}
	})
}

func TestCertificatesThatCannotBeUsedAreRefused(t *testing.T) {
	t.Parallel()
	cert, key := world.ClientCert(t, world.Start.AddDate(50, 0, 0))
	_, other := world.ClientCert(t, world.Start.AddDate(50, 0, 0))
	at := world.Start
	for name, c := range map[string]struct {
		cert, key, field, says string
		at                     time.Time
	}{
		"nothing":            {"", "", "certificate", "not a certificate in PEM", at},
		"a key for a cert":   {key, key, "certificate", "not a certificate in PEM", at},
		"no key":             {cert, cert, "private_key", "not a private key in PEM", at},
		"a key that is shut": {cert, strings.ReplaceAll(key, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), "private_key", "passphrase", at},
		"another's key":      {cert, other, "private_key", "does not belong", at},
		"a broken cert":      {strings.Replace(cert, "MII", "AAA", 1), key, "certificate", "cannot be read", at},
		"an expired one":     {cert, key, "certificate", "expired on", at.AddDate(51, 0, 0)},
		"a book":             {cert + strings.Repeat(" x", 40_000), key, "certificate", "at most", at},
	} {
		_, _, err := domain.ParseClientCert(c.cert, c.key, c.at)
		var e *domain.Error
		if !domain.IsCode(err, domain.Invalid) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if e = err.(*domain.Error); e.Field != c.field || !strings.Contains(e.Message, c.says) {
			t.Errorf("%s: on %s, %s", name, e.Field, e.Message)
		}
	}
	if _, bundle, err := domain.ParseClientCert(" "+cert+"\n", key, at); err != nil || !strings.Contains(bundle, "PRIVATE KEY") {
		t.Error(err)
	}
}

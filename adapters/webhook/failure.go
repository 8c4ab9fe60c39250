package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// hungUpBeforehand tells whether the server had closed the connection before
// the transport expected anything of it, so it cannot have read the request.
// net/http has no name for this error (transport.go, errServerClosedIdle); a
// test sees to it that the text stays what it is.
func hungUpBeforehand(err error) bool {
	return err != nil && err.Error() == "http: server closed idle connection"
}

// failed turns an error without an answer into a class and a sentence.
func failed(err error, u *url.URL, st *stopwatch) ports.SendResult {
	class, text := classify(err, u, st)
	return ports.SendResult{ErrorClass: class, ErrorText: text}
}

func classify(err error, u *url.URL, st *stopwatch) (domain.ErrorClass, string) {
	var (
		block *BlockedError
		dns   *net.DNSError
		timed net.Error
	)
	switch {
	case errors.As(err, &block):
		return domain.ErrBlocked, block.Text
	case errors.Is(err, errClientCert):
		return domain.ErrTLS, "The client certificate of this endpoint cannot be used: " + plain(errors.Unwrap(err)) + ". Set it again."
	case u == nil:
		return domain.ErrInternal, "The request cannot be made: the address or a header is not valid. Edit the endpoint."
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timed) && timed.Timeout():
		return domain.ErrTimeout, timeoutText(u, st)
	case errors.As(err, &dns):
		return domain.ErrDNS, lookupText(u, dns)
	}
	if text := tlsText(err, u); text != "" {
		return domain.ErrTLS, text
	}
	if text := connectText(err, u); text != "" {
		return domain.ErrConnect, text
	}
	if st.stage() == stageTLS {
		return domain.ErrTLS, "The TLS handshake with " + u.Host + " failed: " + plain(err) + "."
	}
	if strings.HasPrefix(err.Error(), "net/http: invalid header field") {
		return domain.ErrInternal, "The request cannot be made: a header is not valid. Edit the endpoint."
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return domain.ErrProtocol, u.Host + " began an answer and broke it off."
	}
	return domain.ErrProtocol, u.Host + " did not answer in HTTP: " + plain(err) + "."
}

func timeoutText(u *url.URL, st *stopwatch) string {
	after := roundUp(st.elapsed())
	switch st.stage() {
	case stageStart, stageLookup:
		return fmt.Sprintf("Looking up %s took longer than %s. Check its DNS.", u.Hostname(), after)
	case stageConnect:
		return fmt.Sprintf("No connection to %s within %s. It is down, or a firewall drops the packets.", u.Host, after)
	case stageTLS:
		return fmt.Sprintf("%s did not finish the TLS handshake within %s.", u.Host, after)
	case stageWrite:
		return fmt.Sprintf("%s did not take the request within %s.", u.Host, after)
	case stageAnswer:
		return fmt.Sprintf("%s began an answer and did not finish its headers within %s.", u.Host, after)
	}
	return fmt.Sprintf("%s did not answer within %s. It should answer first and do the work afterwards.", u.Host, after)
}

// roundUp shows a duration as people say it.
func roundUp(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(time.Second)
}

func lookupText(u *url.URL, e *net.DNSError) string {
	if e.IsNotFound {
		return fmt.Sprintf("There is no host named %s. Check the spelling and its DNS.", u.Hostname())
	}
	return fmt.Sprintf("%s could not be looked up: %s.", u.Hostname(), e.Err)
}

func tlsText(err error, u *url.URL) string {
	var (
		invalid x509.CertificateInvalidError
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		record  tls.RecordHeaderError
		verify  *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("The certificate of %s is good from %s to %s only. Renew it.", u.Host,
			invalid.Cert.NotBefore.UTC().Format(time.DateOnly), invalid.Cert.NotAfter.UTC().Format(time.DateOnly))
	case errors.As(err, &host):
		return fmt.Sprintf("The certificate is for %s, not for %s.", namesOf(host.Certificate), u.Hostname())
	case errors.As(err, &unknown):
		return fmt.Sprintf("The certificate of %s was issued by %s, which is not trusted here. Check that the whole chain is served.", u.Host, issuerOf(unknown.Cert))
	case errors.As(err, &verify):
		return fmt.Sprintf("The certificate of %s is not valid: %s.", u.Host, plain(verify.Err))
	case errors.As(err, &record), strings.HasSuffix(err.Error(), "server gave HTTP response to HTTPS client"):
		return u.Host + " does not speak TLS on this port. Use http://, or the port for https."
	}
	// net/http's words for an HTTP/2 connection that died before its first frame.
	if strings.HasSuffix(err.Error(), "client conn could not be established") {
		return u.Host + " hung up right after the TLS handshake. It may want a client certificate, or another one; the endpoint's page takes one."
	}
	// The type of an alert is private to crypto/tls.
	if _, alert, ok := strings.Cut(err.Error(), "remote error: tls: "); ok {
		return u.Host + " refused the TLS handshake: " + alert + "."
	}
	return ""
}

func namesOf(c *x509.Certificate) string {
	names := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	switch {
	case len(names) == 0:
		return "no host at all"
	case len(names) > 3:
		return strings.Join(names[:3], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

func issuerOf(c *x509.Certificate) string {
	if c == nil || c.Issuer.String() == "" {
		return "nobody"
	}
	return `"` + c.Issuer.String() + `"`
}

func connectText(err error, u *url.URL) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return u.Host + " refused the connection. Nothing listens on that port."
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return "There is no route to " + u.Host + " from here."
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return u.Host + " reset the connection before it answered."
	case errors.Is(err, io.EOF), hungUpBeforehand(err):
		return u.Host + " closed the connection before it answered."
	}
	return ""
}

// plain strips the Go package from an error's text.
func plain(err error) string {
	s := err.Error()
	for _, p := range []string{"net/http: ", "http: ", "HTTP/1.x transport connection broken: ", "http2: ", "tls: ", "x509: "} {
		s = strings.TrimPrefix(s, p)
	}
	return strings.TrimSuffix(s, ".")
}

func statusText(r *http.Response) string {
	text := "The endpoint answered " + domain.StatusText(r.StatusCode)
	to := r.Header.Get("Location")
	if r.StatusCode < 300 || r.StatusCode > 399 || to == "" {
		return text + "."
	}
	if len(to) > 200 {
		to = to[:200] + "…"
	}
	return text + " and points to " + strings.ToValidUTF8(to, "") + ". Redirects are not followed; enter the final address."
}

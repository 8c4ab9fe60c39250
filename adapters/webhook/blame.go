package webhook

import (
	"crypto/tls"
	"errors"
	"net/url"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// blame says of a refusal that the client certificate has expired, where that
// may be why: the endpoint broke off a handshake or connection of TLS, or it
// answered 4xx, as some servers do (nginx: 400). What is wrong with the
// endpoint's own certificate has its own words. A zero ends is no certificate.
func blame(r ports.SendResult, err error, u *url.URL, st *stopwatch, ends time.Time) ports.SendResult {
	if ends.IsZero() || time.Now().Before(ends) {
		return r
	}
	var (
		theirs *tls.CertificateVerificationError
		record tls.RecordHeaderError
	)
	switch r.ErrorClass {
	case domain.ErrTLS, domain.ErrConnect, domain.ErrProtocol:
		if st.stage() < stageTLS || errors.As(err, &theirs) || errors.As(err, &record) {
			return r
		}
		r.ErrorClass = domain.ErrTLS
	case domain.ErrStatus:
		if r.StatusCode < 400 || r.StatusCode > 499 {
			return r
		}
	default:
		return r
	}
	r.ErrorText = "The client certificate shown to " + u.Host + " expired on " + ends.UTC().Format(time.DateOnly) + "; set a renewed one. " + r.ErrorText
	return r
}

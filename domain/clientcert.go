package domain

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// ClientCert is the certificate that Doorito shows to an endpoint (mutual TLS).
// What is not sealed is for showing.
type ClientCert struct {
	Sealed      string // PEM of the chain and of the key, see ClientCertSeal
	Subject     string
	Issuer      string
	NotBefore   time.Time
	NotAfter    time.Time
	Fingerprint string // hex SHA-256 of the certificate
}

const maxClientCert = 64 << 10

// ClientCertSeal is what a sealed client certificate is bound to.
func ClientCertSeal(endpoint uuid.UUID) string { return endpoint.String() + " client certificate" }

// ParseClientCert reads a certificate, or a chain that begins with it, and its
// private key without a passphrase, both in PEM. bundle holds both, to be
// sealed. Invalid for what is not that, an expired certificate, and one that
// is not for clients.
func ParseClientCert(certPEM, keyPEM string, now time.Time) (c *ClientCert, bundle string, err error) {
	certPEM, keyPEM = strings.TrimSpace(certPEM), strings.TrimSpace(keyPEM)
	switch {
	case len(certPEM)+len(keyPEM) > maxClientCert:
		return nil, "", FieldErrorf("certificate", "Certificate and key have %d bytes together; at most %d fit.", len(certPEM)+len(keyPEM), maxClientCert)
	case !strings.Contains(certPEM, "-----BEGIN CERTIFICATE-----"):
		return nil, "", FieldErrorf("certificate", "This is not a certificate in PEM. It begins with -----BEGIN CERTIFICATE-----.")
	}
	block, _ := pem.Decode([]byte(keyPEM))
	switch {
	case block == nil || !strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, "", FieldErrorf("private_key", "This is not a private key in PEM. It begins with -----BEGIN PRIVATE KEY-----.")
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return nil, "", FieldErrorf("private_key", "This key has a passphrase. Take it off first: openssl pkey -in key.pem -out plain.pem.")
	}
	pair, err := tls.X509KeyPair([]byte(certPEM), []byte(keyPEM))
	if err != nil {
		return nil, "", pairError(err)
	}
	leaf := pair.Leaf
	uses := leaf.ExtKeyUsage
	switch {
	case now.After(leaf.NotAfter):
		return nil, "", FieldErrorf("certificate", "This certificate expired on %s. Take the renewed one.", leaf.NotAfter.UTC().Format(time.DateOnly))
	case len(uses)+len(leaf.UnknownExtKeyUsage) > 0 && !slices.Contains(uses, x509.ExtKeyUsageClientAuth) && !slices.Contains(uses, x509.ExtKeyUsageAny):
		return nil, "", FieldErrorf("certificate", "This certificate is not for clients (TLS Web Client Authentication), so no receiver takes it.")
	}
	sum := sha256.Sum256(leaf.Raw)
	return &ClientCert{
		Subject: leaf.Subject.String(), Issuer: leaf.Issuer.String(), NotBefore: leaf.NotBefore.UTC(), NotAfter: leaf.NotAfter.UTC(),
		Fingerprint: hex.EncodeToString(sum[:]),
	}, certPEM + "\n" + keyPEM + "\n", nil
}

// pairError says which of the two is wrong; the texts are those of crypto/tls.
func pairError(err error) error {
	text := strings.TrimPrefix(err.Error(), "tls: ")
	switch {
	case strings.Contains(text, "private key does not match"):
		return FieldErrorf("private_key", "This key does not belong to the certificate. Both come from the same request.")
	case strings.Contains(text, "private key"):
		return FieldErrorf("private_key", "The key cannot be read: %s.", text)
	}
	return FieldErrorf("certificate", "The certificate cannot be read: %s.", text)
}

// Expired tells whether the certificate is of no use any more.
func (c *ClientCert) Expired(now time.Time) bool { return now.After(c.NotAfter) }

// RenewBefore is how long before its end a client certificate is warned of.
const RenewBefore = 30 * 24 * time.Hour

// EndsSoon tells whether the certificate has expired or does within RenewBefore;
// false for none.
func (c *ClientCert) EndsSoon(now time.Time) bool {
	return c != nil && now.After(c.NotAfter.Add(-RenewBefore))
}

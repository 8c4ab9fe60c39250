package totp

import (
	"crypto/subtle"
	"encoding/base32"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"doorito/domain"
	"doorito/ports"
)

const (
	step = 30 * time.Second
	// secretSize is what RFC 4226, section 4, R6 recommends, in bytes.
	secretSize = 20
	// drift is how many steps a clock may be off to either side.
	drift = 1
)

var _ ports.OneTimeCodes = (*Codes)(nil)

// Codes implements ports.OneTimeCodes.
type Codes struct{ random io.Reader }

// NewCodes makes secrets from random.
func NewCodes(random io.Reader) *Codes { return &Codes{random} }

// NewSecret implements ports.OneTimeCodes.
func (c *Codes) NewSecret() (string, error) {
	b := make([]byte, secretSize)
	if _, err := io.ReadFull(c.random, b); err != nil {
		return "", domain.WrapError(domain.Internal, err, "No random bytes to be had.")
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b), nil
}

// Address implements ports.OneTimeCodes: an otpauth URL, as authenticator apps
// read it from a QR code.
func (c *Codes) Address(secret, issuer, account string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account}
	// Apps do not read + as a space.
	return u.String() + "?secret=" + secret + "&issuer=" + strings.ReplaceAll(url.QueryEscape(issuer), "+", "%20")
}

// Step implements ports.OneTimeCodes. Every step is compared in the same time.
func (c *Codes) Step(secret, code string, now time.Time) (int64, bool) {
	at, ok := int64(0), false
	for n := now.Unix()/int64(step.Seconds()) - drift; n <= now.Unix()/int64(step.Seconds())+drift; n++ {
		if n < 0 {
			continue
		}
		want, err := hotp.GenerateCodeCustom(secret, uint64(n), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			at, ok = n, true
		}
	}
	return at, ok
}

package domain

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// SecretPrefix starts every symmetric signing secret (Standard Webhooks).
const SecretPrefix = "whsec_"

// SignatureTolerance is how old or new a timestamp a receiver should accept.
const SignatureTolerance = 5 * time.Minute

// SecretBytes decodes a `whsec_` secret: base64 of 24 to 64 bytes.
func SecretBytes(secret string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, SecretPrefix))
	if err != nil || len(b) < 24 || len(b) > 64 || !strings.HasPrefix(secret, SecretPrefix) {
		return nil, FieldErrorf("secret", "A secret is %s followed by base64 of 24 to 64 bytes.", SecretPrefix)
	}
	return b, nil
}

// SignStandard returns one `v1,<base64>` signature over "id.timestamp.body"
// (Standard Webhooks, "Signature scheme").
func SignStandard(secret, id string, at time.Time, body []byte) (string, error) {
	key, err := SecretBytes(secret)
	if err != nil {
		return "", err
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	m.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil)), nil
}

// SignHex returns the X-Webhook-Signature value: hex HMAC-SHA256 of the body,
// keyed with the secret string exactly as it is shown.
func SignHex(secret string, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return hex.EncodeToString(m.Sum(nil))
}

// VerifyStandard checks the three webhook-* headers at a receiver: one of the
// space-separated signatures must match and the timestamp must be within
// SignatureTolerance of now. The error is Invalid and names the header.
func VerifyStandard(secret, id, timestamp, signatures string, body []byte, now time.Time) error {
	sec, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return FieldErrorf("webhook-timestamp", "%q is not a time in unix seconds.", timestamp)
	}
	at := time.Unix(sec, 0)
	if d := now.Sub(at); d > SignatureTolerance || d < -SignatureTolerance {
		return FieldErrorf("webhook-timestamp", "The timestamp is %s away from now; at most %s is accepted.", d.Round(time.Second), SignatureTolerance)
	}
	want, err := SignStandard(secret, id, at, body)
	if err != nil {
		return err
	}
	for got := range strings.SplitSeq(signatures, " ") {
		if hmac.Equal([]byte(got), []byte(want)) {
			return nil
		}
	}
	return FieldErrorf("webhook-signature", "No signature matches the body and this secret.")
}

// VerifyHex checks X-Webhook-Signature at a receiver.
func VerifyHex(secret, signature string, body []byte) error {
	if !hmac.Equal([]byte(signature), []byte(SignHex(secret, body))) {
		return FieldErrorf("x-webhook-signature", "The signature does not match the body and this secret.")
	}
	return nil
}

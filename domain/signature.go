package domain

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

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

// SignStandard returns one signature over "id.timestamp.body": `v1,<base64>`
// with a `whsec_` secret, `v1a,<base64>` with a `whsk_` one (Standard Webhooks,
// "Signature scheme").
func SignStandard(secret, id string, at time.Time, body []byte) (string, error) {
	if strings.HasPrefix(secret, PrivateKeyPrefix) {
		key, err := privateKey(secret)
		if err != nil {
			return "", err
		}
		return string(SecretEd25519) + "," + base64.StdEncoding.EncodeToString(ed25519.Sign(key, signedText(id, at, body))), nil
	}
	key, err := SecretBytes(secret)
	if err != nil {
		return "", err
	}
	m := hmac.New(sha256.New, key)
	m.Write(signedText(id, at, body))
	return string(SecretHMAC) + "," + base64.StdEncoding.EncodeToString(m.Sum(nil)), nil
}

func signedText(id string, at time.Time, body []byte) []byte {
	return append([]byte(id+"."+strconv.FormatInt(at.Unix(), 10)+"."), body...)
}

// SignHex returns the X-Webhook-Signature value: hex HMAC-SHA256 of the body,
// keyed with the secret string exactly as it is shown.
func SignHex(secret string, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return hex.EncodeToString(m.Sum(nil))
}

// VerifyStandard checks the three webhook-* headers at a receiver, which has a
// `whsec_` secret or a `whpk_` public key: one of the space-separated
// signatures must match and the timestamp must be within SignatureTolerance of
// now. The error is Invalid and names the header.
func VerifyStandard(secret, id, timestamp, signatures string, body []byte, now time.Time) error {
	sec, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return FieldErrorf("webhook-timestamp", "%q is not a time in unix seconds.", timestamp)
	}
	at := time.Unix(sec, 0)
	if d := now.Sub(at); d > SignatureTolerance || d < -SignatureTolerance {
		return FieldErrorf("webhook-timestamp", "The timestamp is %s away from now; at most %s is accepted.", d.Round(time.Second), SignatureTolerance)
	}
	matches, err := matcher(secret, id, at, body)
	if err != nil {
		return err
	}
	for got := range strings.SplitSeq(signatures, " ") {
		if matches(got) {
			return nil
		}
	}
	return FieldErrorf("webhook-signature", "No signature matches the body and this secret.")
}

// matcher tells whether one signature is that of the secret or public key.
func matcher(secret, id string, at time.Time, body []byte) (func(signature string) bool, error) {
	if strings.HasPrefix(secret, PublicKeyPrefix) {
		key, err := publicKey(secret)
		return func(got string) bool {
			text, ok := strings.CutPrefix(got, string(SecretEd25519)+",")
			sig, err := base64.StdEncoding.DecodeString(text)
			return ok && err == nil && ed25519.Verify(key, signedText(id, at, body), sig)
		}, err
	}
	if _, err := SecretBytes(secret); err != nil {
		return nil, err
	}
	want, err := SignStandard(secret, id, at, body)
	return func(got string) bool { return hmac.Equal([]byte(got), []byte(want)) }, err
}

// CheckVerifier is Invalid for what a receiver cannot verify with: neither a
// `whsec_` secret nor a `whpk_` public key.
func CheckVerifier(secret string) error {
	var err error
	switch {
	case strings.HasPrefix(secret, PublicKeyPrefix):
		_, err = publicKey(secret)
	default:
		_, err = SecretBytes(secret)
	}
	return err
}

// VerifyHex checks X-Webhook-Signature at a receiver.
func VerifyHex(secret, signature string, body []byte) error {
	if !hmac.Equal([]byte(signature), []byte(SignHex(secret, body))) {
		return FieldErrorf("x-webhook-signature", "The signature does not match the body and this secret.")
	}
	return nil
}

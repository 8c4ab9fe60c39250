package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
)

// digestHeaders say a body's digest (RFC 9530, sections 2 and 3). The body of
// a part is the part itself, so the two mean the same.
var digestHeaders = []string{"Content-Digest", "Repr-Digest"}

// readDigest returns the SHA-256 that the request says its body has; nil when
// it says none.
func readDigest(c *fiber.Ctx) (want []byte, err error) {
	for _, name := range digestHeaders {
		text := string(bytes.Join(c.Request().Header.PeekAll(name), []byte(",")))
		if strings.TrimSpace(text) == "" {
			continue
		}
		got, err := parseDigest(name, text)
		if err != nil {
			return nil, err
		}
		if want != nil && !bytes.Equal(want, got) {
			return nil, domain.FieldErrorf(name, "Content-Digest and Repr-Digest name two different digests. Send the one of this part.")
		}
		want = got
	}
	return want, nil
}

// digestHeader is the one that the request has.
func digestHeader(c *fiber.Ctx) string {
	if len(c.Request().Header.Peek(digestHeaders[0])) > 0 {
		return digestHeaders[0]
	}
	return digestHeaders[1]
}

// parseDigest finds sha-256 in a dictionary of byte sequences (RFC 8941,
// sections 3.2 and 3.3.5); of two the last counts. Other algorithms beside it
// are passed over; alone they are refused, since nobody would check them.
func parseDigest(header, text string) ([]byte, error) {
	var want []byte
	for member := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.Trim(member, " \t"), "=")
		if name != "sha-256" {
			continue
		}
		value, _, _ = strings.Cut(value, ";") // parameters
		inner, opened := strings.CutPrefix(strings.TrimRight(value, " "), ":")
		inner, closed := strings.CutSuffix(inner, ":")
		raw, err := base64.StdEncoding.DecodeString(inner)
		if !opened || !closed || err != nil || len(raw) != sha256.Size || strings.ContainsAny(inner, "\r\n") {
			return nil, domain.FieldErrorf(header, "%s has no SHA-256: it is like sha-256=:BASE64:, of 32 bytes. Send that, or leave it out.", header)
		}
		want = raw
	}
	if want == nil {
		return nil, domain.FieldErrorf(header, "%s is checked with sha-256, and this one names only others. Send sha-256=:BASE64:, or leave it out.", header)
	}
	return want, nil
}

package fiberx

import (
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/domain"
)

// Where a request carries the session's token.
const (
	csrfHeader = "X-CSRF-Token"
	csrfField  = "_csrf"
)

// CSRF is the middleware for everything that a browser may send: unsafe
// methods must come from our own pages and, with a session, carry its token in
// the X-CSRF-Token header or the `_csrf` field of a urlencoded form. A bearer
// token needs neither, browsers do not send it by themselves.
//
// A multipart form to an Upload route has its token in the stream: it passes
// after the origin check, and its handler calls CheckCSRF with the first part.
func CSRF(c *fiber.Ctx) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	token := c.Get(csrfHeader)
	kind := strings.ToLower(c.Get(fiber.HeaderContentType))
	streams := requestOf(c).server.takesUpload(c)
	if token == "" && streams && strings.HasPrefix(kind, fiber.MIMEMultipartForm) {
		if err := checkOrigin(c); err != nil {
			return err
		}
		return c.Next()
	}
	if token == "" && !streams && strings.HasPrefix(kind, fiber.MIMEApplicationForm) {
		token = string(c.Request().PostArgs().Peek(csrfField))
	}
	if err := CheckCSRF(c, token); err != nil {
		return err
	}
	return c.Next()
}

// CheckCSRF compares the token with the session's; Forbidden when it is wrong
// or when the request comes from another site's page.
func CheckCSRF(c *fiber.Ctx, token string) error {
	if Actor(c).IsToken() {
		return nil
	}
	if err := checkOrigin(c); err != nil {
		return err
	}
	s := Signed(c)
	if s == nil {
		return nil
	}
	if plain, ok := unmask(token); ok {
		token = plain
	}
	if s.CSRF == "" || subtle.ConstantTimeCompare([]byte(s.CSRF), []byte(token)) != 1 {
		return domain.Errorf(domain.Forbidden, "This page is out of date. Reload it and try again.")
	}
	return nil
}

// PageToken is the session's token as a page carries it, another text each
// time: so the length of a compressed page tells nothing about it, whatever a
// stranger had it repeat (the BREACH attack, Gluck, Harris and Prado, 2013).
func PageToken(c *fiber.Ctx) string {
	s := Signed(c)
	if s == nil {
		return ""
	}
	once := requestOf(c).server.IDs.New()
	return maskPrefix + base64.RawURLEncoding.EncodeToString(append(once[:], masked([]byte(s.CSRF), once[:])...))
}

const maskPrefix = "p."

// unmask returns the token of a page's text.
func unmask(text string) (string, bool) {
	coded, ok := strings.CutPrefix(text, maskPrefix)
	if !ok {
		return "", false
	}
	raw, err := base64.RawURLEncoding.DecodeString(coded)
	if err != nil || len(raw) < len(uuid.UUID{}) {
		return "", false
	}
	once, token := raw[:len(uuid.UUID{})], raw[len(uuid.UUID{}):]
	return string(masked(token, once)), true
}

// masked adds a keystream made of once, or takes it away again. A token is at
// most as long as the hash.
func masked(token, once []byte) []byte {
	stream := sha512.Sum512(once)
	out := make([]byte, min(len(token), len(stream)))
	subtle.XORBytes(out, token, stream[:])
	return out
}

// checkOrigin refuses what another site's page sends. Browsers that tell
// neither Sec-Fetch-Site nor Origin are left to the token.
func checkOrigin(c *fiber.Ctx) error {
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return nil
	case "":
		if origin := c.Get(fiber.HeaderOrigin); origin == "" || isOwnOrigin(c, origin) {
			return nil
		}
	}
	return domain.Errorf(domain.Forbidden, "This request came from another site's page. Open the portal itself and try again.")
}

// isOwnOrigin accepts BaseURL and the host that the browser used to come here.
func isOwnOrigin(c *fiber.Ctx, origin string) bool {
	if r := requestOf(c); r != nil && r.server.origin != "" && strings.EqualFold(origin, r.server.origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, string(c.Request().Header.Host()))
}

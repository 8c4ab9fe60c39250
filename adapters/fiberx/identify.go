package fiberx

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/domain"
)

// isProbe tells paths that machines ask every few seconds.
func isProbe(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/metrics"
}

// isOpen tells paths that answer everybody alike, so that a database which is
// down does not take them along. /metrics has a bearer token of its own.
func isOpen(path string) bool {
	return isProbe(path) || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/d/") || path == "/favicon.ico"
}

// identify finds out who asks. A bearer token that is wrong is refused at
// once; a session that is dead makes nobody of the visitor, and what needs
// somebody refuses later.
func (s *server) identify(c *fiber.Ctx) error {
	if err := s.recognise(c); err != nil {
		return err
	}
	return c.Next()
}

// recognise notes who asks.
func (s *server) recognise(c *fiber.Ctx) error {
	if isOpen(c.Path()) {
		return nil
	}
	r := requestOf(c)
	if scheme, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " "); utils.EqualFold(scheme, "bearer") {
		actor, err := s.SignIn.ByToken(c.UserContext(), utils.CopyString(strings.TrimSpace(token)))
		if err != nil {
			return err
		}
		r.actor = actor
		r.actor.IP = r.ip
		return nil
	}
	if id := c.Cookies(sessionCookie); id != "" {
		signed, err := s.SignIn.BySession(c.UserContext(), utils.CopyString(id), r.ip)
		if err != nil && !domain.IsCode(err, domain.Unauthenticated) {
			return err
		}
		if err == nil {
			signed.Actor.IP = r.ip // it stands in the history of what is changed
			r.signed, r.actor = signed, signed.Actor
		}
	}
	return nil
}

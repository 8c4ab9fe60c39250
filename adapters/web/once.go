package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// onceCookie carries a new secret from the form that made it to the page that
// shows it, so that reloading that page makes nothing again. It is sealed for
// this person and this page, goes to no other address, and is gone once shown.
const onceCookie = "doorito_once"

const onceLives = time.Minute

// showOnce sends the browser to a page that can take the secret.
func (s *site) showOnce(c *fiber.Ctx, page, secret string) error {
	sealed, err := s.Sealer.Seal(secret, onceAbout(c, page), s.Random)
	if err != nil {
		return err
	}
	cookie := s.once(page)
	cookie.Value, cookie.MaxAge = sealed, int(onceLives.Seconds())
	c.Cookie(cookie)
	return seeOther(c, page)
}

// takeOnce returns the secret and clears it; "" when there is none.
func (s *site) takeOnce(c *fiber.Ctx, page string) string {
	sealed := c.Cookies(onceCookie)
	if sealed == "" {
		return ""
	}
	cookie := s.once(page)
	cookie.Expires = time.Unix(1, 0)
	c.Cookie(cookie)
	secret, err := s.Sealer.Open(sealed, onceAbout(c, page))
	if err != nil { // of somebody else, or of a key that is gone
		return ""
	}
	return secret
}

func (s *site) once(page string) *fiber.Cookie {
	return &fiber.Cookie{Name: onceCookie, Path: page, HTTPOnly: true, Secure: strings.HasPrefix(s.BaseURL, "https:"), SameSite: fiber.CookieSameSiteStrictMode}
}

func onceAbout(c *fiber.Ctx, page string) string {
	return "shown once to " + fiberx.Actor(c).UserID.String() + " at " + page
}

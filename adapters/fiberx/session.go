package fiberx

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
	"doorito/ports/usecase"
)

const sessionCookie = "doorito_session"

// SetSession gives the browser its cookie after SignIn. "Remember me" keeps it
// until the session ends, else it goes with the browser.
func SetSession(c *fiber.Ctx, s *usecase.SignedIn) {
	cookie := sessionCookieOf(c, s.SessionID)
	if s.Session != nil && s.Session.Remember {
		cookie.Expires = s.ExpiresAt
	} else {
		cookie.SessionOnly = true
	}
	c.Cookie(cookie)
}

// ClearSession takes the cookie away.
func ClearSession(c *fiber.Ctx) {
	cookie := sessionCookieOf(c, "")
	cookie.Expires = time.Unix(1, 0)
	c.Cookie(cookie)
}

// SessionID is the id in the request's cookie, dead or alive; "" for none.
func SessionID(c *fiber.Ctx) string {
	return strings.Clone(c.Cookies(sessionCookie))
}

func sessionCookieOf(c *fiber.Ctx, id string) *fiber.Cookie {
	r := requestOf(c)
	return &fiber.Cookie{
		Name: sessionCookie, Value: id, Path: "/", HTTPOnly: true,
		Secure: r != nil && r.server.secure, SameSite: fiber.CookieSameSiteLaxMode,
	}
}

// RequireSignIn lets browser sessions through. Others are sent to the login
// page and back here after it; what is not a page view is Unauthenticated.
func RequireSignIn(c *fiber.Ctx) error {
	if Signed(c) != nil {
		return c.Next()
	}
	if isHTMX(c) {
		c.Set("HX-Redirect", loginURL(currentPage(c)))
		return signInFirst()
	}
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead || wantsJSON(c) {
		return signInFirst()
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(loginURL(c.OriginalURL()), fiber.StatusSeeOther)
}

// RequireAdmin lets signed-in admins through; staff are Forbidden. The use
// cases decide again.
func RequireAdmin(c *fiber.Ctx) error {
	s := Signed(c)
	if s == nil {
		return RequireSignIn(c)
	}
	if err := s.Actor.RequireAdmin(); err != nil {
		return err
	}
	return c.Next()
}

func signInFirst() error {
	return domain.Errorf(domain.Unauthenticated, "Your session has ended, or you never signed in. Sign in and try again.")
}

func loginURL(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.HasPrefix(next, `/\`) {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(next)
}

// currentPage is the path of the page that htmx runs in.
func currentPage(c *fiber.Ctx) string {
	u, err := url.Parse(c.Get("HX-Current-URL"))
	if err != nil {
		return ""
	}
	return u.RequestURI()
}

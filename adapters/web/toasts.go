package web

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/domain"
)

// toastCookie carries one toast over a redirect. It is shown as text; a link in
// it must lead into the portal.
const toastCookie = "doorito_toast"

const maxToast = 600 // characters

// say puts a toast on the next page.
func say(c *fiber.Ctx, t Toast) {
	t.Text = clip(t.Text, maxToast)
	raw, err := json.Marshal(t)
	if err != nil {
		return
	}
	c.Cookie(&fiber.Cookie{
		Name: toastCookie, Value: base64.RawURLEncoding.EncodeToString(raw), Path: "/",
		MaxAge: 60, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	})
}

// sayError tells of a failure on the next page, for errors that the visitor can
// act upon; others it returns for the error page.
func sayError(c *fiber.Ctx, err error) error {
	switch domain.CodeOf(err) {
	case domain.Conflict, domain.Invalid, domain.Unavailable, domain.Quota:
		say(c, Toast{Kind: "error", Text: messageOf(err)})
		return nil
	}
	return err
}

// takeToasts reads and clears the cookie. A part of a page does not take it:
// its toasts would not be seen.
func takeToasts(c *fiber.Ctx) []Toast {
	v := c.Cookies(toastCookie)
	if v == "" || c.Get("HX-Request") == "true" {
		return nil
	}
	c.Cookie(&fiber.Cookie{Name: toastCookie, Path: "/", Expires: time.Unix(1, 0), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
	raw, err := base64.RawURLEncoding.DecodeString(v)
	if err != nil || len(raw) > 4096 {
		return nil
	}
	var t Toast
	if json.Unmarshal(raw, &t) != nil || t.Text == "" {
		return nil
	}
	if !isOwnPath(t.URL) {
		t.URL, t.URLText = "", ""
	}
	return []Toast{t}
}

// isOwnPath accepts paths of this portal only: one slash first, not two, no
// backslash (which browsers read as a slash) and no control character.
func isOwnPath(s string) bool {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.Contains(s, `\`) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f })
}

// seeOther answers a form with the page to look at next. HTMX is told to go
// there as a browser would.
func seeOther(c *fiber.Ctx, path string) error {
	if c.Get("HX-Request") == "true" {
		c.Set("HX-Redirect", path)
		return c.SendStatus(fiber.StatusNoContent)
	}
	return c.Redirect(path, fiber.StatusSeeOther)
}

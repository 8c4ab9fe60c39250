package web

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// ticketCookie carries a sign-in over to its second step.
const ticketCookie = "doorito_second"

const codePath = "/login/code"

// CodePage is the second step of signing in.
type CodePage struct {
	Page
	Next, Error string
}

func (s *site) ticketCookie(value string) *fiber.Cookie {
	c := &fiber.Cookie{Name: ticketCookie, Value: value, Path: codePath, HTTPOnly: true, Secure: strings.HasPrefix(s.BaseURL, "https:"), SameSite: fiber.CookieSameSiteStrictMode, SessionOnly: true}
	if value == "" {
		c.SessionOnly, c.Expires = false, time.Unix(1, 0)
	}
	return c
}

// askForCode sends the browser to the second step.
func (s *site) askForCode(c *fiber.Ctx, ticket, next string) error {
	c.Cookie(s.ticketCookie(ticket))
	if next == home {
		return seeOther(c, codePath)
	}
	return seeOther(c, codePath+"?next="+url.QueryEscape(next))
}

func (s *site) showCode(c *fiber.Ctx) error {
	next := afterLogin(utils.CopyString(c.Query("next")))
	switch {
	case fiberx.Signed(c) != nil:
		return c.Redirect(next, fiber.StatusSeeOther)
	case c.Cookies(ticketCookie) == "":
		return seeOther(c, "/login")
	}
	return s.codeForm(c, CodePage{Next: next})
}

func (s *site) codeForm(c *fiber.Ctx, p CodePage) error {
	p.Page = s.page(c, "Sign in", "")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Render("login_code", p, layoutPlain)
}

func (s *site) enterCode(c *fiber.Ctx) error {
	p := CodePage{Next: afterLogin(utils.CopyString(c.FormValue("next")))}
	signed, err := s.SignIn.SecondStep(c.UserContext(), utils.CopyString(c.Cookies(ticketCookie)), utils.CopyString(c.FormValue("code")), usecase.SignInInput{
		IP: fiberx.ClientIP(c), UserAgent: utils.CopyString(c.Get(fiber.HeaderUserAgent)), OldSessionID: fiberx.SessionID(c),
	})
	switch domain.CodeOf(err) {
	case "":
		c.Cookie(s.ticketCookie(""))
		fiberx.SetSession(c, signed)
		return seeOther(c, p.Next)
	case domain.Expired, domain.Unauthenticated:
		c.Cookie(s.ticketCookie(""))
		c.Status(fiberx.StatusOf(err))
		return s.loginForm(c, LoginPage{Next: p.Next, Error: messageOf(err)})
	case domain.Invalid, domain.Quota:
		p.Error = messageOf(err)
		c.Status(fiberx.StatusOf(err))
		return s.codeForm(c, p)
	}
	return err
}

package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// LoginPage is the sign-in form, again with its error when it was refused.
type LoginPage struct {
	Page
	Email    string
	Next     string
	Remember bool
	Error    string
}

const home = "/app/"

// afterLogin is where to go: only ever a path of this portal.
func afterLogin(next string) string {
	if isOwnPath(next) {
		return next
	}
	return home
}

func (s *site) showLogin(c *fiber.Ctx) error {
	next := afterLogin(utils.CopyString(c.Query("next")))
	if fiberx.Signed(c) != nil {
		return c.Redirect(next, fiber.StatusSeeOther)
	}
	return s.loginForm(c, LoginPage{Next: next})
}

func (s *site) loginForm(c *fiber.Ctx, p LoginPage) error {
	p.Page = s.page(c, "Sign in", "")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Render("login", p, layoutPlain)
}

func (s *site) signIn(c *fiber.Ctx) error {
	p := LoginPage{
		Email: utils.CopyString(c.FormValue("email")), Remember: c.FormValue("remember") != "",
		Next: afterLogin(utils.CopyString(c.FormValue("next"))),
	}
	signed, err := s.SignIn.SignIn(c.UserContext(), usecase.SignInInput{
		Email: p.Email, Password: utils.CopyString(c.FormValue("password")), Remember: p.Remember,
		IP: fiberx.ClientIP(c), UserAgent: utils.CopyString(c.Get(fiber.HeaderUserAgent)), OldSessionID: fiberx.SessionID(c),
	})
	switch domain.CodeOf(err) {
	case "":
		if signed.Ticket != "" {
			return s.askForCode(c, signed.Ticket, p.Next)
		}
		fiberx.SetSession(c, signed)
		return seeOther(c, p.Next)
	case domain.Unauthenticated, domain.Quota, domain.Invalid:
		p.Error = messageOf(err)
		c.Status(fiberx.StatusOf(err))
		return s.loginForm(c, p)
	}
	return err
}

func (s *site) signOut(c *fiber.Ctx) error {
	if err := s.SignIn.SignOut(c.UserContext(), fiberx.SessionID(c)); err != nil {
		return err
	}
	fiberx.ClearSession(c)
	return seeOther(c, "/login")
}

package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// JoinPage is where somebody who was invited makes their account.
type JoinPage struct {
	Page
	Email, Inviter, Name, Path string
	Field, Problem             string
	MinPassword                int
}

func (s *site) showJoin(c *fiber.Ctx) error { return s.join(c, "", nil) }

func (s *site) join(c *fiber.Ctx, name string, wrong error) error {
	token := utils.CopyString(c.Params("token"))
	i, err := s.Invitations.Open(c.UserContext(), token)
	if err != nil {
		return err
	}
	p := JoinPage{Page: s.page(c, "Join", ""), Email: i.Email, Inviter: i.InviterName, Name: name, Path: "/join/" + token, MinPassword: domain.MinPasswordLength}
	if wrong != nil {
		p.Field, p.Problem = fieldOf(wrong), messageOf(wrong)
		c.Status(fiberx.StatusOf(wrong))
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Render("join", p, layoutPlain)
}

// accept makes the account and signs in with it.
func (s *site) accept(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	user, err := s.Invitations.Accept(c.UserContext(), utils.CopyString(c.Params("token")), form.Get("name"), form.Get("password"))
	switch domain.CodeOf(err) {
	case "":
	case domain.Invalid, domain.Conflict:
		return s.join(c, form.Get("name"), err)
	default:
		return err
	}
	signed, err := s.SignIn.SignIn(c.UserContext(), usecase.SignInInput{
		Email: user.Email, Password: form.Get("password"), IP: fiberx.ClientIP(c), UserAgent: utils.CopyString(c.Get(fiber.HeaderUserAgent)), OldSessionID: fiberx.SessionID(c),
	})
	if err != nil {
		return seeOther(c, "/login")
	}
	fiberx.SetSession(c, signed)
	return seeOther(c, home)
}

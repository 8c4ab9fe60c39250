package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

const profilePath = "/app/profile/"

// ProfilePage is one's own account.
type ProfilePage struct {
	Page
	Name, Email, Role string
	Sessions          []ProfileSession
	Others            int    // sessions beside this one
	Form              string // which form was refused: name or password
	Field, Problem    string
	MinPassword       int
	Factor            FactorView
	Usage             UsageView
	Types             []string // those allowed in place of the portal's
}

// ProfileSession is a signed-in browser.
type ProfileSession struct {
	*domain.WebSession
	Device string
	Here   bool // it is the one that looks
}

func (s *site) showProfile(c *fiber.Ctx) error { return s.profile(c, "", nil) }

// profile shows the page, with what was wrong in one of its forms.
func (s *site) profile(c *fiber.Ctx, form string, wrong error) error {
	d, err := s.Profile.Show(c.UserContext(), fiberx.Actor(c))
	if err != nil {
		return err
	}
	p := ProfilePage{
		Page: s.page(c, "Profile", "profile"), Name: d.User.Name, Email: d.User.Email, Role: roleWord(d.User.Role),
		MinPassword: domain.MinPasswordLength, Usage: usageView(d.Usage), Types: d.User.Allowance.Types,
	}
	factor, err := s.Factor.State(c.UserContext(), fiberx.Actor(c))
	if err != nil {
		return err
	}
	p.Factor = FactorView(factor)
	if wrong != nil {
		p.Form, p.Field, p.Problem = form, fieldOf(wrong), messageOf(wrong)
		c.Status(fiberx.StatusOf(wrong))
	}
	here := currentSession(c)
	for _, ws := range d.Sessions {
		p.Sessions = append(p.Sessions, ProfileSession{ws, deviceOf(ws.UserAgent), ws.ID == here})
		if ws.ID != here {
			p.Others++
		}
	}
	return render(c, "pages/profile", "", p)
}

// currentSession is the id of the session that asks.
func currentSession(c *fiber.Ctx) uuid.UUID {
	if signed := fiberx.Signed(c); signed != nil && signed.Session != nil {
		return signed.Session.ID
	}
	return uuid.Nil
}

// profileDone answers a form of the page: with its error on it, or with a toast.
func (s *site) profileDone(c *fiber.Ctx, form, text string, err error) error {
	switch domain.CodeOf(err) {
	case "":
		say(c, Toast{Kind: "ok", Text: text})
		return seeOther(c, profilePath)
	case domain.Invalid, domain.Conflict, domain.Quota:
		return s.profile(c, form, err)
	}
	return err
}

func (s *site) renameSelf(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	return s.profileDone(c, "name", "Saved.", s.Profile.Rename(c.UserContext(), fiberx.Actor(c), form.Get("name")))
}

func (s *site) changePassword(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	err = s.Profile.ChangePassword(c.UserContext(), fiberx.Actor(c), form.Get("current"), form.Get("password"), currentSession(c))
	return s.profileDone(c, "password", "Password changed. Your other browsers are signed out.", err)
}

func (s *site) endSession(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := s.Profile.EndSession(c.UserContext(), fiberx.Actor(c), id); err != nil {
		return err
	}
	if id == currentSession(c) {
		fiberx.ClearSession(c)
		return seeOther(c, "/login")
	}
	return s.profileDone(c, "", "That browser is signed out.", nil)
}

func (s *site) endOtherSessions(c *fiber.Ctx) error {
	n, err := s.Profile.EndOtherSessions(c.UserContext(), fiberx.Actor(c), currentSession(c))
	if err != nil {
		return err
	}
	return s.profileDone(c, "", counted(n, "other browser")+" signed out.", nil)
}

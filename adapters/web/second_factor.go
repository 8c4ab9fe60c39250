package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

const factorPath = profilePath + "second-factor/"

// FactorPage sets a second factor up.
type FactorPage struct {
	Page
	QR      QR
	Secret  string // in groups of four
	Problem string
}

// FactorCodesPage shows recovery codes, this once.
type FactorCodesPage struct {
	Page
	Codes []string
	Text  string // all of them, to be copied
}

func (s *site) factorCrumbs(c *fiber.Ctx, title string) Page {
	return s.page(c, title, "profile", Crumb{Label: "Profile", URL: profilePath})
}

func (s *site) newFactor(c *fiber.Ctx) error { return s.showFactor(c, nil) }

func (s *site) showFactor(c *fiber.Ctx, wrong error) error {
	e, err := s.Factor.Begin(c.UserContext(), fiberx.Actor(c))
	if domain.IsCode(err, domain.Conflict) {
		return seeOther(c, profilePath)
	}
	if err != nil {
		return err
	}
	p := FactorPage{Page: s.factorCrumbs(c, "Set up a second factor"), Secret: inFours(e.Secret)}
	if p.QR, err = drawQR(e.Address); err != nil {
		return err
	}
	if wrong != nil {
		p.Problem = messageOf(wrong)
		c.Status(fiberx.StatusOf(wrong))
	}
	return render(c, "pages/second_factor", "", p)
}

func inFours(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (s *site) confirmFactor(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	codes, err := s.Factor.Confirm(c.UserContext(), fiberx.Actor(c), form.Get("code"))
	switch domain.CodeOf(err) {
	case "":
		say(c, Toast{Kind: "ok", Text: "Your second factor is on."})
		return s.showOnce(c, factorPath+"codes/", strings.Join(codes, " "))
	case domain.Invalid, domain.Quota:
		return s.showFactor(c, err)
	case domain.Conflict, domain.NotFound:
		return seeOther(c, profilePath)
	}
	return err
}

func (s *site) factorCodes(c *fiber.Ctx) error {
	text := s.takeOnce(c, factorPath+"codes/")
	if text == "" {
		return seeOther(c, profilePath)
	}
	codes := strings.Fields(text)
	return render(c, "pages/recovery_codes", "", FactorCodesPage{Page: s.factorCrumbs(c, "Recovery codes"), Codes: codes, Text: strings.Join(codes, "\n")})
}

func (s *site) newFactorCodes(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	codes, err := s.Factor.NewCodes(c.UserContext(), fiberx.Actor(c), form.Get("password"))
	if err != nil {
		return s.profileDone(c, "codes", "", err)
	}
	return s.showOnce(c, factorPath+"codes/", strings.Join(codes, " "))
}

func (s *site) turnFactorOff(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	return s.profileDone(c, "off", "Your second factor is off.", s.Factor.TurnOff(c.UserContext(), fiberx.Actor(c), form.Get("password")))
}

// FactorView is the state of one's second factor on the profile.
type FactorView struct {
	On        bool
	Since     time.Time
	CodesLeft int
}

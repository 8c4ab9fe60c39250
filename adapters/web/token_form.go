package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// TokenFormPage makes a token.
type TokenFormPage struct {
	Page
	Name                                       string
	Scopes                                     []ScopeChoice
	Lives                                      []LifeChoice
	NameError, ScopesError, LifeError, Problem string
}

// ScopeChoice is a scope with what it lets a program do.
type ScopeChoice struct {
	Scope, Text string
	On          bool
}

// TokenCreatedPage shows the secret of a new token, the only time.
type TokenCreatedPage struct {
	Page
	Token         *domain.APIToken
	Secret        string
	Try, TryLabel string // a command that works as it stands
}

// tokenLives are offered; the usual one is chosen beforehand.
var tokenLives = lives{{"7d", "7 days", 7 * day}, {"30d", "30 days", 30 * day}, {usualLife, "90 days", 90 * day}, {"1y", "1 year", 365 * day}, {"never", "Never", 0}}

const usualLife = "90d"

// tokenForm is what was typed.
type tokenForm struct {
	name, life string
	scopes     []string
}

func (s *site) newToken(c *fiber.Ctx) error {
	return s.tokenForm(c, tokenForm{life: usualLife, scopes: []string{string(domain.ScopeUpload), string(domain.ScopeRead)}}, nil)
}

// tokenForm shows the form with what was typed; err is what was wrong with it.
func (s *site) tokenForm(c *fiber.Ctx, f tokenForm, err error) error {
	a := fiberx.Actor(c)
	role := a.Role
	p := TokenFormPage{Page: s.page(c, "Create token", "tokens", tokenCrumbs()...), Name: f.name}
	for _, sc := range domain.ScopesFor(&domain.User{Role: role, Withheld: a.Withheld}) {
		p.Scopes = append(p.Scopes, ScopeChoice{Scope: string(sc), Text: scopeText(sc, role), On: slices.Contains(f.scopes, string(sc))})
	}
	p.Lives = tokenLives.choices(f.life, s.Clock.Now())
	if err != nil {
		c.Status(fiberx.StatusOf(err))
		switch fieldOf(err) {
		case "name":
			p.NameError = messageOf(err)
		case "scopes":
			p.ScopesError = messageOf(err)
		case "expires":
			p.LifeError = messageOf(err)
		default:
			p.Problem = messageOf(err)
		}
	}
	return render(c, "pages/token_form", "", p)
}

// scopeText says what a scope is good for; tokens of admins reach everybody's
// files, as admins do.
func scopeText(sc domain.Scope, role domain.Role) string {
	whose := "your"
	if role == domain.RoleAdmin {
		whose = "everybody's"
	}
	switch sc {
	case domain.ScopeUpload:
		return "Hand in files and batches."
	case domain.ScopeRead:
		return "List, look at and download " + whose + " files."
	case domain.ScopeProcess:
		return "Mark " + whose + " files processed or failed, as a receiver does."
	}
	return "Everything an admin may do by API. Give it to programs you trust as yourself."
}

func tokenCrumbs() []Crumb { return []Crumb{{Label: "API tokens", URL: "/app/tokens/"}} }

func readTokenForm(c *fiber.Ctx) (f tokenForm, in usecase.TokenInput, err error) {
	form, err := readForm(c)
	if err != nil {
		return f, in, err
	}
	f = tokenForm{name: form.Get("name"), life: form.Get("expires"), scopes: form["scopes"]}
	in.Name = f.name
	var ok bool
	if in.Expires, ok = tokenLives.find(f.life); !ok {
		return f, in, domain.FieldErrorf("expires", "Choose how long the token lives.")
	}
	if len(f.scopes) > 0 {
		in.Scopes, err = domain.ParseScopes(strings.Join(f.scopes, ","))
	}
	return f, in, err
}

func (s *site) createToken(c *fiber.Ctx) error {
	f, in, err := readTokenForm(c)
	var (
		token  *domain.APIToken
		secret string
	)
	if err == nil {
		token, secret, err = s.Tokens.Create(c.UserContext(), fiberx.Actor(c), in)
	}
	if isFormError(err) {
		return s.tokenForm(c, f, err)
	}
	if err != nil {
		return err
	}
	return s.showOnce(c, "/app/tokens/"+token.ID.String()+"/created/", secret)
}

// tokenCreated shows a new token, and what is kept of it when it was shown.
func (s *site) tokenCreated(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	d, err := s.Tokens.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	token := d.Token
	own := "/app/tokens/" + token.ID.String() + "/"
	secret := s.takeOnce(c, own+"created/")
	if secret == "" {
		return seeOther(c, own)
	}
	p := TokenCreatedPage{Page: s.page(c, token.Name, "tokens", tokenCrumbs()...), Token: token, Secret: secret}
	p.Try, p.TryLabel = tokenExample(s.BaseURL, token, secret)
	return render(c, "pages/token_created", "", p)
}

// tokenExample is a command for the first thing that the token may do, and what
// that is.
func tokenExample(base string, t *domain.APIToken, secret string) (command, label string) {
	auth := " \\\n  -H \"Authorization: Bearer " + secret + "\""
	has := func(sc domain.Scope) bool {
		return slices.Contains(t.Scopes, sc) || slices.Contains(t.Scopes, domain.ScopeAdmin)
	}
	switch {
	case has(domain.ScopeUpload):
		return "curl -T report.pdf \"" + base + "/api/v1/files/\"" + auth, "Upload a file"
	case has(domain.ScopeRead):
		return "curl \"" + base + "/api/v1/files\"" + auth, "List files"
	}
	return "curl -X POST \"" + base + "/api/v1/files/$FILE_ID/processed\"" + auth, "Mark a file processed"
}

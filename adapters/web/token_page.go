package web

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports/usecase"
)

// TokenPage is one token: what it may do, what it did, and its end.
type TokenPage struct {
	Page
	Token             *domain.APIToken
	Holder            *domain.User
	State, Word, Icon string
	Alive, Own        bool
	Scopes            []ScopeChoice // On: it counts
	Banner            *list.Banner
	Trail             []TrailStop
	Try, TryLabel     string
	Stops             string // what revoking does
}

func (s *site) showToken(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	actor := fiberx.Actor(c)
	d, err := s.Tokens.Find(c.UserContext(), actor, id)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	state := d.Token.State(now)
	p := &TokenPage{
		Page: s.page(c, d.Token.Name, "tokens", tokenCrumbs()...), Token: d.Token, Holder: d.User, Alive: state == domain.TokenActive,
		Own: d.User.ID == actor.UserID, Banner: tokenBanner(d, state), Stops: tokenStops(d.Token, now),
	}
	p.State, p.Word, p.Icon = tokenPill(state)
	p.Try, p.TryLabel = tokenExample(s.BaseURL, d.Token, "$TOKEN")
	for _, sc := range d.Token.Scopes {
		p.Scopes = append(p.Scopes, ScopeChoice{Scope: string(sc), Text: scopeText(sc, d.User.Role), On: slices.Contains(domain.ScopesFor(d.User), sc)})
	}
	for _, e := range slices.Backward(d.History) {
		p.Trail = append(p.Trail, auditStop(e))
	}
	if d.Token.ExpiresAt != nil && state != domain.TokenRevoked {
		stop := TrailStop{State: "pending", Icon: "hourglass", Text: "Expires", At: d.Token.ExpiresAt, Todo: true}
		if state == domain.TokenExpired {
			stop.State, stop.Text, stop.Todo = "disabled", "Expired", false
		}
		p.Trail = append([]TrailStop{stop}, p.Trail...)
	}
	return render(c, "pages/token", "", p)
}

// tokenBanner tells of what a token lost with its user.
func tokenBanner(d *usecase.TokenDetail, state domain.TokenState) *list.Banner {
	switch {
	case state != domain.TokenActive:
		return nil
	case !d.User.Active:
		return &list.Banner{State: "warning", Icon: "power-off", Strong: d.User.Name + " is switched off.", Text: "The token is refused until the account is switched on again. Revoke it if nothing should use it any more."}
	case slices.Contains(d.Token.Scopes, domain.ScopeAdmin) && !d.User.IsAdmin():
		return &list.Banner{State: "warning", Icon: "shield", Strong: d.User.Name + " is no admin any more.", Text: "So the scope admin counts for nothing, and the token reaches their own files alone."}
	}
	return nil
}

// tokenStops names what ends with a token.
func tokenStops(t *domain.APIToken, now time.Time) string {
	acts := map[string]string{"upload": "hand in files", "read": "list and download files", "process": "mark files processed", "admin": "do what admins do"}
	var may []string
	for _, sc := range scopeWords(t.Scopes) {
		may = append(may, acts[sc])
	}
	used := "Nothing has used it yet."
	if t.LastUsedAt != nil {
		used = "It was last used " + relative(*t.LastUsedAt, now) + "."
	}
	return "Whatever signs in with " + t.Prefix + "… is refused from its next request on: it can no longer " + strings.Join(may, ", ") + ". " + used + " This cannot be undone."
}

func (s *site) revokeToken(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	text, err := s.revokeTokens(c.UserContext(), fiberx.Actor(c), []uuid.UUID{id})
	if err != nil {
		return err
	}
	say(c, Toast{Kind: "ok", Text: text})
	return seeOther(c, "/app/tokens/"+id.String()+"/")
}

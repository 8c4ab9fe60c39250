package web

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

// soonOver is from when on the end of a token is worth a warning.
const soonOver = 7 * 24 * time.Hour

// everybody is the value of the filter that shows admins all tokens.
const everybody = "all"

func (s *site) tokensList() *list.Resource[*domain.APIToken] {
	state := list.Filter{Key: "state", Label: "Status", Icon: "circle-dot", Many: true}
	for _, st := range domain.TokenStates {
		_, word, _ := tokenPill(st)
		state.Options = append(state.Options, list.Option{Value: string(st), Label: word})
	}
	filters := []list.Filter{state, list.Created()}
	if s.Users != nil {
		filters = append(filters, list.Filter{
			Key: "owner", Label: "Whose", Icon: "user", AdminOnly: true, Free: list.IsID, Load: s.uploaders,
			Options: []list.Option{{Value: everybody, Label: "Everybody's"}},
		})
	}
	return &list.Resource[*domain.APIToken]{
		Name: "tokens", Title: "API tokens", One: "token", Many: "tokens", Path: "/app/tokens/",
		SearchHint: "Name or beginning", Columns: tokenColumns(), Filters: filters, Source: s.listTokens,
		ID:      func(t *domain.APIToken) uuid.UUID { return t.ID },
		Label:   func(t *domain.APIToken) string { return t.Name },
		Cursor:  func(t *domain.APIToken) ports.Cursor { return ports.Cursor{At: t.CreatedAt, ID: t.ID} },
		Note:    "newest first",
		Buttons: []list.Button{{Label: "Create token", Icon: "plus", URL: "/app/tokens/new/", Primary: true}},
		Actions: []list.Action{{
			Name: "revoke", Label: "Revoke…", Icon: "ban", Verb: "Revoke", Danger: true, Keep: "Keep them",
			Confirm: "Programs that use them are refused from their next request on. This cannot be undone.",
			Run:     s.revokeTokens,
		}},
		Empty: list.Empty{
			Art: "door", Title: "No token yet",
			Text: "A token lets a program in for you: curl, a tus client, a receiver that fetches files. It may never do more than you may.",
			URL:  "/app/tokens/new/", URLText: "Create token", Icon: "plus",
			Code: "curl -T report.pdf \"$PORTAL/api/v1/files/\" -H \"Authorization: Bearer $TOKEN\"",
		},
	}
}

// listTokens shows people their own tokens; admins may ask for others'.
func (s *site) listTokens(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.APIToken], error) {
	q.Owner = &a.UserID
	for _, owner := range q.Filters["owner"] {
		if owner == everybody {
			q.Owner = nil
			continue
		}
		id, err := uuid.Parse(owner)
		if err != nil {
			return ports.Page[*domain.APIToken]{}, domain.FieldErrorf("owner", "%q is not the id of a user.", owner)
		}
		q.Owner = &id
	}
	delete(q.Filters, "owner")
	return s.Tokens.List(ctx, a, q)
}

func tokenColumns() []list.Column[*domain.APIToken] {
	return []list.Column[*domain.APIToken]{
		{Key: "name", Label: "Name", Class: "grow", Cell: func(t *domain.APIToken, _ list.Env) list.Cell {
			return list.Link(t.Name, "/app/tokens/"+t.ID.String()+"/")
		}},
		{Key: "prefix", Label: "Begins with", Class: "dim", Cell: func(t *domain.APIToken, _ list.Env) list.Cell { return list.Code(t.Prefix + "…") }},
		{Key: "scopes", Label: "May", Cell: func(t *domain.APIToken, _ list.Env) list.Cell { return list.Tags(scopeWords(t.Scopes)) }},
		{Key: "owner", Label: "Acts for", Class: "dim hide max-w-40 truncate", AdminOnly: true, Cell: func(t *domain.APIToken, _ list.Env) list.Cell {
			return list.Text(t.UserName)
		}},
		{Key: "used", Label: "Last used", Class: "num dim", CardLabel: "used", Cell: func(t *domain.APIToken, _ list.Env) list.Cell {
			if t.LastUsedAt == nil {
				return list.Faint("not yet")
			}
			return list.Time(t.LastUsedAt)
		}},
		{Key: "expires", Label: "Expires", Class: "num dim", CardLabel: "expires", Cell: func(t *domain.APIToken, e list.Env) list.Cell {
			switch {
			case t.ExpiresAt == nil:
				return list.Faint("never")
			case t.State(e.Now) == domain.TokenActive && t.ExpiresAt.Sub(e.Now) < soonOver:
				return list.Soon(t.ExpiresAt)
			}
			return list.Time(t.ExpiresAt)
		}},
		{Key: "state", Label: "Status", Class: "end", Cell: func(t *domain.APIToken, e list.Env) list.Cell {
			return list.Pill(tokenPill(t.State(e.Now)))
		}},
	}
}

// tokenPill is how a token's state shows: the state whose colour it has, its
// word and its icon.
func tokenPill(st domain.TokenState) (state, word, icon string) {
	switch st {
	case domain.TokenExpired:
		return "disabled", "Expired", "hourglass"
	case domain.TokenRevoked:
		return "cancelled", "Revoked", "ban"
	}
	return "active", "Active", "key-round"
}

func scopeWords(scopes []domain.Scope) []string {
	var out []string
	for _, s := range domain.AllScopes {
		if slices.Contains(scopes, s) {
			out = append(out, string(s))
		}
	}
	return out
}

func (s *site) revokeTokens(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
	n, err := s.Tokens.Revoke(ctx, a, ids)
	if err != nil {
		return "", err
	}
	if n == 0 {
		return "They were revoked before. Nothing changed.", nil
	}
	return counted(n, "token") + " revoked. What used " + map[bool]string{true: "it", false: "them"}[n == 1] + " is refused from now on.", nil
}

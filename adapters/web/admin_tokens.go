package web

import (
	"context"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports/usecase"
)

type tokenDetail = *usecase.TokenDetail

// allTokens are everybody's API tokens, without the secrets, which nobody has.
func (s *site) allTokens() *admin.Resource[*domain.APIToken, tokenDetail] {
	l := s.tokensList()
	l.Source = s.Tokens.List
	l.Filters = append(l.Filters[:2:2], s.person("user", "Whose"))
	return &admin.Resource[*domain.APIToken, tokenDetail]{
		List: forAdmins(s, l, "/admin/tokens/", usecase.KindTokens, "state", "user"),
		Icon: "key-round", About: "What programs come in with, whose it is, and what it may do.", Object: "token",
		Find:  s.Tokens.Find,
		ID:    func(d tokenDetail) uuid.UUID { return d.Token.ID },
		Title: func(d tokenDetail) string { return d.Token.Name },
		State: func(d tokenDetail, e list.Env) list.Cell { return list.Pill(tokenPill(d.Token.State(e.Now))) },
		Meta:  func(d tokenDetail, _ list.Env) []string { return []string{"acts for " + d.User.Name} },
		Facts: []admin.Fact[tokenDetail]{
			{Label: "Acts for", Cell: func(d tokenDetail, _ list.Env) list.Cell {
				return list.Link(d.User.Name, "/admin/users/"+d.User.ID.String()+"/")
			}},
			{Label: "May", Cell: func(d tokenDetail, _ list.Env) list.Cell { return list.Tags(scopeWords(d.Token.Scopes)) }},
			{Label: "Begins with", Cell: func(d tokenDetail, _ list.Env) list.Cell { return list.Code(d.Token.Prefix + "…") }},
			{Label: "Last used", Cell: func(d tokenDetail, _ list.Env) list.Cell { return list.Time(d.Token.LastUsedAt) }},
			{Label: "Expires", Cell: func(d tokenDetail, _ list.Env) list.Cell {
				if d.Token.ExpiresAt == nil {
					return list.Faint("never")
				}
				return list.Time(d.Token.ExpiresAt)
			}},
			{Label: "Revoked", Cell: func(d tokenDetail, _ list.Env) list.Cell { return list.Time(d.Token.RevokedAt) }},
			{Label: "Made", Cell: func(d tokenDetail, _ list.Env) list.Cell { return list.Time(&d.Token.CreatedAt) }},
			{Label: "Id", Cell: func(d tokenDetail, _ list.Env) list.Cell { return list.ID(d.Token.ID.String(), "", "token id") }},
		},
		Actions: []admin.Action[tokenDetail]{{
			Name: "revoke", Label: "Revoke…", Icon: "ban", Danger: true, Do: "Revoke token", Keep: "Keep it",
			Title: func(d tokenDetail) string { return "Revoke " + d.Token.Name + "?" },
			Text: func(tokenDetail) string {
				return "Programs that use it are refused from their next request on. This cannot be undone."
			},
			When: func(d tokenDetail) bool { return d.Token.RevokedAt == nil },
			Run: func(ctx context.Context, a domain.Actor, d tokenDetail) (admin.Done, error) {
				text, err := s.revokeTokens(ctx, a, idsOf(d.Token.ID))
				return admin.Done{Text: text}, err
			},
		}},
		View: func(d tokenDetail) string { return "/app/tokens/" + d.Token.ID.String() + "/" },
	}
}

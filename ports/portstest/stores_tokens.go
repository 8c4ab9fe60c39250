package portstest

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// listTokens: the clock of the stores under test stands at noon or later.
func listTokens(s *store) {
	u, other := s.user(), s.user()
	put := func(owner uuid.UUID, name string, minutes int, edit func(*domain.APIToken)) uuid.UUID {
		id := newID()
		t := &domain.APIToken{
			ID: id, UserID: owner, Name: name, Prefix: "dto_" + id.String()[30:], Hash: id.String(), Scopes: []domain.Scope{domain.ScopeRead},
			CreatedAt: noon.Add(time.Duration(minutes) * time.Minute), UpdatedAt: noon,
		}
		if edit != nil {
			edit(t)
		}
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Tokens.Insert(ctx, t) })
		return id
	}
	forever := put(u.ID, "Scanner at gate 7", 4, nil)
	later := put(u.ID, "CI 100%", 3, func(t *domain.APIToken) { t.ExpiresAt = ptr(noon.AddDate(100, 0, 0)) })
	over := put(u.ID, "Old scanner", 2, func(t *domain.APIToken) { t.ExpiresAt = ptr(noon.AddDate(-20, 0, 0)) })
	ended := put(u.ID, "Leaked", 1, func(t *domain.APIToken) {
		t.RevokedAt, t.ExpiresAt = ptr(noon), ptr(noon.AddDate(-20, 0, 0))
	})
	foreign := put(other.ID, "Theirs", 0, nil)
	list := func(q ports.ListQuery) []uuid.UUID {
		page, err := s.db.Reads().Tokens.List(s.ctx, q)
		s.ok(err)
		ids := make([]uuid.UUID, len(page.Items))
		for i, t := range page.Items {
			ids[i] = t.ID
			want(s, "whose", t.UserEmail == u.Email, t.UserID == u.ID)
		}
		return ids
	}
	state := func(values ...string) []uuid.UUID {
		return list(ports.ListQuery{Owner: &u.ID, Filters: map[string][]string{"state": values}})
	}
	want(s, "all", list(ports.ListQuery{}), []uuid.UUID{forever, later, over, ended, foreign})
	want(s, "own", list(ports.ListQuery{Owner: &u.ID, Limit: 2}), []uuid.UUID{forever, later})
	want(s, "active", state("active"), []uuid.UUID{forever, later})
	want(s, "expired", state("expired"), []uuid.UUID{over})
	want(s, "revoked", state("revoked"), []uuid.UUID{ended})
	want(s, "two states", state("expired", "revoked"), []uuid.UUID{over, ended})
	want(s, "by name", list(ports.ListQuery{Search: "SCANNER gate"}), []uuid.UUID{forever})
	want(s, "taken as it is", list(ports.ListQuery{Search: "100%"}), []uuid.UUID{later})
	want(s, "by prefix", list(ports.ListQuery{Search: "dto_" + over.String()[30:]}), []uuid.UUID{over})
	_, err := s.db.Reads().Tokens.List(s.ctx, ports.ListQuery{Filters: map[string][]string{"state": {"asleep"}}})
	wantCode(s.T, err, domain.Invalid)
}

package web_test

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

const tokenSecret = "dto_9Qx2kTm0RzVb3yHcLwPq7sNdUf5gJaEoI1tXiK4hZ8C"

func (f fakeTokens) List(_ context.Context, _ domain.Actor, q ports.ListQuery) (ports.Page[*domain.APIToken], error) {
	return pageOf(f.world, q, f.tokens), nil
}

func (f fakeTokens) Find(_ context.Context, a domain.Actor, id uuid.UUID) (*usecase.TokenDetail, error) {
	for _, t := range f.tokens {
		if t.ID == id {
			d := &usecase.TokenDetail{Token: t, User: f.tokenUser}
			d.History = []*domain.AuditEntry{domain.NewAuditEntry(id, a, "token.created", "token", id, nil, t.CreatedAt)}
			return d, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such token.")
}

func (f fakeTokens) FindByPrefix(context.Context, domain.Actor, string) (*domain.APIToken, error) {
	return nil, domain.Errorf(domain.NotFound, "There is no such token.")
}

func (f fakeTokens) Create(_ context.Context, a domain.Actor, in usecase.TokenInput) (*domain.APIToken, string, error) {
	f.world.made = append(f.world.made, in)
	user := &domain.User{ID: a.UserID, Email: a.Email, Role: a.Role}
	var until *time.Time
	if in.Expires > 0 {
		until = ptr(f.now.Add(in.Expires))
	}
	t, _, err := domain.NewAPIToken(id(750), user, in.Name, in.Scopes, until, strings.NewReader(strings.Repeat("x", 64)), f.now)
	if err == nil {
		f.world.tokens = append(f.world.tokens, t)
	}
	return t, tokenSecret, err
}

func (f fakeTokens) Revoke(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	f.world.revoked = append(f.world.revoked, ids...)
	return len(ids), nil
}

// addTokens makes one in every state.
func (w *world) addTokens(names []string) {
	w.tokenUser = priya
	for i, scopes := range [][]domain.Scope{{domain.ScopeUpload}, {domain.ScopeUpload, domain.ScopeRead}, {domain.ScopeProcess}, domain.AllScopes} {
		t := &domain.APIToken{
			ID: id(700 + i), UserID: priya.ID, UserName: priya.Name, UserEmail: priya.Email, Name: names[i%len(names)], Prefix: tokenSecret[:domain.TokenPrefixLength],
			Scopes: scopes, CreatedAt: noon.Add(-time.Duration(i+1) * 30 * time.Hour),
		}
		switch i {
		case 1:
			t.ExpiresAt, t.LastUsedAt = ptr(noon.Add(50*time.Hour)), ptr(noon.Add(-3*time.Minute))
		case 2:
			t.ExpiresAt = ptr(noon.Add(-time.Hour))
		case 3:
			t.RevokedAt, t.LastUsedAt = ptr(noon.Add(-2*time.Hour)), ptr(noon.Add(-2*time.Hour))
		}
		w.tokens = append(w.tokens, t)
	}
}

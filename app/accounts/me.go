package accounts

import (
	"context"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Me implements usecase.Me.
type Me struct {
	DB ports.Transactor
}

var _ usecase.Me = (*Me)(nil)

// Token implements usecase.Me.
func (m *Me) Token(ctx context.Context, a domain.Actor) (*domain.APIToken, error) {
	if !a.IsKnown() {
		return nil, domain.Errorf(domain.Unauthenticated, "Sign in first, or send a token.")
	}
	if !a.IsToken() {
		return nil, nil
	}
	return m.DB.Reads().Tokens.Find(ctx, a.TokenID)
}

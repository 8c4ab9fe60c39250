package usecase

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
)

// Profile is what people do with their own account. Every method is Forbidden
// for a token: one that leaked must not shut its user out.
type Profile interface {
	Show(ctx context.Context, a domain.Actor) (*ProfileDetail, error)
	// Rename is Invalid on name.
	Rename(ctx context.Context, a domain.Actor, name string) error
	// ChangePassword is Invalid on current when that is wrong, on password when
	// the new one will not do, and Quota after too many wrong ones. Other
	// sessions than the one kept end.
	ChangePassword(ctx context.Context, a domain.Actor, current, password string, kept uuid.UUID) error
	// EndSession ends one of one's own sessions; another's is NotFound.
	EndSession(ctx context.Context, a domain.Actor, id uuid.UUID) error
	// EndOtherSessions ends all but the one kept and says how many.
	EndOtherSessions(ctx context.Context, a domain.Actor, kept uuid.UUID) (int, error)
}

// ProfileDetail is what one's own page shows.
type ProfileDetail struct {
	User     *domain.User
	Usage    domain.Usage
	Sessions []*domain.WebSession // live, the last used first
}

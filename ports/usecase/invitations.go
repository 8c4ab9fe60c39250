package usecase

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Invitations lets people make their own accounts. All but Open and Accept are
// Forbidden for everybody but admins in a browser, and the system.
type Invitations interface {
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Invitation], error)
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Invitation, error)
	// Invite returns the token that the link ends in, which is kept as a hash
	// alone. Invalid on email and role, Conflict on email when somebody has an
	// account with it.
	Invite(ctx context.Context, a domain.Actor, email string, role domain.Role) (i *domain.Invitation, token string, err error)
	// Revoke ends open ones and says how many.
	Revoke(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error)
	// Open returns the invitation behind a link; NotFound for none, Expired for
	// one that is over.
	Open(ctx context.Context, token string) (*domain.Invitation, error)
	// Accept makes the account. Errors as Open's; Invalid on name and password,
	// Conflict on email.
	Accept(ctx context.Context, token, name, password string) (*domain.User, error)
}

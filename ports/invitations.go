package ports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// Invitations keeps invitations. List filters: state (open, accepted, revoked,
// expired). Search: part of the address, an id or the end of one.
type Invitations interface {
	Insert(ctx context.Context, i *domain.Invitation) error
	FindByHash(ctx context.Context, hash string) (*domain.Invitation, error)
	Find(ctx context.Context, id uuid.UUID) (*domain.Invitation, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.Invitation], error)
	// Accept notes the account that was made; false when it is not open any
	// more: of two that accept at once, one does.
	Accept(ctx context.Context, id, user uuid.UUID, at time.Time) (bool, error)
	// Revoke is false when it is not open any more.
	Revoke(ctx context.Context, id uuid.UUID, at time.Time) (bool, error)
}

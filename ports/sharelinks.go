package ports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// ShareLinks keeps share links. List filters: file, batch (id), creator (user
// id), kind (file, batch), state (live, used_up, expired, revoked). Search: part
// of the name of what is shared or of the token's beginning, an id or the end of
// one. Owner: who made it.
type ShareLinks interface {
	Insert(ctx context.Context, l *domain.ShareLink) error
	// FindByHash finds by the hash of the token, dead ones too.
	FindByHash(ctx context.Context, hash string) (*domain.ShareLink, error)
	Find(ctx context.Context, id uuid.UUID) (*domain.ShareLink, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.ShareLink], error)
	// Tally counts by state, kind and creator.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
	// Take counts one download of a link that is live at now; false when it is
	// not: of two that ask for the last one, one gets it.
	Take(ctx context.Context, id uuid.UUID, now time.Time) (bool, error)
	// Revoke is false when it was revoked before.
	Revoke(ctx context.Context, id uuid.UUID, at time.Time) (bool, error)
	// DeleteDead removes up to limit links, with their accesses, that were
	// revoked or expired before then, or whose file was deleted before then.
	DeleteDead(ctx context.Context, before time.Time, limit int) (int, error)
}

// ShareAccesses is the log of share links. List filters: link (id), outcome
// (begun, opened, wrong, refused). Search: part of a file's name or of an
// address.
type ShareAccesses interface {
	Append(ctx context.Context, a *domain.ShareAccess) error
	List(ctx context.Context, q ListQuery) (Page[*domain.ShareAccess], error)
}

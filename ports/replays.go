package ports

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
)

// Replays keeps replays. List filters: status, endpoint (id). Search: an id or
// the end of one.
type Replays interface {
	Insert(ctx context.Context, r *domain.Replay) error
	// Save writes what Advance, Complete and Cancel change; NotFound when the
	// replay is gone with its endpoint.
	Save(ctx context.Context, r *domain.Replay) error
	Find(ctx context.Context, id uuid.UUID) (*domain.Replay, error)
	// Lock is Find that keeps others from changing the row until the
	// transaction ends.
	Lock(ctx context.Context, id uuid.UUID) (*domain.Replay, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.Replay], error)
	// CountAhead counts the relayed events of the window that lie behind the
	// replay's cursor, at most up to.
	CountAhead(ctx context.Context, r *domain.Replay, upTo int) (int, error)
	// Ahead returns up to limit of these, oldest first.
	Ahead(ctx context.Context, r *domain.Replay, limit int) ([]ReplayItem, error)
}

// ReplayItem is an event with the delivery that the replay's endpoint has for
// it; DeliveryID is nil and Status "" without one.
type ReplayItem struct {
	Event      *domain.Event
	DeliveryID *uuid.UUID
	Status     domain.DeliveryStatus
}

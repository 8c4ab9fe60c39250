package usecase

import (
	"context"

	"doorito/domain"
	"doorito/ports"
)

// Kind is a kind of rows that admins look at as a whole.
type Kind string

// The kinds that are counted; accounts and the audit log count themselves.
const (
	KindBatches    Kind = "batches"
	KindFiles      Kind = "files"
	KindSessions   Kind = "sessions"
	KindEvents     Kind = "events"
	KindEndpoints  Kind = "endpoints"
	KindDeliveries Kind = "deliveries"
	KindAttempts   Kind = "attempts"
	KindTokens     Kind = "tokens"
)

// Overview is what admins see of everything at once; everybody else is
// Forbidden.
type Overview interface {
	// Tally counts the rows of a kind; q and by are as of the list of that kind.
	Tally(ctx context.Context, a domain.Actor, of Kind, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error)
	// ListAttempts leaves headers and answers out; those are with the delivery.
	ListAttempts(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Attempt], error)
}

package usecase

import (
	"context"
	"time"

	"github.com/google/uuid"

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
	KindParts      Kind = "parts"
	KindEvents     Kind = "events"
	KindEndpoints  Kind = "endpoints"
	KindDeliveries Kind = "deliveries"
	KindAttempts   Kind = "attempts"
	KindTokens     Kind = "tokens"
	KindShares     Kind = "shares"
	KindUsers      Kind = "users" // found, not counted
)

// Search finds what people look for by a few words while they type.
type Search interface {
	// Find looks through names, labels, addresses and ids: staff among their own
	// files and batches, admins among everybody's, and among endpoints and users.
	// A whole id is found whatever its age; words in all rows where the database
	// has an index of names, else among the newest rows of each kind. A few of each
	// are returned, the newest first.
	Find(ctx context.Context, a domain.Actor, words string) ([]Found, error)
	// FindAll is Find with more of each kind and, for admins, the events and the
	// deliveries of what was found.
	FindAll(ctx context.Context, a domain.Actor, words string) ([]Found, error)
}

// Found is one thing that matches.
type Found struct {
	Kind  Kind // files, batches, endpoints, users; by FindAll also events, deliveries
	ID    uuid.UUID
	Title string // "" for a batch without a label
	State string
	At    time.Time // when it was made
}

// Overview is what admins see of everything at once; everybody else is
// Forbidden.
type Overview interface {
	// Tally counts the rows of a kind; q and by are as of the list of that kind.
	Tally(ctx context.Context, a domain.Actor, of Kind, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error)
	// ListAttempts leaves headers and answers out; those are with the delivery.
	ListAttempts(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Attempt], error)
	ListParts(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.UploadPart], error)
	// ListEndpoints is Endpoints.List for menus: without the numbers, which cost
	// more than most pages.
	ListEndpoints(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Endpoint], error)
}

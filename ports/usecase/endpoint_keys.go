package usecase

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// EndpointKeys is what admins do with the secrets and the client certificate of
// an endpoint; everybody else is Forbidden. All of it is audited.
type EndpointKeys interface {
	// Rotate adds a secret of the kind. Live ones of that kind sign on for
	// overlap, then they are retired; those of the other kind stay, so an
	// ed25519 key comes beside a symmetric secret, and replaces it once that is
	// retired. shown is the secret, or the public key of a pair.
	Rotate(ctx context.Context, a domain.Actor, id uuid.UUID, kind domain.SecretKind, overlap time.Duration) (s domain.EndpointSecret, shown string, err error)
	// Retire ends a secret at once; Conflict for the last one that signs.
	Retire(ctx context.Context, a domain.Actor, id, secret uuid.UUID) error
	// Reveal returns a live symmetric secret, or the public key of a pair.
	Reveal(ctx context.Context, a domain.Actor, id, secret uuid.UUID) (string, error)
	// SetClientCert replaces the certificate that is shown to the endpoint;
	// Invalid, on certificate or private_key, for what cannot be used.
	SetClientCert(ctx context.Context, a domain.Actor, id uuid.UUID, certPEM, keyPEM string) (*domain.ClientCert, error)
	// RemoveClientCert is NotFound when there is none.
	RemoveClientCert(ctx context.Context, a domain.Actor, id uuid.UUID) error
}

// Resealer rotates SECRET_KEY.
type Resealer interface {
	// Reseal encrypts everything that an older key of SECRET_KEY sealed under
	// the newest one. It may be cut off and run again, beside running portals;
	// Conflict when one of them goes on sealing with an older key.
	Reseal(ctx context.Context, a domain.Actor) (Resealed, error)
}

// Resealed is what Reseal did: values sealed anew, of so many endpoints.
type Resealed struct{ Values, Endpoints int }

// EndpointFilters helps to choose what an endpoint gets.
type EndpointFilters interface {
	// Preview tries event types and filter of the form on the last 100 events.
	Preview(ctx context.Context, a domain.Actor, f domain.EndpointForm) (FilterPreview, error)
}

// FilterPreview are the events that would have been sent, newest first, of the
// last ones.
type FilterPreview struct {
	Matched []*domain.Event
	Of      int
}

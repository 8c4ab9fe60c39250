package usecase

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// SecondFactor is what people do with their authenticator app. Every method is
// Forbidden for a token.
type SecondFactor interface {
	State(ctx context.Context, a domain.Actor) (SecondFactorState, error)
	// Begin makes a secret, or returns the one that waits for its first code.
	// Conflict when a second factor is on.
	Begin(ctx context.Context, a domain.Actor) (*Enrolment, error)
	// Confirm switches it on with the first code and returns recovery codes,
	// which are kept as hashes alone. Invalid on code, Quota after too many
	// wrong ones.
	Confirm(ctx context.Context, a domain.Actor, code string) (recovery []string, err error)
	// NewCodes replaces the recovery codes. Invalid on password.
	NewCodes(ctx context.Context, a domain.Actor, password string) (recovery []string, err error)
	// TurnOff is Invalid on password.
	TurnOff(ctx context.Context, a domain.Actor, password string) error
	// Reset takes another's away, who lost the app and the codes; for admins.
	// NotFound when there is none.
	Reset(ctx context.Context, a domain.Actor, user uuid.UUID) error
}

// FactorResealer rotates SECRET_KEY for second factors, as Resealer does for
// endpoints.
type FactorResealer interface {
	Reseal(ctx context.Context, a domain.Actor) (sealed int, err error)
}

// SecondFactorState is what one's own page shows of it.
type SecondFactorState struct {
	On        bool
	Since     time.Time
	CodesLeft int
}

// Enrolment is what an authenticator app takes over.
type Enrolment struct {
	Secret  string // to be typed
	Address string // to be scanned
}

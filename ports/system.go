package ports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// Clock tells the time in UTC, truncated to microseconds as databases keep it.
type Clock interface {
	Now() time.Time
}

// IDs makes UUIDs of version 7 (RFC 9562, section 5.7).
type IDs interface {
	New() uuid.UUID
}

// PasswordHasher hashes passwords slowly. Implementations bound how many run
// at once, so that a flood of logins cannot take all memory.
type PasswordHasher interface {
	Hash(ctx context.Context, password string) (string, error)
	// Verify takes as long for a wrong password as for a right one. An empty
	// hash stands for an unknown user and takes that long too.
	Verify(ctx context.Context, hash, password string) (bool, error)
}

// TypeSniffer tells the content type of a file.
type TypeSniffer interface {
	// Sniff looks at the first bytes (SniffLength are enough) and returns the
	// most specific type first, then its parents. Never empty.
	Sniff(head []byte) []string
	// ByName tells what the name's ending says; "" when it is not known.
	ByName(name string) string
}

// SniffLength is how many first bytes TypeSniffer needs to be sure.
const SniffLength = 3072

// Bell wakes workers the moment there is work; it may ring in vain or be lost,
// the due-poll stands behind it.
type Bell interface {
	// Ring never blocks for long; an error is for the log only.
	Ring(ctx context.Context) error
	// Listen returns a channel that gets a value for each ring (several rings
	// may fold into one) until ctx ends. It reconnects by itself.
	Listen(ctx context.Context) <-chan struct{}
}

// Tenures tell which processes of this machine have died, within moments and
// whatever it was that ended them.
type Tenures interface {
	// Begin makes id this process's until end is called or the process dies. An
	// error where that could not be told.
	Begin(id uuid.UUID) (end func(), err error)
	// Inherit calls take with each id whose process died before it called end,
	// and drops those for which take returns nil. No id is offered to two at once.
	Inherit(take func(id uuid.UUID) error) error
}

// Tasks puts coarse tasks into the queue. A task that is already waiting is
// not queued twice, and that is no error.
type Tasks interface {
	Enqueue(ctx context.Context, task domain.Task) error
}

// Cron reads five-field cron expressions in UTC.
type Cron interface {
	// Next returns the first time after `after`; Invalid for a bad expression.
	Next(expr string, after time.Time) (time.Time, error)
}

// OneTimeCodes makes and checks the codes of authenticator apps (RFC 6238).
type OneTimeCodes interface {
	// NewSecret is base32 of at least 20 random bytes.
	NewSecret() (string, error)
	// Address is what such an app reads from a QR code.
	Address(secret, issuer, account string) string
	// Step tells to which 30-second step a code belongs: that of now, or one
	// beside it; false for none. A step must not be accepted twice.
	Step(secret, code string, now time.Time) (int64, bool)
}

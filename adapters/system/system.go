package system

import (
	"time"

	"github.com/google/uuid"

	"doorito/ports"
)

var (
	_ ports.Clock = Clock{}
	_ ports.IDs   = IDs{}
)

// Clock tells the machine's time in UTC, truncated to microseconds.
type Clock struct{}

// Now returns the time as databases keep it, so that a value read back equals
// the one written.
func (Clock) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// IDs makes version 7 UUIDs, ordered within this process.
type IDs struct{}

// New panics only when the operating system has no random bytes.
func (IDs) New() uuid.UUID { return uuid.Must(uuid.NewV7()) }

package domain

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	// IdempotencyTTL is how long a key is remembered.
	IdempotencyTTL = 24 * time.Hour
	// MaxIdempotencyKey in bytes.
	MaxIdempotencyKey = 255
)

// IdempotencyRecord remembers what a creation under a client's key made. The
// state of the work is the state of the resource: the record is committed with
// its row, before the first byte.
type IdempotencyRecord struct {
	OwnerID     uuid.UUID
	Operation   string // "file": keys of different operations do not meet
	Key         string
	Fingerprint string // hash of what was asked for, without the body
	ResourceID  uuid.UUID
	CreatedAt   time.Time
}

// CheckIdempotencyKey is Invalid for a key that is too long or not printable
// ASCII. No key ("") is fine.
func CheckIdempotencyKey(key string) error {
	if len(key) > MaxIdempotencyKey {
		return FieldErrorf("Idempotency-Key", "An Idempotency-Key has at most %d characters; this one has %d.", MaxIdempotencyKey, len(key))
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return FieldErrorf("Idempotency-Key", "An Idempotency-Key is made of printable ASCII characters, such as a UUID.")
	}
	return nil
}

// KeyReused is the error of a key that comes again with something else.
func KeyReused() *Error {
	return &Error{Code: Conflict, Field: "Idempotency-Key", Message: "This Idempotency-Key was used for something else. Send the same request as then, or use a new key."}
}

// Alive tells whether the record still counts.
func (r *IdempotencyRecord) Alive(now time.Time) bool { return now.Sub(r.CreatedAt) < IdempotencyTTL }

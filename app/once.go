package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// earlier tells that a key made something before; it takes back what the
// transaction did so far.
type earlier struct{ id uuid.UUID }

func (earlier) Error() string { return "app: the idempotency key was used before" }

// MadeEarlier tells what Claim's error says the key made.
func MadeEarlier(err error) (id uuid.UUID, ok bool) {
	var e earlier
	ok = errors.As(err, &e)
	return e.id, ok
}

// GoneSince is the answer to a key whose thing is not there any more; other
// errors stay.
func GoneSince(err error) error {
	if domain.IsCode(err, domain.NotFound) {
		return &domain.Error{Code: domain.Conflict, Field: "Idempotency-Key", Message: "What this Idempotency-Key made is gone. Use a new key to make another."}
	}
	return err
}

// Once is a creation under a client's key. What was asked for is compared with
// what the key was used for before.
type Once struct {
	Actor     domain.Actor
	Operation string // keys of different operations do not meet
	Key       string // "" for none
	Asked     any    // becomes JSON
}

// Claim takes the key in the caller's transaction for the thing with this id.
// It fails with what MadeEarlier knows when the key made one in the last
// domain.IdempotencyTTL, with Conflict when that was something else, and with
// Invalid for what is no key. Of several transactions at once the others wait
// for the first.
func (o Once) Claim(ctx context.Context, s ports.Stores, id uuid.UUID, now time.Time) error {
	if err := domain.CheckIdempotencyKey(o.Key); err != nil {
		return err
	}
	if o.Key == "" || o.Actor.UserID == uuid.Nil {
		return nil
	}
	asked, err := Fingerprint(o.Asked)
	if err != nil {
		return err
	}
	r := &domain.IdempotencyRecord{OwnerID: o.Actor.UserID, Operation: o.Operation, Key: o.Key, Fingerprint: asked, ResourceID: id, CreatedAt: now}
	got, created, err := s.Idempotency.Insert(ctx, r)
	switch {
	case err != nil || created:
		return err
	case !got.Alive(now):
		return s.Idempotency.Replace(ctx, r, got.ResourceID)
	case got.Fingerprint != asked:
		return domain.KeyReused()
	}
	return earlier{got.ResourceID}
}

// Fingerprint tells requests apart without keeping what they asked for.
func Fingerprint(asked any) (string, error) {
	text, err := json.Marshal(asked)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

package domain

import (
	"crypto/ed25519"
	"encoding/base64"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// SecretKind is how a secret signs, by its identifier in webhook-signature
// (Standard Webhooks, "Signature scheme").
type SecretKind string

const (
	SecretHMAC    SecretKind = "v1"  // HMAC-SHA256 with a secret that both sides have
	SecretEd25519 SecretKind = "v1a" // ed25519: the private key stays here, receivers have the public one
)

// Prefixes of serialized secrets (Standard Webhooks).
const (
	SecretPrefix     = "whsec_" // symmetric: 24 to 64 random bytes
	PrivateKeyPrefix = "whsk_"  // ed25519 private key: its 32 bytes of seed, then the 32 of the public key
	PublicKeyPrefix  = "whpk_"  // ed25519 public key: 32 bytes
)

const (
	// DefaultOverlap is how long a rotated secret goes on signing.
	DefaultOverlap = 24 * time.Hour
	// MaxOverlap is the longest that an admin can choose.
	MaxOverlap = 30 * 24 * time.Hour
	// MaxLiveSecrets bounds the signatures in one request.
	MaxLiveSecrets = 5
)

// EndpointSecret signs requests. Only the sealed form is kept; the key id
// inside it says which SECRET_KEY opens it.
type EndpointSecret struct {
	ID        uuid.UUID
	Kind      SecretKind
	Sealed    string
	Public    string // whpk_…, of an ed25519 key; "" for others
	Hint      string // the first and last characters of a symmetric one, to tell it from others; "" when not known
	CreatedAt time.Time
	RetiresAt *time.Time // set by rotation; null means live until rotated
}

// NewSecret makes a signing secret: `whsec_` and 32 random bytes, or `whsk_`
// and an ed25519 key pair, in base64 (Standard Webhooks, "Signature scheme").
func NewSecret(kind SecretKind, rnd io.Reader) (string, error) {
	b := make([]byte, 32)
	if _, err := io.ReadFull(rnd, b); err != nil {
		return "", WrapError(Internal, err, "No random bytes to be had.")
	}
	switch kind {
	case SecretHMAC:
		return SecretPrefix + base64.StdEncoding.EncodeToString(b), nil
	case SecretEd25519:
		return PrivateKeyPrefix + base64.StdEncoding.EncodeToString(ed25519.NewKeyFromSeed(b)), nil
	}
	return "", FieldErrorf("kind", "A secret is v1 (HMAC-SHA256) or v1a (ed25519), not %q.", kind)
}

// PublicKey returns the `whpk_` that belongs to a `whsk_` secret.
func PublicKey(secret string) (string, error) {
	key, err := privateKey(secret)
	if err != nil {
		return "", err
	}
	return PublicKeyPrefix + base64.StdEncoding.EncodeToString(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:]), nil
}

// SecretHint is what lists show of a symmetric secret: four characters of each
// end, which leave 208 of its 256 bits unsaid.
func SecretHint(secret string) string {
	s := strings.TrimRight(strings.TrimPrefix(secret, SecretPrefix), "=")
	if len(s) < 32 {
		return ""
	}
	return s[:4] + "…" + s[len(s)-4:]
}

func privateKey(secret string) (ed25519.PrivateKey, error) {
	text, ok := strings.CutPrefix(secret, PrivateKeyPrefix)
	b, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(b) != ed25519.PrivateKeySize {
		return nil, FieldErrorf("secret", "A private key is %s followed by base64 of 64 bytes.", PrivateKeyPrefix)
	}
	return b, nil
}

func publicKey(text string) (ed25519.PublicKey, error) {
	rest, ok := strings.CutPrefix(text, PublicKeyPrefix)
	b, err := base64.StdEncoding.DecodeString(rest)
	if !ok || err != nil || len(b) != ed25519.PublicKeySize {
		return nil, FieldErrorf("secret", "A public key is %s followed by base64 of 32 bytes.", PublicKeyPrefix)
	}
	return b, nil
}

// live tells whether the secret signs at this moment.
func (s EndpointSecret) live(now time.Time) bool { return s.RetiresAt == nil || s.RetiresAt.After(now) }

// LiveSecrets are those that sign at this moment, oldest first.
func (e *Endpoint) LiveSecrets(now time.Time) []EndpointSecret {
	var live []EndpointSecret
	for _, s := range e.Secrets {
		if s.live(now) {
			live = append(live, s)
		}
	}
	return live
}

// AddSecret lets s sign from now on. Live secrets of its kind sign on for
// overlap and are then retired; retired ones are forgotten. Conflict when
// MaxLiveSecrets sign already.
func (e *Endpoint) AddSecret(s EndpointSecret, overlap time.Duration, now time.Time) error {
	if overlap < 0 || overlap > MaxOverlap {
		return FieldErrorf("overlap", "Both secrets sign for 0 to %d hours, not %s.", int(MaxOverlap.Hours()), overlap)
	}
	end := now.Add(overlap)
	kept := e.LiveSecrets(now)
	for i, old := range kept {
		if old.Kind == s.Kind && (old.RetiresAt == nil || old.RetiresAt.After(end)) {
			kept[i].RetiresAt = &end
		}
	}
	kept = slices.DeleteFunc(kept, func(old EndpointSecret) bool { return !old.live(now) })
	if len(kept) >= MaxLiveSecrets {
		return Errorf(Conflict, "At most %d secrets sign at once. Retire one first.", MaxLiveSecrets)
	}
	e.Secrets, e.UpdatedAt = append(kept, s), now
	return nil
}

// RetireSecret ends a secret at once and forgets it: NotFound for one that
// does not sign, Conflict for the last that does.
func (e *Endpoint) RetireSecret(id uuid.UUID, now time.Time) error {
	live := e.LiveSecrets(now)
	i := slices.IndexFunc(live, func(s EndpointSecret) bool { return s.ID == id })
	switch {
	case i < 0:
		return Errorf(NotFound, "This endpoint has no such secret. It may be retired already.")
	case len(live) == 1:
		return Errorf(Conflict, "This is the only secret that signs. Rotate it instead, so that requests stay signed.")
	}
	e.Secrets, e.UpdatedAt = slices.Delete(live, i, i+1), now
	return nil
}

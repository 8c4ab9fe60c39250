package domain

import (
	"encoding/base32"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	// RecoveryCodes is how many are made at once.
	RecoveryCodes = 10
	// recoveryBytes of one: 80 bits, since their hashes are quick ones.
	recoveryBytes  = 10
	recoveryLength = recoveryBytes * 8 / 5 // in characters of base 32
)

// SecondFactor is the secret that somebody shares with an authenticator app.
// It counts once a code of it was shown.
type SecondFactor struct {
	UserID      uuid.UUID
	Sealed      string // under the keyring, about SecondFactorAbout
	ConfirmedAt *time.Time
	LastStep    int64 // of the newest code that was taken; each is taken once
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// SecondFactorAbout is what the sealed secret of a user is bound to.
func SecondFactorAbout(user uuid.UUID) string { return "second factor of " + user.String() }

// On tells whether signing in asks for a code.
func (f *SecondFactor) On() bool { return f != nil && f.ConfirmedAt != nil }

// Take accepts a step that is newer than every one before; false for a code
// that was used already.
func (f *SecondFactor) Take(step int64, now time.Time) bool {
	if step <= f.LastStep {
		return false
	}
	f.LastStep, f.UpdatedAt = step, now
	return true
}

// NewRecoveryCodes makes codes that stand in for a lost app, each once: as they
// are shown, in groups of four.
func NewRecoveryCodes(rnd io.Reader) ([]string, error) {
	codes := make([]string, RecoveryCodes)
	for i := range codes {
		b := make([]byte, recoveryBytes)
		if _, err := io.ReadFull(rnd, b); err != nil {
			return nil, WrapError(Internal, err, "No random bytes to be had.")
		}
		text := strings.ToLower(base32.StdEncoding.EncodeToString(b))
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:16]
	}
	return codes, nil
}

// TypedCode is a code without what people put between its parts.
func TypedCode(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' {
			return -1
		}
		return r
	}, s))
}

// IsRecoveryCode tells a recovery code from one of an app, after TypedCode.
func IsRecoveryCode(s string) bool { return len(s) == recoveryLength }

// HashRecoveryCode is what is kept of one.
func HashRecoveryCode(code string) string { return HashSecret("recovery " + TypedCode(code)) }

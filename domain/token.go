package domain

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// TokenPrefix starts every API token, so that scanners can find leaked ones.
const TokenPrefix = "dto_"

// TokenPrefixLength is how many characters of a token are shown in lists.
const TokenPrefixLength = len(TokenPrefix) + 6

// APIToken lets a program act for a user. Only the SHA-256 of it is kept.
type APIToken struct {
	ID         uuid.UUID
	UserID     uuid.UUID
	UserName   string // filled by lists, for showing
	UserEmail  string // filled by lists, for showing
	Name       string
	Prefix     string // first characters, shown in lists
	Hash       string // hex SHA-256 of the whole token
	Scopes     []Scope
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// TokenState is what a request with the token meets.
type TokenState string

const (
	TokenActive  TokenState = "active"
	TokenExpired TokenState = "expired"
	TokenRevoked TokenState = "revoked"
)

// TokenStates in the order in which they are offered.
var TokenStates = []TokenState{TokenActive, TokenExpired, TokenRevoked}

// ScopesFor are the scopes that a token of this user may carry, in the order in
// which they are shown. Deleting goes with the scope upload, so that is left to
// who may do one of the two.
func ScopesFor(u *User) []Scope {
	if u.IsAdmin() {
		return AllScopes
	}
	a, out := UserActor(u), []Scope{}
	if a.May(MayUpload) || a.May(MayDelete) {
		out = append(out, ScopeUpload)
	}
	out = append(out, ScopeRead)
	if a.May(MayProcess) {
		out = append(out, ScopeProcess)
	}
	return out
}

// NewAPIToken makes a token with 256 random bits and returns it with the
// secret, which is shown once and never stored.
func NewAPIToken(id uuid.UUID, user *User, name string, scopes []Scope, expires *time.Time, rnd io.Reader, now time.Time) (*APIToken, string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > MaxNameLength {
		return nil, "", FieldErrorf("name", "A token needs a name of 1 to %d characters.", MaxNameLength)
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return nil, "", FieldErrorf("name", "A token's name is plain text on one line. Type it again.")
	}
	if len(scopes) == 0 {
		return nil, "", FieldErrorf("scopes", "Choose what the token may do: at least one of upload, read, process, admin.")
	}
	if slices.Contains(scopes, ScopeAdmin) && !user.IsAdmin() {
		return nil, "", Errorf(Forbidden, "%s is not an admin, so a token of theirs cannot have the scope admin.", user.Email)
	}
	for _, s := range scopes {
		if !slices.Contains(ScopesFor(user), s) {
			return nil, "", Errorf(Forbidden, "%s may not use the scope %s, so a token of theirs cannot have it.", user.Email, s)
		}
	}
	if expires != nil && !expires.After(now) {
		return nil, "", FieldErrorf("expires", "A token cannot expire in the past.")
	}
	secret, err := RandomText(rnd, 32)
	if err != nil {
		return nil, "", err
	}
	secret = TokenPrefix + secret
	return &APIToken{
		ID: id, UserID: user.ID, Name: name, Prefix: secret[:TokenPrefixLength], Hash: HashSecret(secret),
		Scopes: scopes, ExpiresAt: expires, CreatedAt: now, UpdatedAt: now,
	}, secret, nil
}

// Alive tells whether the token may still be used.
func (t *APIToken) Alive(now time.Time) bool {
	return t.State(now) == TokenActive
}

// State tells why the token is refused, if it is.
func (t *APIToken) State(now time.Time) TokenState {
	switch {
	case t.RevokedAt != nil:
		return TokenRevoked
	case t.ExpiresAt != nil && !t.ExpiresAt.After(now):
		return TokenExpired
	}
	return TokenActive
}

// ParseScopes reads a comma list such as "upload,read".
func ParseScopes(s string) ([]Scope, error) {
	var out []Scope
	for word := range strings.SplitSeq(s, ",") {
		sc := Scope(strings.TrimSpace(word))
		if !slices.Contains(AllScopes, sc) {
			return nil, FieldErrorf("scopes", "%q is not a scope; use upload, read, process or admin.", sc)
		}
		if !slices.Contains(out, sc) {
			out = append(out, sc)
		}
	}
	return out, nil
}

// RandomText returns n random bytes as URL-safe base64 without padding.
func RandomText(rnd io.Reader, n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(rnd, b); err != nil {
		return "", WrapError(Internal, err, "No random bytes to be had.")
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// HashSecret is how session ids and tokens are kept: hex SHA-256. They carry
// 256 random bits, so a slow hash would add nothing.
func HashSecret(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

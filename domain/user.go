package domain

import (
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Role is what a user may do: staff see their own, admins see all.
type Role string

const (
	RoleAdmin Role = "admin"
	RoleStaff Role = "staff"
)

// ParseRole reads a role as typed; any other word is Invalid.
func ParseRole(s string) (Role, error) {
	switch Role(s) {
	case RoleAdmin, RoleStaff:
		return Role(s), nil
	}
	return "", FieldErrorf("role", "Role is admin or staff, not %q.", s)
}

// Limits of what a person may type for an account, in characters.
const (
	MinPasswordLength = 10
	MaxPasswordLength = 200
	MaxNameLength     = 120
	MaxEmailLength    = 254 // RFC 5321, section 4.5.3.1.3
)

// User is a person with an account.
type User struct {
	ID           uuid.UUID
	Email        string // lower case, unique
	Name         string
	PasswordHash string
	Role         Role
	Active       bool
	LastLoginAt  *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// NewUser validates and makes an active user; the password hash is set by the caller.
func NewUser(id uuid.UUID, email, name string, role Role, now time.Time) (*User, error) {
	email, err := NormalizeEmail(email)
	if err != nil {
		return nil, err
	}
	name = strings.TrimSpace(name)
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	if n := utf8.RuneCountInString(name); n > MaxNameLength {
		return nil, FieldErrorf("name", "A name has at most %d characters; this one has %d.", MaxNameLength, n)
	}
	if _, err := ParseRole(string(role)); err != nil {
		return nil, err
	}
	return &User{ID: id, Email: email, Name: name, Role: role, Active: true, CreatedAt: now, UpdatedAt: now}, nil
}

// IsAdmin tells whether the user sees and does everything.
func (u *User) IsAdmin() bool { return u.Role == RoleAdmin }

// NormalizeEmail trims and lowers an address, and refuses what is not one.
func NormalizeEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return "", FieldErrorf("email", "Enter an email address.")
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > MaxEmailLength {
		return "", FieldErrorf("email", "%q is not an email address.", s)
	}
	return s, nil
}

// CheckPassword refuses a password that is too short or too long.
func CheckPassword(p string) error {
	n := utf8.RuneCountInString(p)
	if n < MinPasswordLength {
		return FieldErrorf("password", "A password has at least %d characters; this one has %d.", MinPasswordLength, n)
	}
	if n > MaxPasswordLength {
		return FieldErrorf("password", "A password has at most %d characters; this one has %d.", MaxPasswordLength, n)
	}
	return nil
}

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
	MaxNameLength  = 120
	MaxEmailLength = 254 // RFC 5321, section 4.5.3.1.3
)

// User is a person with an account.
type User struct {
	ID           uuid.UUID
	Email        string // lower case, unique
	Name         string
	PasswordHash string
	Role         Role
	Active       bool
	Allowance    Allowance
	Withheld     []Permission // counts while the role is staff
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
	if name, err = userName(name, email); err != nil {
		return nil, err
	}
	if _, err := ParseRole(string(role)); err != nil {
		return nil, err
	}
	return &User{ID: id, Email: email, Name: name, Role: role, Active: true, CreatedAt: now, UpdatedAt: now}, nil
}

// userName is the name as kept; without one it is the address up to the @.
func userName(name, email string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	if n := utf8.RuneCountInString(name); n > MaxNameLength {
		return "", FieldErrorf("name", "A name has at most %d characters; this one has %d.", MaxNameLength, n)
	}
	return name, nil
}

// UserForm is what admins change of an account.
type UserForm struct {
	Email, Name string
	Role        Role
	Active      bool
	Allowance   Allowance
	Withheld    []Permission
}

// Form is the account as a form holds it.
func (u *User) Form() UserForm {
	return UserForm{Email: u.Email, Name: u.Name, Role: u.Role, Active: u.Active, Allowance: u.Allowance, Withheld: u.Withheld}
}

// Change takes the form over and says what differs, "old → new" by field.
// Invalid on the field that is wrong; nothing has changed then.
func (u *User) Change(f UserForm, now time.Time) (changes map[string]string, err error) {
	if f.Email, err = NormalizeEmail(f.Email); err != nil {
		return nil, err
	}
	if f.Name, err = userName(f.Name, f.Email); err != nil {
		return nil, err
	}
	if f.Role, err = ParseRole(string(f.Role)); err != nil {
		return nil, err
	}
	if f.Allowance, err = f.Allowance.checked(); err != nil {
		return nil, err
	}
	if f.Withheld, err = checkPermissions("permissions", f.Withheld); err != nil {
		return nil, err
	}
	changes = map[string]string{}
	note := func(field, old, now string) {
		if old != now {
			changes[field] = old + " → " + now
		}
	}
	note("email", u.Email, f.Email)
	note("name", u.Name, f.Name)
	note("role", string(u.Role), string(f.Role))
	note("active", yesOrNo(u.Active), yesOrNo(f.Active))
	note("quota", u.Allowance.quotaWords(), f.Allowance.quotaWords())
	note("types", u.Allowance.typeWords(), f.Allowance.typeWords())
	note("permissions", heldWords(u.Withheld), heldWords(f.Withheld))
	if len(changes) > 0 {
		u.Withheld = f.Withheld
		u.Email, u.Name, u.Role, u.Active, u.Allowance, u.UpdatedAt = f.Email, f.Name, f.Role, f.Active, f.Allowance, now
	}
	return changes, nil
}

func yesOrNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
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

// Rename takes another name; Invalid on name.
func (u *User) Rename(name string, now time.Time) (changes map[string]string, err error) {
	f := u.Form()
	f.Name = name
	return u.Change(f, now)
}

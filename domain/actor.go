package domain

import (
	"slices"

	"github.com/google/uuid"
)

// Scope is a right that an API token carries.
type Scope string

const (
	ScopeUpload  Scope = "upload"  // hand in files and batches
	ScopeRead    Scope = "read"    // list, look at and download files and batches
	ScopeProcess Scope = "process" // mark files processed or failed
	ScopeAdmin   Scope = "admin"   // everything an admin may do by API
)

// AllScopes in the order in which they are shown.
var AllScopes = []Scope{ScopeUpload, ScopeRead, ScopeProcess, ScopeAdmin}

// Actor is who asks: nobody, a signed-in user, a token of a user, or the
// system itself (workers, command line). Every use case decides by it.
type Actor struct {
	UserID   uuid.UUID // zero for nobody and for the system
	Name     string
	Email    string
	Role     Role
	TokenID  uuid.UUID // zero unless a token asks
	Scopes   []Scope   // of the token; nil for a browser session
	IsSystem bool
	// IP is where the request came from; "" for the system.
	IP string
	// Allowance is that of the user, as of this request.
	Allowance Allowance
	// Withheld is what the user may not do, as of this request.
	Withheld []Permission
}

// System is the actor of workers and of the command line.
func System() Actor { return Actor{Name: "system", Role: RoleAdmin, IsSystem: true} }

// UserActor is the actor of a browser session.
func UserActor(u *User) Actor {
	return Actor{UserID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role, Allowance: u.Allowance, Withheld: u.Withheld}
}

// TokenActor acts for its user with no more than the token's scopes.
func TokenActor(u *User, t *APIToken) Actor {
	a := UserActor(u)
	a.TokenID, a.Scopes = t.ID, t.Scopes
	return a
}

// IsToken tells whether a token asks.
func (a Actor) IsToken() bool { return a.TokenID != uuid.Nil }

// IsKnown tells whether anybody is signed in.
func (a Actor) IsKnown() bool { return a.IsSystem || a.UserID != uuid.Nil }

// IsAdmin tells whether the actor may do what admins may: an admin in a
// browser, or an admin's token that carries the admin scope.
func (a Actor) IsAdmin() bool {
	return a.Role == RoleAdmin && (!a.IsToken() || slices.Contains(a.Scopes, ScopeAdmin))
}

// Require returns nil when the actor holds the scope (a browser session holds
// what its role holds), Unauthenticated for nobody, Forbidden for a token
// without it.
func (a Actor) Require(s Scope) error {
	if !a.IsKnown() {
		return Errorf(Unauthenticated, "Sign in first, or send a token.")
	}
	if s == ScopeAdmin {
		return a.RequireAdmin()
	}
	if a.IsToken() && !slices.Contains(a.Scopes, s) && !a.IsAdmin() {
		return Errorf(Forbidden, "This token lacks the scope %q. Make one that has it.", s)
	}
	return nil
}

// RequireAdmin returns Unauthenticated for nobody, Forbidden for staff and for
// tokens without the admin scope.
func (a Actor) RequireAdmin() error {
	if !a.IsKnown() {
		return Errorf(Unauthenticated, "Sign in first, or send a token.")
	}
	if !a.IsAdmin() {
		return Errorf(Forbidden, "Only admins may do this. Ask one of them.")
	}
	return nil
}

// OwnerFilter returns whose rows the actor sees: nil means everybody's. An
// admin's consumer token (scope read or process) reaches all files.
func (a Actor) OwnerFilter() *uuid.UUID {
	if a.Role == RoleAdmin {
		return nil
	}
	id := a.UserID
	return &id
}

// Sees tells whether a row of this owner may be seen; what may not be seen is
// answered with not_found.
func (a Actor) Sees(owner *uuid.UUID) bool {
	f := a.OwnerFilter()
	return f == nil || (owner != nil && *owner == *f)
}

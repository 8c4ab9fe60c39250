package usecase

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// SignIn is about browser sessions and tokens.
type SignIn interface {
	// SignIn checks email and password and starts a session. Unauthenticated
	// for a wrong pair (the same words and time for an unknown email, an
	// inactive user and a wrong password; it says how many tries are left),
	// Quota when throttled (it says how long to wait). old is the session id of
	// the cookie that came along, "" for none: it is revoked, so ids rotate.
	SignIn(ctx context.Context, in SignInInput) (*SignedIn, error)
	// SignOut revokes the session of this cookie; an unknown one is no error.
	SignOut(ctx context.Context, sessionID string) error
	// BySession returns who this cookie is; Unauthenticated when it is dead or
	// the user is not active.
	BySession(ctx context.Context, sessionID, ip string) (*SignedIn, error)
	// ByToken returns whose bearer token this is; Unauthenticated as above.
	ByToken(ctx context.Context, token string) (domain.Actor, error)
}

// SignInInput is what the login form sends.
type SignInInput struct {
	Email, Password string
	Remember        bool
	IP, UserAgent   string
	OldSessionID    string
}

// SignedIn is a live session.
type SignedIn struct {
	SessionID string // the cookie's value; set by SignIn only
	CSRF      string
	Actor     domain.Actor
	User      *domain.User
	Session   *domain.WebSession
	ExpiresAt time.Time
}

// Users is what the command line does with accounts.
type Users interface {
	// Bootstrap makes the first admin when there is no user at all. It returns
	// the password when it made a random one, else "".
	Bootstrap(ctx context.Context, email, password string) (created *domain.User, random string, err error)
	Create(ctx context.Context, a domain.Actor, email, name, password string, role domain.Role) (*domain.User, error)
	// SetPassword ends the user's sessions too.
	SetPassword(ctx context.Context, a domain.Actor, email, password string) error
	List(ctx context.Context, a domain.Actor) ([]*domain.User, error)
	// CreateToken returns the secret, shown once.
	CreateToken(ctx context.Context, a domain.Actor, in TokenInput) (*domain.APIToken, string, error)
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.User, error)
}

// TokenInput describes a new token; Expires 0 means never.
type TokenInput struct {
	UserEmail, Name string
	Scopes          []domain.Scope
	Expires         time.Duration
}

package usecase

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// SignIn is about browser sessions and tokens.
type SignIn interface {
	// SignIn checks email and password and starts a session. Unauthenticated
	// for a wrong pair (the same words and time for an unknown email, an
	// inactive user and a wrong password; it says how many tries are left),
	// Quota when throttled (it says how long to wait). old is the session id of
	// the cookie that came along, "" for none: it is revoked, so ids rotate.
	// When the account has a second factor, no session starts: Ticket is set
	// instead, and SecondStep goes on from there.
	SignIn(ctx context.Context, in SignInInput) (*SignedIn, error)
	// SecondStep starts the session with a code of the app, or a recovery code;
	// each works once. Invalid on code (it says how many tries are left), Quota
	// when throttled, Expired when the ticket is older than its ten minutes or
	// the password was changed since. Email, Password and Remember of in are of
	// no account.
	SecondStep(ctx context.Context, ticket, code string, in SignInInput) (*SignedIn, error)
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
	Ticket    string // nothing else is set then: a code is asked for
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
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.User, error)
	FindByEmail(ctx context.Context, a domain.Actor, email string) (*domain.User, error)
}

// Tokens is about API tokens. A token may not manage tokens, whatever its
// scopes: every method is Forbidden for an actor that is one.
type Tokens interface {
	// List returns the actor's own. For an admin q.Owner counts: another's, or
	// everybody's when nil.
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.APIToken], error)
	// Find returns one's own token, an admin anybody's.
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*TokenDetail, error)
	// FindByPrefix is Find by the characters that lists show, or by the whole
	// token; Conflict when several begin so.
	FindByPrefix(ctx context.Context, a domain.Actor, prefix string) (*domain.APIToken, error)
	// Create returns the secret too, which is shown once and never again.
	// Invalid on field name, scopes or expires; Forbidden for a scope that the
	// user's role may not have, and for UserEmail unless the system asks.
	Create(ctx context.Context, a domain.Actor, in TokenInput) (t *domain.APIToken, secret string, err error)
	// Revoke ends the tokens for good, all or, on an error, none. Those that
	// were revoked before are not counted.
	Revoke(ctx context.Context, a domain.Actor, ids []uuid.UUID) (revoked int, err error)
}

// TokenInput describes a new token.
type TokenInput struct {
	UserEmail string // whose; "" for the actor's own
	Name      string
	Scopes    []domain.Scope
	Expires   time.Duration // 0 means never
}

// TokenDetail is what a token's page shows.
type TokenDetail struct {
	Token   *domain.APIToken
	User    *domain.User
	History []*domain.AuditEntry
}

// Me tells an actor who it is.
type Me interface {
	// Token is the token that asks, nil when none does.
	Token(ctx context.Context, a domain.Actor) (*domain.APIToken, error)
}

// Accounts is what admins do with people's accounts in pages. It is Forbidden
// for everybody else and for tokens, whatever their scopes: one that leaked
// must not make itself friends.
type Accounts interface {
	AccountReader
	AccountWriter
}

// AccountReader looks at accounts.
type AccountReader interface {
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.User], error)
	Tally(ctx context.Context, a domain.Actor, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error)
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*AccountDetail, error)
}

// AccountWriter changes accounts. The last active admin can be neither demoted
// nor switched off nor deleted: Conflict.
type AccountWriter interface {
	// Add makes an account. password "" has one made, which is returned and kept
	// as a hash alone. Invalid on email, name, role and password, Conflict on
	// email.
	Add(ctx context.Context, a domain.Actor, f domain.UserForm, password string) (u *domain.User, made string, err error)
	// Change is Conflict when the account was changed since seen, its UpdatedAt
	// when the form was filled. Who is switched off by it is signed out.
	Change(ctx context.Context, a domain.Actor, id uuid.UUID, f domain.UserForm, seen time.Time) (*domain.User, error)
	// Switch turns accounts on or off, all or, on an error, none, and says how
	// many changed. Who is switched off is signed out everywhere; tokens are
	// refused until the account is on again.
	Switch(ctx context.Context, a domain.Actor, ids []uuid.UUID, on bool) (changed int, err error)
	// EndAccess ends all sessions and revokes all tokens of the accounts.
	EndAccess(ctx context.Context, a domain.Actor, ids []uuid.UUID) (AccessEnded, error)
	// ResetPassword gives the account a random password, returns it and signs
	// its user out everywhere.
	ResetPassword(ctx context.Context, a domain.Actor, id uuid.UUID) (password string, err error)
	// Delete removes accounts with their sessions and tokens, all or none. What
	// they handed in stays and is nobody's. Conflict for one's own account.
	Delete(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error)
}

// AccessEnded is what EndAccess ended.
type AccessEnded struct{ Sessions, Tokens int }

// AccountDetail is what an account's page shows. Counts stop at
// ports.CountCap.
type AccountDetail struct {
	User     *domain.User
	Usage    domain.Usage
	Sessions []*domain.WebSession // live, the last used first
	// SecondFactor tells whether signing in asks for a code too.
	SecondFactor bool
	Tokens       ports.Page[*domain.APIToken] // that work, the newest few
	Files        ports.Page[*domain.File]     // the newest few
	Batches      ports.Page[*domain.Batch]    // the newest few
}

// History is the audit log, for admins alone.
type History interface {
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.AuditEntry], error)
	Tally(ctx context.Context, a domain.Actor, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error)
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.AuditEntry, error)
}

package accounts

import (
	"context"
	"io"
	"time"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// touchEvery is how old last_seen_at may grow before it is written again.
const touchEvery = time.Minute

// SignIn implements usecase.SignIn.
type SignIn struct {
	DB     ports.Transactor
	Hasher ports.PasswordHasher
	Clock  ports.Clock
	IDs    ports.IDs
	Random io.Reader
	Keys   *domain.Keyring
	Codes  ports.OneTimeCodes

	lookups lookups
}

var _ usecase.SignIn = (*SignIn)(nil)

// SignIn implements usecase.SignIn.
func (s *SignIn) SignIn(ctx context.Context, in usecase.SignInInput) (*usecase.SignedIn, error) {
	now := s.Clock.Now()
	email, err := domain.NormalizeEmail(in.Email)
	if err != nil {
		email = ""
	}
	user, err := s.findUser(ctx, email)
	if err != nil {
		return nil, err
	}
	t := s.throttle(email, in.IP, user)
	if err := t.check(ctx, now); err != nil {
		return nil, err
	}
	hash := ""
	if user != nil && user.Active {
		hash = user.PasswordHash
	}
	ok, err := s.Hasher.Verify(ctx, hash, in.Password)
	if err != nil {
		return nil, err
	}
	if !ok || user == nil {
		return nil, t.fail(ctx, now)
	}
	ticket, err := s.needsCode(ctx, user, in.Remember, now)
	if err != nil {
		return nil, err
	}
	if ticket != "" {
		return &usecase.SignedIn{Ticket: ticket}, nil
	}
	return s.start(ctx, user, in, t, now)
}

// findUser returns nil for an unknown address, so that the caller goes on at
// the same pace.
func (s *SignIn) findUser(ctx context.Context, email string) (*domain.User, error) {
	u, err := s.DB.Reads().Users.FindByEmail(ctx, email)
	if domain.IsCode(err, domain.NotFound) {
		return nil, nil
	}
	return u, err
}

func (s *SignIn) start(ctx context.Context, user *domain.User, in usecase.SignInInput, t throttle, now time.Time) (*usecase.SignedIn, error) {
	id, err := domain.RandomText(s.Random, 32)
	if err != nil {
		return nil, err
	}
	csrf, err := domain.RandomText(s.Random, 32)
	if err != nil {
		return nil, err
	}
	ws := &domain.WebSession{
		ID: s.IDs.New(), Hash: domain.HashSecret(id), UserID: user.ID, CSRF: csrf, Remember: in.Remember,
		IP: in.IP, UserAgent: clip(in.UserAgent, 300), LastSeenAt: now, CreatedAt: now, UpdatedAt: now,
	}
	ws.ExpiresAt = now.Add(ws.TTL())
	checked := user.PasswordHash
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		// What an admin changed while the password was checked counts.
		u, err := st.Users.Lock(ctx, ws.UserID)
		if err != nil {
			return err
		}
		if !u.Active || u.PasswordHash != checked {
			return domain.Errorf(domain.Unauthenticated, "This account was changed a moment ago. Sign in again.")
		}
		u.LastLoginAt, user = &now, u
		if err := st.Users.Save(ctx, u); err != nil {
			return err
		}
		if err := revokeByID(ctx, st, in.OldSessionID, now); err != nil {
			return err
		}
		if err := t.clear(ctx, st); err != nil {
			return err
		}
		if err := st.WebSessions.Insert(ctx, ws); err != nil {
			return err
		}
		e := domain.NewAuditEntry(s.IDs.New(), domain.UserActor(user), "user.signed_in", "user", user.ID, nil, now)
		e.IP = in.IP
		return st.Audit.Append(ctx, e)
	})
	if err != nil {
		return nil, err
	}
	return signedIn(id, user, ws), nil
}

// SignOut implements usecase.SignIn.
func (s *SignIn) SignOut(ctx context.Context, sessionID string) error {
	now := s.Clock.Now()
	return s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		return revokeByID(ctx, st, sessionID, now)
	})
}

// BySession implements usecase.SignIn.
func (s *SignIn) BySession(ctx context.Context, sessionID, ip string) (*usecase.SignedIn, error) {
	now := s.Clock.Now()
	ws, user, err := s.DB.Reads().WebSessions.FindByHash(ctx, domain.HashSecret(sessionID))
	if domain.IsCode(err, domain.NotFound) || (err == nil && !ws.Alive(now)) {
		return nil, domain.Errorf(domain.Unauthenticated, "You were signed out. Sign in again.")
	}
	if err != nil {
		return nil, err
	}
	if !user.Active {
		return nil, switchedOff()
	}
	if now.Sub(ws.LastSeenAt) >= touchEvery {
		ws.LastSeenAt, ws.ExpiresAt = now, now.Add(ws.TTL())
		err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
			return st.WebSessions.Touch(ctx, ws.ID, now, ws.ExpiresAt)
		})
		if err != nil {
			return nil, err
		}
	}
	return signedIn("", user, ws), nil
}

// ByToken implements usecase.SignIn.
func (s *SignIn) ByToken(ctx context.Context, token string) (domain.Actor, error) {
	now := s.Clock.Now()
	hash := domain.HashSecret(token)
	found, err := s.lookups.do(ctx, hash, func() (found bearer, err error) {
		found.token, found.user, err = s.DB.Reads().Tokens.FindByHash(ctx, hash)
		return found, err
	})
	t, user := found.token, found.user
	if domain.IsCode(err, domain.NotFound) || (err == nil && !t.Alive(now)) {
		return domain.Actor{}, domain.Errorf(domain.Unauthenticated, "This token is unknown, expired or revoked. Make a new one.")
	}
	if err != nil {
		return domain.Actor{}, err
	}
	if !user.Active {
		return domain.Actor{}, switchedOff()
	}
	if t.LastUsedAt == nil || now.Sub(*t.LastUsedAt) >= touchEvery {
		err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error { return st.Tokens.Touch(ctx, t.ID, now) })
		if err != nil {
			return domain.Actor{}, err
		}
	}
	return domain.TokenActor(user, t), nil
}

func switchedOff() error {
	return domain.Errorf(domain.Unauthenticated, "This account is switched off. Ask an admin.")
}

func revokeByID(ctx context.Context, st ports.Stores, sessionID string, now time.Time) error {
	if sessionID == "" {
		return nil
	}
	old, _, err := st.WebSessions.FindByHash(ctx, domain.HashSecret(sessionID))
	if domain.IsCode(err, domain.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return st.WebSessions.Revoke(ctx, old.ID, now)
}

func signedIn(id string, u *domain.User, ws *domain.WebSession) *usecase.SignedIn {
	return &usecase.SignedIn{SessionID: id, CSRF: ws.CSRF, Actor: domain.UserActor(u), User: u, Session: ws, ExpiresAt: ws.ExpiresAt}
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

package accounts

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Profile implements usecase.Profile.
type Profile struct {
	*Users
}

var _ usecase.Profile = (*Profile)(nil)

// own is nil for somebody in a browser.
func own(a domain.Actor) error {
	switch {
	case a.UserID == uuid.Nil:
		return domain.Errorf(domain.Unauthenticated, "Sign in first.")
	case a.IsToken():
		return domain.Errorf(domain.Forbidden, "A token cannot change the account it acts for. Sign in with a browser.")
	}
	return nil
}

// Show implements usecase.Profile.
func (p *Profile) Show(ctx context.Context, a domain.Actor) (*usecase.ProfileDetail, error) {
	if err := own(a); err != nil {
		return nil, err
	}
	r := p.DB.Reads()
	user, err := r.Users.Find(ctx, a.UserID)
	if err != nil {
		return nil, err
	}
	d := &usecase.ProfileDetail{User: user, Usage: domain.Usage{Quota: user.Allowance.Quota}}
	if d.Usage.Used, err = r.Uploads.Used(ctx, a.UserID); err != nil {
		return nil, err
	}
	d.Sessions, err = r.WebSessions.ListLive(ctx, a.UserID, p.Clock.Now(), maxSessions)
	return d, err
}

// Rename implements usecase.Profile.
func (p *Profile) Rename(ctx context.Context, a domain.Actor, name string) error {
	if err := own(a); err != nil {
		return err
	}
	return p.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		user, err := s.Users.Lock(ctx, a.UserID)
		if err != nil {
			return err
		}
		now := p.Clock.Now()
		changes, err := user.Rename(name, now)
		if err != nil || len(changes) == 0 {
			return err
		}
		if err := s.Users.Save(ctx, user); err != nil {
			return err
		}
		return p.note(ctx, s, a, "user.changed", changes, now)
	})
}

// note adds a line to the history of the actor's own account.
func (p *Profile) note(ctx context.Context, s ports.Stores, a domain.Actor, action string, changes map[string]string, now time.Time) error {
	return s.Audit.Append(ctx, domain.NewAuditEntry(p.IDs.New(), a, action, "user", a.UserID, changes, now))
}

// ChangePassword implements usecase.Profile.
func (p *Profile) ChangePassword(ctx context.Context, a domain.Actor, current, password string, kept uuid.UUID) error {
	if err := own(a); err != nil {
		return err
	}
	user, err := p.DB.Reads().Users.Find(ctx, a.UserID)
	if err != nil {
		return err
	}
	if err := p.confirm(ctx, user, current, "current"); err != nil {
		return err
	}
	if current == password {
		return domain.FieldErrorf("password", "This is the password you have. Choose another one.")
	}
	hash, err := p.hash(ctx, password)
	if err != nil {
		return err
	}
	checked := user.PasswordHash
	return p.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		user, err := s.Users.Lock(ctx, a.UserID)
		if err != nil {
			return err
		}
		if user.PasswordHash != checked {
			return domain.Errorf(domain.Conflict, "Your password was changed elsewhere a moment ago. Sign in again.")
		}
		now := p.Clock.Now()
		user.PasswordHash, user.UpdatedAt = hash, now
		if err := s.Users.Save(ctx, user); err != nil {
			return err
		}
		if err := s.WebSessions.RevokeAllOf(ctx, user.ID, kept, now); err != nil {
			return err
		}
		return p.note(ctx, s, a, "user.password_set", nil, now)
	})
}

// confirm asks for the password once more before something weighty is done. A
// browser that somebody left open must not guess it at leisure.
func (p *Profile) confirm(ctx context.Context, user *domain.User, password, field string) error {
	b := app.Bucket{Key: "confirm:" + user.ID.String(), Tries: pairTries, Drain: pairDrain}
	now := p.Clock.Now()
	if err := b.Check(ctx, p.DB.Reads(), now); err != nil {
		return err
	}
	ok, err := p.Hasher.Verify(ctx, user.PasswordHash, password)
	if err != nil || ok {
		return err
	}
	left, err := b.Fail(ctx, p.DB, now)
	if err != nil {
		return err
	}
	return domain.FieldErrorf(field, "That is not your password. %s left.", tries(left))
}

// EndSession implements usecase.Profile.
func (p *Profile) EndSession(ctx context.Context, a domain.Actor, id uuid.UUID) error {
	if err := own(a); err != nil {
		return err
	}
	return p.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		now := p.Clock.Now()
		live, err := s.WebSessions.ListLive(ctx, a.UserID, now, maxSessions)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(live, func(ws *domain.WebSession) bool { return ws.ID == id })
		if i < 0 {
			return domain.Errorf(domain.NotFound, "You have no such session. It may have ended by itself.")
		}
		if err := s.WebSessions.Revoke(ctx, id, now); err != nil {
			return err
		}
		return p.note(ctx, s, a, "user.session_ended", map[string]string{"address": live[i].IP}, now)
	})
}

// EndOtherSessions implements usecase.Profile.
func (p *Profile) EndOtherSessions(ctx context.Context, a domain.Actor, kept uuid.UUID) (ended int, err error) {
	if err := own(a); err != nil {
		return 0, err
	}
	err = p.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		now := p.Clock.Now()
		live, err := s.WebSessions.ListLive(ctx, a.UserID, now, maxSessions)
		if err != nil {
			return err
		}
		ended = len(slices.DeleteFunc(live, func(ws *domain.WebSession) bool { return ws.ID == kept }))
		if ended == 0 {
			return nil
		}
		if err := s.WebSessions.RevokeAllOf(ctx, a.UserID, kept, now); err != nil {
			return err
		}
		return p.note(ctx, s, a, "user.access_ended", map[string]string{"sessions": strconv.Itoa(ended)}, now)
	})
	return ended, err
}

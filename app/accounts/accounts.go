package accounts

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// fewRows is how many related rows an account's page shows.
const fewRows = 5

// maxSessions is how many browsers of one person are listed and counted.
const maxSessions = 200

// Accounts implements usecase.Accounts.
type Accounts struct {
	*Users
}

var _ usecase.Accounts = (*Accounts)(nil)

func governs(a domain.Actor) error {
	if err := a.RequireAdmin(); err != nil {
		return err
	}
	if a.IsToken() {
		return domain.Errorf(domain.Forbidden, "A token cannot manage accounts. Sign in with a browser, or use the command line.")
	}
	return nil
}

// List implements usecase.Accounts.
func (u *Accounts) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.User], error) {
	if err := governs(a); err != nil {
		return ports.Page[*domain.User]{}, err
	}
	return u.DB.Reads().Users.List(ctx, q)
}

// Tally implements usecase.Accounts.
func (u *Accounts) Tally(ctx context.Context, a domain.Actor, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	if err := governs(a); err != nil {
		return ports.Tally{}, err
	}
	return u.DB.Reads().Users.Tally(ctx, q, by)
}

// Find implements usecase.Accounts.
func (u *Accounts) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.AccountDetail, error) {
	if err := governs(a); err != nil {
		return nil, err
	}
	r := u.DB.Reads()
	user, err := r.Users.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	d := &usecase.AccountDetail{User: user, Usage: domain.Usage{Quota: user.Allowance.Quota}}
	if d.Usage.Used, err = r.Uploads.Used(ctx, id); err != nil {
		return nil, err
	}
	if d.Sessions, err = r.WebSessions.ListLive(ctx, id, u.Clock.Now(), maxSessions); err != nil {
		return nil, err
	}
	factor, err := factorOf(ctx, r, id)
	if err != nil {
		return nil, err
	}
	d.SecondFactor = factor.On()
	few := ports.ListQuery{Owner: &id, Limit: fewRows}
	if d.Files, err = r.Files.List(ctx, few); err != nil {
		return nil, err
	}
	if d.Batches, err = r.Batches.List(ctx, few); err != nil {
		return nil, err
	}
	few.Filters = map[string][]string{"state": {string(domain.TokenActive)}}
	d.Tokens, err = r.Tokens.List(ctx, few)
	return d, err
}

// Add implements usecase.Accounts.
func (u *Accounts) Add(ctx context.Context, a domain.Actor, f domain.UserForm, password string) (*domain.User, string, error) {
	if err := governs(a); err != nil {
		return nil, "", err
	}
	made := ""
	if password == "" {
		var err error
		if made, err = domain.RandomText(u.Random, 12); err != nil {
			return nil, "", err
		}
		password = made
	}
	user, err := u.create(ctx, a, f, password)
	return user, made, err
}

// Change implements usecase.Accounts.
func (u *Accounts) Change(ctx context.Context, a domain.Actor, id uuid.UUID, f domain.UserForm, seen time.Time) (*domain.User, error) {
	if err := governs(a); err != nil {
		return nil, err
	}
	var changed *domain.User
	err := u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		admins, user, err := lockBoth(ctx, s, id)
		if err != nil {
			return err
		}
		if !seen.IsZero() && !user.UpdatedAt.Equal(seen) {
			return domain.Errorf(domain.Conflict, "Somebody else changed this account since you opened it. Look at it again, then save.")
		}
		changed = user
		return u.change(ctx, a, s, admins, user, f)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// lockBoth locks the admins first, then the user: in one order for all.
func lockBoth(ctx context.Context, s ports.Stores, id uuid.UUID) ([]uuid.UUID, *domain.User, error) {
	admins, err := s.Users.LockAdmins(ctx)
	if err != nil {
		return nil, nil, err
	}
	user, err := s.Users.Lock(ctx, id)
	return admins, user, err
}

// change writes what differs.
func (u *Accounts) change(ctx context.Context, a domain.Actor, s ports.Stores, admins []uuid.UUID, user *domain.User, f domain.UserForm) error {
	now := u.Clock.Now()
	was := *user
	changes, err := user.Change(f, now)
	if err != nil || len(changes) == 0 {
		return err
	}
	if was.IsAdmin() && was.Active && !(user.IsAdmin() && user.Active) {
		if err := notTheLast(admins, &was); err != nil {
			return err
		}
	}
	if err := s.Users.Save(ctx, user); err != nil {
		return err
	}
	if was.Active && !user.Active {
		if err := s.WebSessions.RevokeAllOf(ctx, user.ID, uuid.Nil, now); err != nil {
			return err
		}
	}
	return s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "user.changed", "user", user.ID, changes, now))
}

// notTheLast refuses to lose the only one who can let others in.
func notTheLast(admins []uuid.UUID, user *domain.User) error {
	if len(admins) == 1 && admins[0] == user.ID {
		return domain.Errorf(domain.Conflict, "%s is the last active admin. Make somebody else an admin first.", user.Name)
	}
	return nil
}

// Switch implements usecase.Accounts.
func (u *Accounts) Switch(ctx context.Context, a domain.Actor, ids []uuid.UUID, on bool) (changed int, err error) {
	if err := governs(a); err != nil {
		return 0, err
	}
	err = u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		changed = 0
		for _, id := range ids {
			admins, user, err := lockBoth(ctx, s, id)
			if err != nil {
				return err
			}
			if user.Active == on {
				continue
			}
			changed++
			f := user.Form()
			f.Active = on
			if err := u.change(ctx, a, s, admins, user, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return changed, nil
}

// EndAccess implements usecase.Accounts.
func (u *Accounts) EndAccess(ctx context.Context, a domain.Actor, ids []uuid.UUID) (usecase.AccessEnded, error) {
	var all usecase.AccessEnded
	if err := governs(a); err != nil {
		return all, err
	}
	err := u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		all = usecase.AccessEnded{}
		for _, id := range ids {
			user, err := s.Users.Lock(ctx, id)
			if err != nil {
				return err
			}
			ended, err := u.endAccess(ctx, a, s, user)
			if err != nil {
				return err
			}
			all.Sessions += ended.Sessions
			all.Tokens += ended.Tokens
		}
		return nil
	})
	if err != nil {
		return usecase.AccessEnded{}, err
	}
	return all, nil
}

// endAccess of one. Every token has its own line in its own history.
func (u *Accounts) endAccess(ctx context.Context, a domain.Actor, s ports.Stores, user *domain.User) (usecase.AccessEnded, error) {
	var ended usecase.AccessEnded
	now := u.Clock.Now()
	live, err := s.WebSessions.ListLive(ctx, user.ID, now, maxSessions)
	if err != nil {
		return ended, err
	}
	ended.Sessions = len(live)
	if err := s.WebSessions.RevokeAllOf(ctx, user.ID, uuid.Nil, now); err != nil {
		return ended, err
	}
	q := ports.ListQuery{Owner: &user.ID, Limit: ports.MaxPageSize, Filters: map[string][]string{"state": {string(domain.TokenActive)}}}
	for {
		page, err := s.Tokens.List(ctx, q)
		if err != nil || len(page.Items) == 0 {
			if err == nil && ended != (usecase.AccessEnded{}) {
				err = s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "user.access_ended", "user", user.ID, map[string]string{
					"sessions": strconv.Itoa(ended.Sessions), "tokens": strconv.Itoa(ended.Tokens),
				}, now))
			}
			return ended, err
		}
		for _, t := range page.Items {
			if err := s.Tokens.Revoke(ctx, t.ID, now); err != nil {
				return ended, err
			}
			if err := s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "token.revoked", "token", t.ID, map[string]string{"name": t.Name}, now)); err != nil {
				return ended, err
			}
			ended.Tokens++
		}
	}
}

// ResetPassword implements usecase.Accounts.
func (u *Accounts) ResetPassword(ctx context.Context, a domain.Actor, id uuid.UUID) (string, error) {
	if err := governs(a); err != nil {
		return "", err
	}
	user, err := u.DB.Reads().Users.Find(ctx, id)
	if err != nil {
		return "", err
	}
	password, err := domain.RandomText(u.Random, 12)
	if err != nil {
		return "", err
	}
	return password, u.SetPassword(ctx, a, user.Email, password)
}

// Delete implements usecase.Accounts.
func (u *Accounts) Delete(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error) {
	if err := governs(a); err != nil {
		return 0, err
	}
	err := u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		for _, id := range ids {
			if id == a.UserID {
				return domain.Errorf(domain.Conflict, "This is your own account. Ask another admin to delete it.")
			}
			admins, user, err := lockBoth(ctx, s, id)
			if err != nil {
				return err
			}
			if err := notTheLast(admins, user); err != nil {
				return err
			}
			if err := s.Users.Delete(ctx, id); err != nil {
				return err
			}
			err = s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "user.deleted", "user", id,
				map[string]string{"email": user.Email, "name": user.Name, "role": string(user.Role)}, u.Clock.Now()))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(ids), nil
}

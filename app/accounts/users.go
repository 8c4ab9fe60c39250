package accounts

import (
	"context"
	"io"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Users implements usecase.Users.
type Users struct {
	DB     ports.Transactor
	Hasher ports.PasswordHasher
	Clock  ports.Clock
	IDs    ports.IDs
	Random io.Reader
}

var _ usecase.Users = (*Users)(nil)

// Bootstrap implements usecase.Users. Two processes that start at once make
// one admin: the email is unique, and the loser finds a user there.
func (u *Users) Bootstrap(ctx context.Context, email, password string) (*domain.User, string, error) {
	n, err := u.DB.Reads().Users.Count(ctx)
	if err != nil || n > 0 {
		return nil, "", err
	}
	random := ""
	if password == "" {
		if random, err = domain.RandomText(u.Random, 12); err != nil {
			return nil, "", err
		}
		password = random
	}
	user, err := u.Create(ctx, domain.System(), email, "", password, domain.RoleAdmin)
	if domain.IsCode(err, domain.Conflict) {
		return nil, "", nil
	}
	return user, random, err
}

// Create implements usecase.Users.
func (u *Users) Create(ctx context.Context, a domain.Actor, email, name, password string, role domain.Role) (*domain.User, error) {
	return u.create(ctx, a, domain.UserForm{Email: email, Name: name, Role: role}, password)
}

// create makes an active account of the form.
func (u *Users) create(ctx context.Context, a domain.Actor, f domain.UserForm, password string) (*domain.User, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	now := u.Clock.Now()
	user, err := domain.NewUser(u.IDs.New(), f.Email, f.Name, f.Role, now)
	if err != nil {
		return nil, err
	}
	f.Active = true
	changes, err := user.Change(f, now)
	if err != nil {
		return nil, err
	}
	changes["email"], changes["role"] = user.Email, string(user.Role)
	if user.PasswordHash, err = u.hash(ctx, password); err != nil {
		return nil, err
	}
	err = u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if err := s.Users.Insert(ctx, user); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "user.created", "user", user.ID, changes, now))
	})
	if err != nil {
		return nil, err
	}
	return user, nil
}

// SetPassword implements usecase.Users.
func (u *Users) SetPassword(ctx context.Context, a domain.Actor, email, password string) error {
	if err := a.RequireAdmin(); err != nil {
		return err
	}
	user, err := byEmail(ctx, u.DB.Reads(), email)
	if err != nil {
		return err
	}
	hash, err := u.hash(ctx, password)
	if err != nil {
		return err
	}
	now := u.Clock.Now()
	return u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if user, err = s.Users.Lock(ctx, user.ID); err != nil {
			return err
		}
		user.PasswordHash, user.UpdatedAt = hash, now
		if err := s.Users.Save(ctx, user); err != nil {
			return err
		}
		if err := s.WebSessions.RevokeAllOf(ctx, user.ID, uuid.Nil, now); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "user.password_set", "user", user.ID, nil, now))
	})
}

func (u *Users) hash(ctx context.Context, password string) (string, error) {
	if err := domain.CheckPassword(password); err != nil {
		return "", err
	}
	return u.Hasher.Hash(ctx, password)
}

func byEmail(ctx context.Context, reads ports.Stores, email string) (*domain.User, error) {
	email, err := domain.NormalizeEmail(email)
	if err != nil {
		return nil, err
	}
	return reads.Users.FindByEmail(ctx, email)
}

// List implements usecase.Users.
func (u *Users) List(ctx context.Context, a domain.Actor) ([]*domain.User, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	page, err := u.DB.Reads().Users.List(ctx, ports.ListQuery{Limit: ports.MaxPageSize})
	return page.Items, err
}

// Find implements usecase.Users.
func (u *Users) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.User, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	return u.DB.Reads().Users.Find(ctx, id)
}

// FindByEmail implements usecase.Users.
func (u *Users) FindByEmail(ctx context.Context, a domain.Actor, email string) (*domain.User, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	return byEmail(ctx, u.DB.Reads(), email)
}

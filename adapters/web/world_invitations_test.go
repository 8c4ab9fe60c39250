package web_test

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// fakeInvitations has one that is open, behind the link /join/the-token.
type fakeInvitations struct{ *world }

func (f fakeInvitations) open() *domain.Invitation {
	return &domain.Invitation{ID: id(991), Email: "new@halden.example", Role: domain.RoleStaff, InviterName: hostile, ExpiresAt: noon.Add(time.Hour), CreatedAt: noon, UpdatedAt: noon}
}

func (f fakeInvitations) List(_ context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Invitation], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.Invitation]{}, err
	}
	return pageOf(f.world, q, []*domain.Invitation{f.open()}), nil
}

func (f fakeInvitations) Find(_ context.Context, a domain.Actor, which uuid.UUID) (*domain.Invitation, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	if which != id(991) {
		return nil, domain.Errorf(domain.NotFound, "There is no such invitation.")
	}
	return f.open(), nil
}

func (f fakeInvitations) Invite(_ context.Context, _ domain.Actor, email string, role domain.Role) (*domain.Invitation, string, error) {
	email, err := domain.NormalizeEmail(email)
	if err != nil {
		return nil, "", err
	}
	fakeAccounts(f).note("invited " + email + " " + string(role))
	return f.open(), "the-token", nil
}

func (f fakeInvitations) Revoke(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	fakeAccounts(f).note("taken back", ids...)
	return len(ids), nil
}

func (f fakeInvitations) Open(_ context.Context, token string) (*domain.Invitation, error) {
	if token != "the-token" {
		return nil, domain.Errorf(domain.Expired, "This invitation was used.")
	}
	return f.open(), nil
}

func (f fakeInvitations) Accept(_ context.Context, token, name, password string) (*domain.User, error) {
	if _, err := f.Open(context.Background(), token); err != nil {
		return nil, err
	}
	if err := domain.CheckPassword(password); err != nil {
		return nil, err
	}
	fakeAccounts(f).note("joined as " + name)
	return priya, nil
}

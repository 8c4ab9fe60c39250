package accounts

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Invitations implements usecase.Invitations.
type Invitations struct {
	*Users
}

var _ usecase.Invitations = (*Invitations)(nil)

// List implements usecase.Invitations.
func (u *Invitations) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Invitation], error) {
	if err := governs(a); err != nil {
		return ports.Page[*domain.Invitation]{}, err
	}
	return u.DB.Reads().Invitations.List(ctx, q)
}

// Find implements usecase.Invitations.
func (u *Invitations) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Invitation, error) {
	if err := governs(a); err != nil {
		return nil, err
	}
	return u.DB.Reads().Invitations.Find(ctx, id)
}

// Invite implements usecase.Invitations.
func (u *Invitations) Invite(ctx context.Context, a domain.Actor, email string, role domain.Role) (*domain.Invitation, string, error) {
	if err := governs(a); err != nil {
		return nil, "", err
	}
	now := u.Clock.Now()
	i, token, err := domain.NewInvitation(u.IDs.New(), email, role, a, u.Random, now)
	if err != nil {
		return nil, "", err
	}
	err = u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		_, err := s.Users.FindByEmail(ctx, i.Email)
		if err == nil {
			return &domain.Error{Code: domain.Conflict, Field: "email", Message: "Somebody has an account with " + i.Email + " already."}
		}
		if !domain.IsCode(err, domain.NotFound) {
			return err
		}
		if err := s.Invitations.Insert(ctx, i); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "invitation.created", "invitation", i.ID, map[string]string{"email": i.Email, "role": string(i.Role)}, now))
	})
	if err != nil {
		return nil, "", err
	}
	return i, token, nil
}

// Revoke implements usecase.Invitations.
func (u *Invitations) Revoke(ctx context.Context, a domain.Actor, ids []uuid.UUID) (n int, err error) {
	if err := governs(a); err != nil {
		return 0, err
	}
	err = u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		n = 0
		now := u.Clock.Now()
		for _, id := range ids {
			ended, err := s.Invitations.Revoke(ctx, id, now)
			if err != nil {
				return err
			}
			if !ended {
				continue
			}
			n++
			if err := s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "invitation.revoked", "invitation", id, nil, now)); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// Open implements usecase.Invitations.
func (u *Invitations) Open(ctx context.Context, token string) (*domain.Invitation, error) {
	i, err := u.DB.Reads().Invitations.FindByHash(ctx, domain.HashSecret(token))
	if domain.IsCode(err, domain.NotFound) {
		return nil, domain.Errorf(domain.NotFound, "There is no such invitation. The link lost a character on its way here; ask for it once more.")
	}
	if err == nil && i.State(u.Clock.Now()) != domain.InvitationOpen {
		return nil, overInvitation()
	}
	return i, err
}

func overInvitation() error {
	return domain.Errorf(domain.Expired, "This invitation was used, taken back, or is older than a week. If you have an account, sign in; else ask for another one.")
}

// Accept implements usecase.Invitations.
func (u *Invitations) Accept(ctx context.Context, token, name, password string) (*domain.User, error) {
	i, err := u.Open(ctx, token)
	if err != nil {
		return nil, err
	}
	now := u.Clock.Now()
	user, err := domain.NewUser(u.IDs.New(), i.Email, name, i.Role, now)
	if err != nil {
		return nil, err
	}
	if user.PasswordHash, err = u.hash(ctx, password); err != nil {
		return nil, err
	}
	err = u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		// The account first: the invitation names it.
		if err := s.Users.Insert(ctx, user); err != nil {
			return err
		}
		accepted, err := s.Invitations.Accept(ctx, i.ID, user.ID, now)
		if err != nil {
			return err
		}
		if !accepted {
			return overInvitation()
		}
		a := domain.UserActor(user)
		changes := map[string]string{"email": user.Email, "role": string(user.Role), "invited_by": i.InviterName}
		if err := s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "user.joined", "user", user.ID, changes, now)); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), a, "invitation.accepted", "invitation", i.ID, nil, now))
	})
	if err != nil {
		return nil, err
	}
	return user, nil
}

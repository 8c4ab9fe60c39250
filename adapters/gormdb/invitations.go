package gormdb

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Invitations keeps invitations.
type Invitations struct{ conn }

var _ ports.Invitations = (*Invitations)(nil)

type invitationRow struct {
	ID          uuid.UUID
	Hash        string
	Email       string
	Role        string
	InvitedBy   *uuid.UUID
	InviterName string
	ExpiresAt   stamp
	AcceptedAt  *stamp
	RevokedAt   *stamp
	UserID      *uuid.UUID
	CreatedAt   stamp
	UpdatedAt   stamp
}

func (invitationRow) TableName() string { return "invitations" }

func fromInvitation(i *domain.Invitation) invitationRow {
	return invitationRow{
		ID: i.ID, Hash: i.Hash, Email: clean(i.Email), Role: string(i.Role), InvitedBy: i.InvitedBy, InviterName: clean(i.InviterName), ExpiresAt: at(i.ExpiresAt),
		AcceptedAt: atPtr(i.AcceptedAt), RevokedAt: atPtr(i.RevokedAt), UserID: i.UserID, CreatedAt: at(i.CreatedAt), UpdatedAt: at(i.UpdatedAt),
	}
}

func toInvitation(r invitationRow) *domain.Invitation {
	return &domain.Invitation{
		ID: r.ID, Hash: r.Hash, Email: r.Email, Role: domain.Role(r.Role), InvitedBy: r.InvitedBy, InviterName: r.InviterName, ExpiresAt: r.ExpiresAt.Time,
		AcceptedAt: r.AcceptedAt.ptr(), RevokedAt: r.RevokedAt.ptr(), UserID: r.UserID, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

// Insert implements ports.Invitations.
func (s *Invitations) Insert(ctx context.Context, i *domain.Invitation) error {
	tx, err := s.writing(ctx)
	if err != nil {
		return err
	}
	row := fromInvitation(i)
	return translate(tx.Create(&row).Error, "invitation")
}

// FindByHash implements ports.Invitations.
func (s *Invitations) FindByHash(ctx context.Context, hash string) (*domain.Invitation, error) {
	return s.one(ctx, "hash = ?", clean(hash))
}

// Find implements ports.Invitations.
func (s *Invitations) Find(ctx context.Context, id uuid.UUID) (*domain.Invitation, error) {
	return s.one(ctx, "id = ?", id)
}

func (s *Invitations) one(ctx context.Context, cond string, arg any) (*domain.Invitation, error) {
	return one(s.reading(ctx).Where(cond, arg), toInvitation, "invitation")
}

var invitationList = listed[invitationRow, *domain.Invitation]{
	what: "invitations", columns: "t.*",
	search: func(c conn, word string) condition {
		return anyOf(append(byID(c, "t.id", word), byText(c, "t.email", word))...)
	},
	filters: map[string]filter{"state": byInvitationState},
	place:   func(r invitationRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt.Time, ID: r.ID} },
	to:      toInvitation,
}

// byInvitationState is domain.Invitation.State as conditions.
func byInvitationState(c conn, key string, values []string) (condition, error) {
	const pending = "t.accepted_at IS NULL AND t.revoked_at IS NULL AND t.expires_at "
	now := at(c.clock.Now())
	var conds []condition
	for _, v := range values {
		switch domain.InvitationState(v) {
		case domain.InvitationOpen:
			conds = append(conds, condition{"(" + pending + "> ?)", []any{now}})
		case domain.InvitationExpired:
			conds = append(conds, condition{"(" + pending + "<= ?)", []any{now}})
		case domain.InvitationAccepted:
			conds = append(conds, condition{"t.accepted_at IS NOT NULL", nil})
		case domain.InvitationRevoked:
			conds = append(conds, condition{"(t.accepted_at IS NULL AND t.revoked_at IS NOT NULL)", nil})
		default:
			return condition{}, domain.FieldErrorf(key, "%q is no state of an invitation; it is open, accepted, revoked or expired.", v)
		}
	}
	return anyOf(conds...), nil
}

// List implements ports.Invitations.
func (s *Invitations) List(ctx context.Context, q ports.ListQuery) (ports.Page[*domain.Invitation], error) {
	return list(ctx, s.conn, invitationList, q)
}

// Accept implements ports.Invitations.
func (s *Invitations) Accept(ctx context.Context, id, user uuid.UUID, now time.Time) (bool, error) {
	return s.settle(ctx, id, now, map[string]any{"accepted_at": at(now), "user_id": user})
}

// Revoke implements ports.Invitations.
func (s *Invitations) Revoke(ctx context.Context, id uuid.UUID, now time.Time) (bool, error) {
	return s.settle(ctx, id, now, map[string]any{"revoked_at": at(now)})
}

// settle changes an invitation that is open.
func (s *Invitations) settle(ctx context.Context, id uuid.UUID, now time.Time, set map[string]any) (bool, error) {
	tx, err := s.writing(ctx)
	if err != nil {
		return false, err
	}
	set["updated_at"] = at(now)
	tx = tx.Model(&invitationRow{}).Where("id = ? AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > ?", id, at(now)).Updates(set)
	return tx.RowsAffected > 0, translate(tx.Error, "invitation")
}

package domain

import (
	"io"
	"time"

	"github.com/google/uuid"
)

// InvitationTTL is how long the link of an invitation works.
const InvitationTTL = 7 * 24 * time.Hour

// InvitationState is what became of an invitation.
type InvitationState string

const (
	InvitationOpen     InvitationState = "open"
	InvitationAccepted InvitationState = "accepted"
	InvitationRevoked  InvitationState = "revoked"
	InvitationExpired  InvitationState = "expired"
)

// Invitation lets somebody make their own account, with the address and the
// role that an admin gave. Its link is shown once; only the hash is kept.
type Invitation struct {
	ID          uuid.UUID
	Hash        string
	Email       string
	Role        Role
	InvitedBy   *uuid.UUID // nil for the system, and once that account is gone
	InviterName string
	ExpiresAt   time.Time
	AcceptedAt  *time.Time
	RevokedAt   *time.Time
	UserID      *uuid.UUID // the account that was made
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// NewInvitation is Invalid on email or role. The token, the end of the link,
// carries 256 random bits.
func NewInvitation(id uuid.UUID, email string, role Role, by Actor, rnd io.Reader, now time.Time) (i *Invitation, token string, err error) {
	if email, err = NormalizeEmail(email); err != nil {
		return nil, "", err
	}
	if role, err = ParseRole(string(role)); err != nil {
		return nil, "", err
	}
	if token, err = RandomText(rnd, 32); err != nil {
		return nil, "", err
	}
	i = &Invitation{ID: id, Hash: HashSecret(token), Email: email, Role: role, InviterName: by.Name, ExpiresAt: now.Add(InvitationTTL), CreatedAt: now, UpdatedAt: now}
	if by.UserID != uuid.Nil {
		who := by.UserID
		i.InvitedBy = &who
	}
	return i, token, nil
}

// State at now.
func (i *Invitation) State(now time.Time) InvitationState {
	switch {
	case i.AcceptedAt != nil:
		return InvitationAccepted
	case i.RevokedAt != nil:
		return InvitationRevoked
	case !i.ExpiresAt.After(now):
		return InvitationExpired
	}
	return InvitationOpen
}

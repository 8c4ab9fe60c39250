package portstest

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// invitation inserts one that ends an hour after at.
func (s *store) invitation(at time.Time) *domain.Invitation {
	s.Helper()
	i, _, err := domain.NewInvitation(newID(), "i"+newID().String()+"@example.com", domain.RoleStaff, domain.System(), strings.NewReader(newID().String()), at)
	s.ok(err)
	i.ExpiresAt = at.Add(time.Hour)
	s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Invitations.Insert(ctx, i)) })
	return i
}

var invitationPromises = map[string]func(*store){
	"an invitation comes back as it went in, and outlives both people": func(s *store) {
		admin, joined := s.user(), s.user()
		i := s.invitation(noon)
		by := s.invitation(noon)
		by.ID, by.Hash, by.InvitedBy, by.Role = newID(), "another", &admin.ID, domain.RoleAdmin
		s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Invitations.Insert(ctx, by)) })
		got, err := s.db.Reads().Invitations.FindByHash(s.ctx, i.Hash)
		s.ok(err)
		want(s, "invitation", got, i)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			ok, err := st.Invitations.Accept(ctx, by.ID, joined.ID, noon.Add(time.Minute))
			s.ok(err)
			want(s, "accepted", ok, true)
		})
		by.AcceptedAt, by.UserID, by.UpdatedAt = ptr(noon.Add(time.Minute)), &joined.ID, noon.Add(time.Minute)
		got, err = s.db.Reads().Invitations.Find(s.ctx, by.ID)
		s.ok(err)
		want(s, "accepted", got, by)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			s.ok(st.Users.Delete(ctx, admin.ID))
			s.ok(st.Users.Delete(ctx, joined.ID))
		})
		by.InvitedBy, by.UserID = nil, nil
		got, err = s.db.Reads().Invitations.Find(s.ctx, by.ID)
		s.ok(err)
		want(s, "left", got, by)
		_, err = s.db.Reads().Invitations.FindByHash(s.ctx, "none")
		wantCode(s.T, err, domain.NotFound)
	},
	"an invitation is accepted once, and not when it is over": func(s *store) {
		u := s.user()
		i, late, revoked := s.invitation(noon), s.invitation(noon.Add(-2*time.Hour)), s.invitation(noon)
		var won atomic.Int32
		var crowd sync.WaitGroup
		for range 4 {
			crowd.Go(func() {
				err := s.try(func(ctx context.Context, st ports.Stores) error {
					ok, err := st.Invitations.Accept(ctx, i.ID, u.ID, noon)
					if ok {
						won.Add(1)
					}
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		crowd.Wait()
		want(s, "accepted", won.Load(), 1)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			ok, err := st.Invitations.Revoke(ctx, revoked.ID, noon)
			s.ok(err)
			want(s, "revoked", ok, true)
			for _, over := range []*domain.Invitation{i, late, revoked} {
				ok, err := st.Invitations.Accept(ctx, over.ID, u.ID, noon)
				s.ok(err)
				want(s, "accepted when over", ok, false)
				ok, err = st.Invitations.Revoke(ctx, over.ID, noon)
				s.ok(err)
				want(s, "revoked when over", ok, false)
			}
		})
	},
}

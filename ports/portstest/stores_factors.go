package portstest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var factorPromises = map[string]func(*store){
	"a second factor comes back as it went in, and is replaced": func(s *store) {
		u, other := s.user(), s.user()
		_, err := s.db.Reads().Factors.Find(s.ctx, u.ID)
		wantCode(s.T, err, domain.NotFound)
		f := &domain.SecondFactor{UserID: u.ID, Sealed: "sealed", CreatedAt: noon, UpdatedAt: noon}
		save := func(f *domain.SecondFactor) {
			s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Factors.Save(ctx, f)) })
		}
		save(f)
		save(&domain.SecondFactor{UserID: other.ID, Sealed: "x", CreatedAt: noon, UpdatedAt: noon})
		f.Sealed, f.ConfirmedAt, f.LastStep, f.UpdatedAt = "anew", ptr(noon.Add(time.Minute)), 1<<40, noon.Add(time.Minute)
		save(f)
		got, err := s.db.Reads().Factors.Find(s.ctx, u.ID)
		s.ok(err)
		want(s, "factor", got, f)
		first, err := s.db.Reads().Factors.Users(s.ctx, uuid.Nil, 1)
		s.ok(err)
		rest, err := s.db.Reads().Factors.Users(s.ctx, first[0], 10)
		s.ok(err)
		want(s, "users", append(first, rest...), []uuid.UUID{u.ID, other.ID})
		s.inTx(func(ctx context.Context, st ports.Stores) {
			s.ok(st.Factors.Delete(ctx, u.ID))
			s.ok(st.Factors.Delete(ctx, u.ID))
			s.ok(st.Users.Delete(ctx, other.ID))
		})
		left, err := s.db.Reads().Factors.Users(s.ctx, uuid.Nil, 10)
		s.ok(err)
		want(s, "left", len(left), 0)
		err = s.try(func(ctx context.Context, st ports.Stores) error {
			_, err := st.Factors.Lock(ctx, u.ID)
			return err
		})
		wantCode(s.T, err, domain.NotFound)
	},
	"a recovery code is used once, by one, for its user alone": func(s *store) {
		u, other := s.user(), s.user()
		set := func(user uuid.UUID, hashes ...string) {
			s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Factors.SetCodes(ctx, user, hashes)) })
		}
		left := func(user uuid.UUID) int {
			n, err := s.db.Reads().Factors.CodesLeft(s.ctx, user)
			s.ok(err)
			return n
		}
		set(u.ID, "a", "b")
		set(other.ID, "c")
		var used atomic.Int32
		var crowd sync.WaitGroup
		for range 4 {
			crowd.Go(func() {
				err := s.try(func(ctx context.Context, st ports.Stores) error {
					ok, err := st.Factors.UseCode(ctx, u.ID, "a", noon)
					if ok {
						used.Add(1)
					}
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		crowd.Wait()
		want(s, "used", used.Load(), 1)
		want(s, "left", left(u.ID), 1)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			ok, err := st.Factors.UseCode(ctx, u.ID, "c", noon)
			s.ok(err)
			want(s, "another's", ok, false)
		})
		set(u.ID, "d", "e", "f")
		want(s, "made anew", left(u.ID), 3)
		want(s, "another's", left(other.ID), 1)
	},
}

package portstest

import (
	"context"
	"errors"
	"sync"
	"time"

	"doorito/domain"
	"doorito/ports"
)

var transactorPromises = map[string]func(*store){
	"an error rolls everything back and comes out as it is": func(s *store) {
		u, err := domain.NewUser(newID(), "a@example.com", "Ada", domain.RoleAdmin, noon)
		s.ok(err)
		err = s.try(func(ctx context.Context, st ports.Stores) error {
			s.ok(st.Users.Insert(ctx, u))
			return errOnPurpose
		})
		if !errors.Is(err, errOnPurpose) {
			s.Fatalf("got %v", err)
		}
		_, err = s.db.Reads().Users.Find(s.ctx, u.ID)
		wantCode(s.T, err, domain.NotFound)
	},
	"a panic rolls back and goes on": func(s *store) {
		u, err := domain.NewUser(newID(), "a@example.com", "Ada", domain.RoleAdmin, noon)
		s.ok(err)
		func() {
			defer func() { want(s, "panic", recover(), any("on purpose")) }()
			_ = s.try(func(ctx context.Context, st ports.Stores) error {
				s.ok(st.Users.Insert(ctx, u))
				panic("on purpose")
			})
		}()
		_, err = s.db.Reads().Users.Find(s.ctx, u.ID)
		wantCode(s.T, err, domain.NotFound)
		s.user() // and the database still takes transactions
	},
	"a transaction inside a transaction is Internal": func(s *store) {
		err := s.try(func(ctx context.Context, _ ports.Stores) error {
			return s.db.InTx(ctx, func(context.Context, ports.Stores) error { return nil })
		})
		wantCode(s.T, err, domain.Internal)
	},
	"a write outside a transaction is Internal": func(s *store) {
		r, id := s.db.Reads(), newID()
		u, err := domain.NewUser(id, "a@example.com", "Ada", domain.RoleAdmin, noon)
		s.ok(err)
		wantCode(s.T, r.Users.Insert(s.ctx, u), domain.Internal)
		wantCode(s.T, r.Files.Touch(s.ctx, id, noon), domain.Internal)
		_, err = r.Batches.Lock(s.ctx, id)
		wantCode(s.T, err, domain.Internal)
		_, err = r.Outbox.ClaimUnrelayed(s.ctx, time.Time{}, 1, false)
		wantCode(s.T, err, domain.Internal)
		_, err = r.Deliveries.Claim(s.ctx, ports.ClaimRequest{Token: id, Now: noon, Until: noon, Limit: 1})
		wantCode(s.T, err, domain.Internal)
	},
	"a transaction sees what it wrote": func(s *store) {
		s.tx(func(ctx context.Context, st ports.Stores) error {
			u, err := domain.NewUser(newID(), "a@example.com", "Ada", domain.RoleAdmin, noon)
			s.ok(err)
			s.ok(st.Users.Insert(ctx, u))
			_, err = st.Users.Find(ctx, u.ID)
			return err
		})
	},
	"a context that ended stops the transaction": func(s *store) {
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		if err := s.db.InTx(ctx, func(context.Context, ports.Stores) error { return nil }); err == nil {
			s.Fatal("it committed")
		}
	},
	"many transactions at once all commit": func(s *store) {
		id := newID()
		key := "login:" + id.String()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					err := s.try(func(ctx context.Context, st ports.Stores) error {
						_, err := st.Throttles.Add(ctx, key, 1e15, noon)
						return err
					})
					if err != nil {
						s.Error(err)
					}
				}
			})
		}
		wg.Wait()
		level, err := s.db.Reads().Throttles.Level(s.ctx, key, 1e15, noon)
		s.ok(err)
		want(s, "level", level, 40.0)
	},
	"it answers": func(s *store) { s.ok(s.db.Ping(s.ctx)) },
}

package portstest

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var claimPromises = map[string]func(*store){
	"what is due is claimed, oldest first for each endpoint, and leased": func(s *store) {
		ep := s.endpoint(nil)
		ds := s.deliveries(ep, 3, noon)
		later := s.delivery(ep, noon.Add(time.Hour))
		token := newID()
		got := s.claim(token, 2, noon.Add(time.Second))
		want(s, "claimed", deliveryIDs(got), deliveryIDs(ds[:2]))
		lease := s.findDelivery(ds[0].ID)
		want(s, "token", lease.LeaseToken, &token)
		want(s, "until", lease.LeaseUntil, ptr(noon.Add(16*time.Second)))
		want(s, "the rest", deliveryIDs(s.claim(newID(), 10, noon.Add(time.Second))), deliveryIDs(ds[2:]))
		want(s, "nothing left", len(s.claim(newID(), 10, noon.Add(time.Second))), 0)
		want(s, "not due", s.findDelivery(later.ID).LeaseToken, (*uuid.UUID)(nil))
		for _, d := range got {
			if d.EventID == uuid.Nil || d.Subject != ep.Name || d.EndpointID != ep.ID {
				s.Errorf("a claimed delivery lacks its fields: %+v", d)
			}
		}
	},
	"only what is due from the lower bound on is claimed": func(s *store) {
		ep := s.endpoint(nil)
		s.delivery(ep, noon.Add(-time.Hour))
		d := s.delivery(ep, noon)
		var got []*domain.Delivery
		s.inTx(func(ctx context.Context, st ports.Stores) {
			var err error
			got, err = st.Deliveries.Claim(ctx, ports.ClaimRequest{Token: newID(), From: map[uuid.UUID]ports.Cursor{ep.ID: {At: noon.Add(-time.Minute)}}, Now: noon, Until: noon.Add(time.Minute), Limit: 10})
			s.ok(err)
		})
		want(s, "claimed", deliveryIDs(got), deliveryIDs([]*domain.Delivery{d}))
	},
	"a lease that ran out is due again, and the old token writes nothing": func(s *store) {
		ep := s.endpoint(nil)
		d := s.delivery(ep, noon)
		old, fresh := newID(), newID()
		first := s.claim(old, 1, noon)
		want(s, "leased", len(s.claim(fresh, 1, noon.Add(14*time.Second))), 0)
		second := s.claim(fresh, 1, noon.Add(15*time.Second))
		want(s, "claimed again", len(second), 1)
		want(s, "written under the old token", len(s.finish(old, result(first[0], 200, noon))), 0)
		want(s, "status", s.findDelivery(d.ID).Status, domain.DeliveryPending)
		attempts, err := s.db.Reads().Attempts.ListOf(s.ctx, d.ID, 10)
		s.ok(err)
		want(s, "attempts", len(attempts), 0)
		want(s, "written under the new one", len(s.finish(fresh, result(second[0], 200, noon))), 1)
	},
	"two claimers never get the same delivery": claimRace,
	"an endpoint never has more leases than its limit": func(s *store) {
		narrow := s.endpoint(func(e *domain.Endpoint) { e.MaxInFlight = 3 })
		usual := s.endpoint(nil)
		s.deliveries(narrow, 10, noon)
		s.deliveries(usual, 30, noon)
		now := noon.Add(time.Second)
		token := newID()
		claimed := s.claim(token, 100, now)
		want(s, "by endpoint", byEndpoint(claimed), map[uuid.UUID]int{narrow.ID: 3, usual.ID: domain.DefaultMaxInFlight})
		want(s, "full", len(s.claim(newID(), 100, now)), 0)
		var done ports.DeliveryResult
		for _, d := range claimed {
			if d.EndpointID == narrow.ID {
				done = result(d, 200, now)
			}
		}
		s.finish(token, done)
		want(s, "room for one", byEndpoint(s.claim(newID(), 100, now)), map[uuid.UUID]int{narrow.ID: 1})
		want(s, "after the leases", byEndpoint(s.claim(newID(), 100, now.Add(time.Minute))), map[uuid.UUID]int{narrow.ID: 3, usual.ID: domain.DefaultMaxInFlight})
	},
	"claims that run at once keep the limit together": claimLimitRace,
	"what is leased ahead is for whoever is alone at an endpoint": func(s *store) {
		ep := s.endpoint(func(e *domain.Endpoint) { e.MaxInFlight = 3 })
		paced := s.endpoint(func(e *domain.Endpoint) { e.MaxInFlight, e.RateLimit = 3, 2 })
		s.deliveries(ep, 20, noon)
		s.deliveries(paced, 20, noon)
		now := noon.Add(time.Second)
		one, other := newID(), newID()
		ahead := func(token uuid.UUID) (got []*domain.Delivery) {
			s.inTx(func(ctx context.Context, st ports.Stores) {
				var err error
				got, err = st.Deliveries.Claim(ctx, ports.ClaimRequest{
					Token: token, Now: now, Until: now.Add(15 * time.Second), Limit: 100, Ahead: map[uuid.UUID]int{ep.ID: 5, paced.ID: 5},
				})
				s.ok(err)
			})
			return got
		}
		first := ahead(one)
		want(s, "alone", byEndpoint(first), map[uuid.UUID]int{ep.ID: 8, paced.ID: 2})
		want(s, "beside it", len(ahead(other)), 0)
		var done []ports.DeliveryResult
		for _, d := range first {
			if d.EndpointID == ep.ID && len(done) < 6 {
				done = append(done, result(d, 200, now))
			}
		}
		s.finish(one, done...)
		want(s, "not alone any more", byEndpoint(ahead(other)), map[uuid.UUID]int{ep.ID: 1})
		want(s, "nor the first", len(ahead(one)), 0)
	},
	"a full endpoint with a long backlog does not hide the others": func(s *store) {
		hanging, quick := s.endpoint(nil), s.endpoint(nil)
		s.deliveries(hanging, 1000, noon)
		s.claim(newID(), 100, noon.Add(time.Minute))
		d := s.delivery(quick, noon.Add(30*time.Second))
		got := s.claim(newID(), 1, noon.Add(time.Minute))
		want(s, "claimed", deliveryIDs(got), map[uuid.UUID]bool{d.ID: true})
	},
	"an endpoint that is off gets its pings only": func(s *store) {
		ep := s.endpoint(func(e *domain.Endpoint) { e.Disable("by hand", noon) })
		s.delivery(ep, noon)
		ping := domain.NewPing(ep, newID(), noon)
		s.ok(ping.AssignID(newID()))
		d := domain.NewDelivery(newID(), ping, ep, "ping", noon)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			_, err := st.Outbox.Append(ctx, ping)
			s.ok(err)
			s.ok(st.Deliveries.InsertAll(ctx, []*domain.Delivery{d}))
		})
		want(s, "claimed", deliveryIDs(s.claim(newID(), 10, noon)), map[uuid.UUID]bool{d.ID: true})
	},
	"leases are renewed and released under their token only": func(s *store) {
		ep := s.endpoint(nil)
		ds := s.deliveries(ep, 2, noon)
		token := newID()
		s.claim(token, 2, noon.Add(time.Second))
		s.inTx(func(ctx context.Context, st ports.Stores) {
			held, err := st.Deliveries.Renew(ctx, token, []uuid.UUID{ds[0].ID, newID()}, noon.Add(time.Hour))
			s.ok(err)
			want(s, "held", held, []uuid.UUID{ds[0].ID})
			held, err = st.Deliveries.Renew(ctx, newID(), []uuid.UUID{ds[0].ID}, noon.Add(2*time.Hour))
			s.ok(err)
			want(s, "held under another token", len(held), 0)
			s.ok(st.Deliveries.Release(ctx, newID(), []uuid.UUID{ds[1].ID}))
		})
		want(s, "renewed", s.findDelivery(ds[0].ID).LeaseUntil, ptr(noon.Add(time.Hour)))
		want(s, "not released", s.findDelivery(ds[1].ID).LeaseToken, &token)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			s.ok(st.Deliveries.Release(ctx, token, []uuid.UUID{ds[1].ID}))
		})
		want(s, "claimed at once", deliveryIDs(s.claim(newID(), 2, noon.Add(time.Second))), deliveryIDs(ds[1:]))
	},
	"all leases of a token end at once, and those of no other": func(s *store) {
		ep := s.endpoint(nil)
		ds := s.deliveries(ep, 3, noon)
		dead, alive := newID(), newID()
		s.claim(dead, 2, noon.Add(time.Second))
		s.claim(alive, 1, noon.Add(time.Second))
		backlog := s.deliveries(ep, 2, noon.Add(-time.Hour))
		s.deliveries(s.endpoint(nil), 2, noon.Add(-time.Minute))
		for _, left := range []int{2, 0} {
			s.inTx(func(ctx context.Context, st ports.Stores) {
				n, err := st.Deliveries.ReleaseAll(ctx, dead)
				s.ok(err)
				want(s, "released", n, left)
			})
		}
		back := s.claim(newID(), 4, noon.Add(time.Second))
		want(s, "claimed before what waits", deliveryIDs(back), deliveryIDs(append(ds[:2:2], backlog...)))
		for _, d := range back {
			if d.ID == ds[0].ID || d.ID == ds[1].ID {
				want(s, "due", d.NextAttemptAt, noon.Add(-time.Hour))
			}
		}
	},
}

func byEndpoint(ds []*domain.Delivery) map[uuid.UUID]int {
	out := make(map[uuid.UUID]int)
	for _, d := range ds {
		out[d.EndpointID]++
	}
	return out
}

func claimRace(s *store) {
	for range 8 {
		s.deliveries(s.endpoint(func(e *domain.Endpoint) { e.MaxInFlight = 100 }), 25, noon)
	}
	var mu sync.Mutex
	seen := make(map[uuid.UUID]int)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				var got []*domain.Delivery
				err := s.try(func(ctx context.Context, st ports.Stores) (err error) {
					got, err = st.Deliveries.Claim(ctx, ports.ClaimRequest{Token: newID(), Now: noon.Add(time.Second), Until: noon.Add(time.Hour), Limit: 7})
					return err
				})
				if err != nil {
					s.Error(err)
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, d := range got {
					seen[d.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	want(s, "claimed", len(seen), 200)
	for id, n := range seen {
		if n != 1 {
			s.Errorf("%s was claimed %d times", id, n)
		}
	}
}

// claimLimitRace: rounds of claims that start together, each round on an
// endpoint whose leases were given back.
func claimLimitRace(s *store) {
	ep := s.endpoint(func(e *domain.Endpoint) { e.MaxInFlight = 5 })
	s.deliveries(ep, 40, noon)
	now := noon.Add(time.Second)
	for range 12 {
		token, start := newID(), make(chan struct{})
		var mu sync.Mutex
		var ids []uuid.UUID
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				<-start
				err := s.try(func(ctx context.Context, st ports.Stores) error {
					got, err := st.Deliveries.Claim(ctx, ports.ClaimRequest{Token: token, Now: now, Until: now.Add(time.Minute), Limit: 4})
					mu.Lock()
					for _, d := range got {
						ids = append(ids, d.ID)
					}
					mu.Unlock()
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		close(start)
		wg.Wait()
		standing, err := s.db.Reads().Deliveries.Standing(s.ctx, now)
		s.ok(err)
		want(s, "leased", standing.Leased, map[uuid.UUID]int{ep.ID: 5})
		s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Deliveries.Release(ctx, token, ids)) })
		standing, err = s.db.Reads().Deliveries.Standing(s.ctx, now)
		s.ok(err)
		want(s, "released", len(standing.Leased), 0)
	}
}

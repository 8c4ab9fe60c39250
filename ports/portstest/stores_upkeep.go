package portstest

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var endpointPromises = map[string]func(*store){
	"an endpoint comes back as it went in, secrets oldest first": func(s *store) {
		u := s.user()
		ep := s.endpoint(func(e *domain.Endpoint) {
			e.EventTypes, e.Headers = []string{"file.*", "batch.completed"}, map[string]string{"X-Env": "test"}
			e.Filter = domain.Filter{
				ContentTypes: []string{"image/*"}, MinSize: 1, MaxSize: 5 << 40, Uploaders: []string{"Ines"}, BatchLabel: "inv-*",
				Metadata: []domain.MetadataRule{{Key: "tenant", Any: true}, {Key: "empty"}, {Key: "lang", Value: "sv"}},
			}
			e.ClientCert = &domain.ClientCert{Sealed: "cert", Subject: "CN=us", Issuer: "CN=them", NotBefore: noon, NotAfter: noon.Add(time.Hour), Fingerprint: "ab"}
			e.Timeout, e.MaxInFlight, e.RateLimit, e.CreatedBy = 1500*time.Millisecond, 4, 10, &u.ID
			e.FailingSince, e.LastSuccessAt = ptr(noon), ptr(noon.Add(-time.Hour))
			e.Secrets = []domain.EndpointSecret{{ID: newID(), Kind: domain.SecretEd25519, Sealed: "new", Public: "whpk_x", CreatedAt: noon}, {ID: newID(), Kind: domain.SecretHMAC, Hint: "ab…cd", Sealed: "old", CreatedAt: noon.Add(-time.Hour), RetiresAt: ptr(noon.Add(time.Hour))}}
		})
		ep.Secrets[0], ep.Secrets[1] = ep.Secrets[1], ep.Secrets[0]
		got, err := s.db.Reads().Endpoints.Find(s.ctx, ep.ID)
		s.ok(err)
		want(s, "endpoint", got, ep)
		ep.Disable("410 Gone", noon.Add(time.Minute))
		ep.FailingSince, ep.ClientCert, ep.Filter = nil, nil, domain.Filter{}
		ep.Secrets = []domain.EndpointSecret{ep.Secrets[1], {ID: newID(), Kind: domain.SecretHMAC, Sealed: "newest", CreatedAt: noon.Add(time.Minute)}}
		s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Endpoints.Save(ctx, ep)) })
		all, err := s.db.Reads().Endpoints.FindAll(s.ctx, []uuid.UUID{ep.ID, newID()})
		s.ok(err)
		want(s, "saved", all, map[uuid.UUID]*domain.Endpoint{ep.ID: ep})
	},
	"whoever locks an endpoint sees what the one before it saved": func(s *store) {
		ep := s.endpoint(func(e *domain.Endpoint) { e.MaxInFlight = 0 })
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := s.try(func(ctx context.Context, st ports.Stores) error {
					e, err := st.Endpoints.Lock(ctx, ep.ID)
					if err != nil {
						return err
					}
					e.MaxInFlight++
					return st.Endpoints.Save(ctx, e)
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := s.db.Reads().Endpoints.Find(s.ctx, ep.ID)
		s.ok(err)
		want(s, "edits", got.MaxInFlight, 8)
		err = s.try(func(ctx context.Context, st ports.Stores) error {
			_, err := st.Endpoints.Lock(ctx, newID())
			return err
		})
		wantCode(s.T, err, domain.NotFound)
		_, err = s.db.Reads().Endpoints.Lock(s.ctx, ep.ID)
		wantCode(s.T, err, domain.Internal)
	},
	"active endpoints are listed with their secrets": func(s *store) {
		on := s.endpoint(func(e *domain.Endpoint) {
			e.Secrets = []domain.EndpointSecret{{ID: newID(), Kind: domain.SecretHMAC, Sealed: "x", CreatedAt: noon}}
		})
		s.endpoint(func(e *domain.Endpoint) { e.Active = false })
		got, err := s.db.Reads().Endpoints.ListActive(s.ctx)
		s.ok(err)
		want(s, "active", len(got), 1)
		want(s, "secrets", got[0].Secrets, on.Secrets)
	},
	"nothing is owed to an endpoint that is gone, nor of an event": func(s *store) {
		ep, gone := s.endpoint(nil), s.endpoint(nil)
		e, never := s.event(noon), *s.event(noon)
		never.ID = newID()
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Endpoints.Delete(ctx, gone.ID) })
		kept := domain.NewDelivery(newID(), e, ep, "f", noon)
		left := []*domain.Delivery{domain.NewDelivery(newID(), e, gone, "f", noon), domain.NewDelivery(newID(), &never, ep, "f", noon)}
		s.tx(func(ctx context.Context, st ports.Stores) error {
			return st.Deliveries.InsertAll(ctx, append([]*domain.Delivery{kept}, left...))
		})
		s.findDelivery(kept.ID)
		for _, d := range left {
			_, err := s.db.Reads().Deliveries.Find(s.ctx, d.ID)
			wantCode(s.T, err, domain.NotFound)
		}
	},
	"an endpoint that goes while events are fanned out leaves no delivery": func(s *store) {
		ep := s.endpoint(nil)
		var ds []*domain.Delivery
		for range 30 {
			ds = append(ds, domain.NewDelivery(newID(), s.event(noon), ep, "f", noon))
		}
		var wg sync.WaitGroup
		added := make(chan struct{}, len(ds))
		wg.Go(func() {
			for _, d := range ds {
				s.tx(func(ctx context.Context, st ports.Stores) error {
					return st.Deliveries.FanOut(ctx, ports.FanOut{Deliveries: []*domain.Delivery{d}})
				})
				added <- struct{}{}
			}
		})
		for range 10 {
			<-added
		}
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Endpoints.Delete(ctx, ep.ID) })
		wg.Wait()
		for _, d := range ds {
			_, err := s.db.Reads().Deliveries.Find(s.ctx, d.ID)
			wantCode(s.T, err, domain.NotFound)
		}
	},
	"an endpoint goes with its deliveries and attempts": func(s *store) {
		ep := s.endpoint(func(e *domain.Endpoint) {
			e.Secrets = []domain.EndpointSecret{{ID: newID(), Kind: domain.SecretHMAC, Sealed: "x", CreatedAt: noon}}
		})
		d := s.delivery(ep, noon)
		token := newID()
		s.finish(token, result(s.claim(token, 1, noon)[0], 500, noon))
		s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Endpoints.Delete(ctx, ep.ID)) })
		_, err := s.db.Reads().Deliveries.Find(s.ctx, d.ID)
		wantCode(s.T, err, domain.NotFound)
		attempts, err := s.db.Reads().Attempts.ListOf(s.ctx, d.ID, 10)
		s.ok(err)
		want(s, "attempts", len(attempts), 0)
		err = s.try(func(ctx context.Context, st ports.Stores) error { return st.Endpoints.Delete(ctx, ep.ID) })
		wantCode(s.T, err, domain.NotFound)
		err = s.try(func(ctx context.Context, st ports.Stores) error { return st.Endpoints.Save(ctx, ep) })
		wantCode(s.T, err, domain.NotFound)
		s.settle(noon, d.EventID)
		want(s, "the event", s.findEvent(d.EventID).Status, domain.EventDelivered)
	},
}

var upkeepPromises = map[string]func(*store){
	"history is read oldest first, of one object": func(s *store) {
		object, by := newID(), newID()
		entry := func(action string, at time.Time) *domain.AuditEntry {
			return &domain.AuditEntry{ID: newID(), ActorID: &by, ActorName: "Ada", Action: action, ObjectType: "file", ObjectID: object, Changes: map[string]string{"status": "stored"}, IP: "10.0.0.1", At: at}
		}
		second, first := entry("file.deleted", noon.Add(time.Hour)), entry("file.stored", noon)
		other := entry("file.stored", noon)
		other.ObjectID, other.ActorID = newID(), nil
		s.inTx(func(ctx context.Context, st ports.Stores) {
			for _, e := range []*domain.AuditEntry{second, first, other} {
				s.ok(st.Audit.Append(ctx, e))
			}
		})
		got, err := s.db.Reads().Audit.ListOf(s.ctx, "file", object, 10)
		s.ok(err)
		want(s, "history", got, []*domain.AuditEntry{first, second})
	},
}

package portstest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var finishPromises = map[string]func(*store){
	"results and attempts come back as they went in": func(s *store) {
		ep := s.endpoint(nil)
		s.deliveries(ep, 2, noon)
		token := newID()
		claimed := s.claim(token, 2, noon.Add(time.Second))
		good, bad := result(claimed[0], 204, noon.Add(time.Second)), result(claimed[1], 503, noon.Add(time.Second))
		good.Attempt.Phases = domain.Phases{DNS: time.Microsecond, Connect: 2 * time.Millisecond, TLS: 3 * time.Millisecond, FirstByte: 4 * time.Millisecond, Total: 10 * time.Millisecond}
		good.Attempt.RequestHeaders = http.Header{"Webhook-Id": {"x"}}
		good.Attempt.ResponseHeaders = http.Header{"X-Two": {"a", "b"}}
		good.Attempt.ResponseBody, good.Attempt.Truncated = []byte("\x00\x01\xff body"), true
		want(s, "written", len(s.finish(token, good, bad)), 2)
		for _, r := range []ports.DeliveryResult{good, bad} {
			wanted := *r.Delivery
			wanted.EndpointName, wanted.EndpointURL = ep.Name, ep.URL
			want(s, "delivery", s.findDelivery(wanted.ID), &wanted)
		}
		attempts, err := s.db.Reads().Attempts.ListOf(s.ctx, good.Delivery.ID, 10)
		s.ok(err)
		want(s, "attempts", attempts, []*domain.Attempt{good.Attempt})
		want(s, "next try", s.findDelivery(bad.Delivery.ID).Status, domain.DeliveryPending)
	},
	"what an endpoint sends cannot break the batch": func(s *store) {
		ep := s.endpoint(nil)
		d := s.delivery(ep, noon)
		token := newID()
		r := result(s.claim(token, 1, noon)[0], 500, noon)
		r.Attempt.ErrorText, r.Delivery.LastError = "bad\x00\xff", "bad\x00\xff"
		r.Attempt.ResponseHeaders = http.Header{"X-\x00": {"v\x00\xff"}}
		r.Attempt.ResponseBody = []byte(strings.Repeat("\x00", 64<<10))
		want(s, "written", len(s.finish(token, r)), 1)
		attempts, err := s.db.Reads().Attempts.ListOf(s.ctx, d.ID, 1)
		s.ok(err)
		want(s, "body", len(attempts[0].ResponseBody), 64<<10)
	},
	"in a batch only what is still leased is written": func(s *store) {
		ep := s.endpoint(nil)
		s.deliveries(ep, 3, noon)
		token := newID()
		claimed := s.claim(token, 3, noon.Add(time.Second))
		s.inTx(func(ctx context.Context, st ports.Stores) {
			gone, err := st.Deliveries.Lock(ctx, claimed[1].ID)
			s.ok(err)
			gone.Status, gone.LeaseToken, gone.LeaseUntil = domain.DeliveryCancelled, nil, nil
			s.ok(st.Deliveries.Save(ctx, gone))
		})
		var rs []ports.DeliveryResult
		for _, d := range claimed {
			rs = append(rs, result(d, 200, noon))
		}
		written := s.finish(token, rs...)
		want(s, "written", len(written), 2)
		want(s, "cancelled", s.findDelivery(claimed[1].ID).Status, domain.DeliveryCancelled)
		attempts, err := s.db.Reads().Attempts.ListOf(s.ctx, claimed[1].ID, 10)
		s.ok(err)
		want(s, "attempts of the cancelled", len(attempts), 0)
		want(s, "a second time", len(s.finish(token, rs...)), 0)
	},
	"what came of a lease that is lost is written, and once": func(s *store) {
		ep := s.endpoint(nil)
		s.deliveries(ep, 2, noon)
		token := newID()
		claimed := s.claim(token, 2, noon.Add(time.Second))
		rs := []ports.DeliveryResult{result(claimed[0], 500, noon), result(claimed[1], 200, noon)}
		s.inTx(func(ctx context.Context, st ports.Stores) {
			s.ok(st.Deliveries.Release(ctx, token, []uuid.UUID{claimed[0].ID, claimed[1].ID}))
		})
		want(s, "written", len(s.finish(token, rs...)), 2)
		want(s, "a second time", len(s.finish(token, rs...)), 0)
		attempts, err := s.db.Reads().Attempts.ListOf(s.ctx, claimed[0].ID, 10)
		s.ok(err)
		want(s, "attempts", len(attempts), 1)
		want(s, "tried again", s.findDelivery(claimed[0].ID).Status, domain.DeliveryPending)
	},
	"attempts are listed newest first and removed by age": func(s *store) {
		ep := s.endpoint(nil)
		d := s.delivery(ep, noon)
		now := noon
		for range 3 {
			token := newID()
			got := s.claim(token, 1, now)
			want(s, "due", len(got), 1)
			r := result(got[0], 500, now)
			s.finish(token, r)
			now = r.Delivery.NextAttemptAt
		}
		attempts, err := s.db.Reads().Attempts.ListOf(s.ctx, d.ID, 2)
		s.ok(err)
		want(s, "numbers", [2]int{attempts[0].Number, attempts[1].Number}, [2]int{3, 2})
		for _, wanted := range []int{1, 1, 0} {
			s.inTx(func(ctx context.Context, st ports.Stores) {
				n, err := st.Attempts.DeleteBefore(ctx, attempts[0].StartedAt, 1)
				s.ok(err)
				want(s, "removed", n, wanted)
			})
		}
		want(s, "made", s.findDelivery(d.ID).AttemptsMade, 3)
	},
	"results tell of the endpoint's health": func(s *store) {
		ep := s.endpoint(nil)
		find := func() *domain.Endpoint {
			got, err := s.db.Reads().Endpoints.Find(s.ctx, ep.ID)
			s.ok(err)
			return got
		}
		one := func(code int, now time.Time) {
			s.delivery(ep, now)
			token := newID()
			s.finish(token, result(s.claim(token, 1, now)[0], code, now))
		}
		one(500, noon)
		want(s, "failing since", find().FailingSince, ptr(noon))
		one(500, noon.Add(time.Second))
		want(s, "failing since the first", find().FailingSince, ptr(noon))
		one(200, noon.Add(2*time.Second))
		got := find()
		want(s, "well again", got.FailingSince, (*time.Time)(nil))
		want(s, "last success", got.LastSuccessAt, ptr(noon.Add(2*time.Second)))
		one(200, noon.Add(20*time.Second))
		want(s, "later success", find().LastSuccessAt, ptr(noon.Add(20*time.Second)))
	},
}

var deliveryPromises = map[string]func(*store){
	"an event is owed to an endpoint once": func(s *store) {
		ep := s.endpoint(nil)
		e := s.event(noon)
		first := domain.NewDelivery(newID(), e, ep, "f", noon)
		again := domain.NewDelivery(newID(), e, ep, "f", noon)
		fresh := domain.NewDelivery(newID(), e, s.endpoint(nil), "f", noon)
		token := newID()
		first.LeaseToken, first.LeaseUntil = &token, ptr(noon.Add(time.Minute))
		s.inTx(func(ctx context.Context, st ports.Stores) {
			s.ok(st.Deliveries.InsertAll(ctx, []*domain.Delivery{first}))
			s.ok(st.Deliveries.InsertAll(ctx, []*domain.Delivery{again, fresh}))
			s.ok(st.Deliveries.InsertAll(ctx, nil))
		})
		_, err := s.db.Reads().Deliveries.Find(s.ctx, again.ID)
		wantCode(s.T, err, domain.NotFound)
		want(s, "leased from birth", s.findDelivery(first.ID).LeaseToken, &token)
		s.findDelivery(fresh.ID)
	},
	"a delivery is saved whole": func(s *store) {
		ep := s.endpoint(nil)
		d := s.delivery(ep, noon)
		token := newID()
		s.finish(token, result(s.claim(token, 1, noon)[0], 410, noon))
		s.inTx(func(ctx context.Context, st ports.Stores) {
			got, err := st.Deliveries.Lock(ctx, d.ID)
			s.ok(err)
			want(s, "status", got.Status, domain.DeliveryFailed)
			s.ok(got.Reopen(noon.Add(time.Hour)))
			s.ok(st.Deliveries.Save(ctx, got))
		})
		got := s.findDelivery(d.ID)
		want(s, "status", got.Status, domain.DeliveryPending)
		want(s, "attempts", [2]int{got.Attempts, got.AttemptsMade}, [2]int{0, 1})
		want(s, "due", got.NextAttemptAt, noon.Add(time.Hour))
	},
	"failed deliveries are reopened for events or for an endpoint": func(s *store) {
		one, two := s.owed("failed", "delivered"), s.owed("failed", "failed")
		s.settle(noon, one.ID, two.ID)
		page, err := s.db.Reads().Deliveries.List(s.ctx, ports.ListQuery{Filters: map[string][]string{"event": {two.ID.String()}}})
		s.ok(err)
		of := page.Items[0]
		reopen := func(events []uuid.UUID, endpoint *uuid.UUID) (n int) {
			s.inTx(func(ctx context.Context, st ports.Stores) {
				var err error
				n, err = st.Deliveries.ReopenFailed(ctx, events, endpoint, noon.Add(time.Hour))
				s.ok(err)
			})
			return n
		}
		want(s, "of no events", reopen([]uuid.UUID{}, nil), 0)
		want(s, "of one event", reopen([]uuid.UUID{one.ID}, nil), 1)
		want(s, "of an endpoint", reopen(nil, &of.EndpointID), 1)
		got := s.findDelivery(of.ID)
		want(s, "status", got.Status, domain.DeliveryPending)
		want(s, "due", got.NextAttemptAt, noon.Add(time.Hour))
		want(s, "the rest", reopen([]uuid.UUID{one.ID, two.ID}, nil), 1)
	},
	"pending deliveries of an endpoint are cancelled": func(s *store) {
		ep, other := s.endpoint(nil), s.endpoint(nil)
		ds := s.deliveries(ep, 2, noon)
		kept := s.delivery(other, noon)
		token := newID()
		claimed := s.claim(token, 1, noon)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			events, err := st.Deliveries.CancelPending(ctx, ep.ID, "It was switched off.", noon)
			s.ok(err)
			want(s, "events", len(events), 2)
		})
		for _, d := range ds {
			got := s.findDelivery(d.ID)
			want(s, "status", got.Status, domain.DeliveryCancelled)
			want(s, "reason", got.LastError, "It was switched off.")
			want(s, "lease", got.LeaseToken, (*uuid.UUID)(nil))
		}
		want(s, "other", s.findDelivery(kept.ID).Status, domain.DeliveryPending)
		want(s, "late result", len(s.finish(token, result(claimed[0], 200, noon))), 0)
	},
	"the oldest that is due is told": func(s *store) {
		due := func(now time.Time) time.Time {
			at, err := s.db.Reads().Deliveries.OldestDue(s.ctx, now)
			s.ok(err)
			return at
		}
		want(s, "nothing", due(noon), time.Time{})
		ep := s.endpoint(nil)
		s.delivery(ep, noon.Add(time.Minute))
		want(s, "not yet", due(noon), time.Time{})
		want(s, "a delivery", due(noon.Add(time.Hour)), noon.Add(time.Minute))
		s.stored(0, noon.Add(30*time.Second))
		want(s, "an event", due(noon.Add(time.Hour)), noon.Add(30*time.Second))
	},
	"what an endpoint's breaker or rate keeps waiting is not late": func(s *store) {
		due := func(now time.Time) time.Time {
			at, err := s.db.Reads().Deliveries.OldestDue(s.ctx, now)
			s.ok(err)
			return at
		}
		ep := s.endpoint(nil)
		s.deliveries(ep, domain.StrikesToOpen+1, noon)
		token, now := newID(), noon.Add(time.Hour)
		s.finish(token, results(s.claim(token, domain.StrikesToOpen, now), 500, now)...)
		resumes := now.Add(domain.FirstPause)
		want(s, "in the pause", due(resumes.Add(-time.Second)), time.Time{})
		want(s, "nobody went on after it", due(resumes.Add(time.Minute)), resumes)

		paced := s.endpoint(func(e *domain.Endpoint) { e.RateLimit, e.CreatedAt = 1, noon.Add(time.Second) })
		s.deliveries(paced, 2, noon)
		token, now = newID(), resumes.Add(-2*time.Second)
		sent := s.claim(token, 10, now)
		want(s, "let through by the rate", len(sent), 1)
		s.finish(token, results(sent, 204, now)...)
		want(s, "by its rate", due(now.Add(time.Second)), time.Time{})
		want(s, "nobody went on at its rate", due(now.Add(time.Minute)), noon.Add(time.Microsecond))
	},
}

package portstest

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// What results say of an endpoint, and what claims make of it (domain/health.go).
var healthPromises = map[string]func(*store){
	"strikes in a row stop the requests, and an answered probe lets them go on": func(s *store) {
		ep := s.endpoint(nil)
		s.deliveries(ep, 20, noon)
		now := noon.Add(time.Second)
		probe := func(code int) *domain.Endpoint {
			token := newID()
			got := s.claim(token, 20, now)
			want(s, "probes at once", len(got), 1)
			s.finish(token, result(got[0], code, now))
			return s.findEndpoint(ep.ID)
		}
		token := newID()
		first := s.claim(token, domain.StrikesToOpen, now)
		s.finish(token, results(first[1:], 500, now)...)
		want(s, "paused too early", s.findEndpoint(ep.ID).PausedUntil, (*time.Time)(nil))
		s.finish(token, result(first[0], 500, now))
		got := s.findEndpoint(ep.ID)
		want(s, "failures", got.Failures, domain.StrikesToOpen)
		want(s, "last failure", got.LastFailureAt, ptr(now))
		want(s, "a delivery is held back", s.findDelivery(first[0].ID).HeldBack, true)
		for _, pause := range domain.Pauses() {
			want(s, "paused", got.PausedUntil, ptr(now.Add(pause)))
			want(s, "claimed in the pause", len(s.claim(newID(), 20, now.Add(pause-time.Second))), 0)
			now = now.Add(pause)
			got = probe(503)
		}
		want(s, "the longest pause again", got.PausedUntil, ptr(now.Add(domain.LongestPause)))
		now = now.Add(domain.LongestPause)
		got = probe(204)
		want(s, "strikes of one that is well", got.Strikes, 0)
		want(s, "paused though well", got.PausedUntil, (*time.Time)(nil))
		want(s, "a delivery is held back though well", s.findDelivery(first[0].ID).HeldBack, false)
		if n := len(s.claim(newID(), 20, now)); n < 5 {
			s.Errorf("%d are claimed afterwards", n)
		}
	},
	"an answer in between, even a refusal, begins the count anew": func(s *store) {
		ep := s.endpoint(nil)
		for _, code := range []int{500, 500, 400, 500} {
			s.delivery(ep, noon)
			token := newID()
			s.finish(token, result(s.claim(token, 1, noon)[0], code, noon))
		}
		got := s.findEndpoint(ep.ID)
		want(s, "strikes", got.Strikes, 1)
		want(s, "failures", got.Failures, 4)
	},
	"an endpoint that throttles is left alone for as long as it asks": func(s *store) {
		ep := s.endpoint(nil)
		s.deliveries(ep, 3, noon)
		token := newID()
		r := result(s.claim(token, 1, noon.Add(time.Second))[0], 429, noon)
		r.Pause = 7 * time.Second
		s.finish(token, r)
		want(s, "paused", s.findEndpoint(ep.ID).PausedUntil, ptr(noon.Add(7*time.Second)))
		s.inTx(func(ctx context.Context, st ports.Stores) {
			standing, err := st.Deliveries.Standing(ctx, noon)
			s.ok(err)
			want(s, "slowed", standing.Slowed, map[uuid.UUID]bool{ep.ID: true})
		})
		want(s, "in the pause", len(s.claim(newID(), 3, noon.Add(6*time.Second))), 0)
		want(s, "after it", len(s.claim(newID(), 3, noon.Add(7*time.Second))), 1)
	},
	"a rate is kept, and what was not used is saved for a second": func(s *store) {
		ep := s.endpoint(func(e *domain.Endpoint) { e.RateLimit, e.MaxInFlight = 10, 100 })
		s.deliveries(ep, 40, noon)
		now := noon.Add(time.Minute)
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{0, 10}, {0, 0}, {500 * time.Millisecond, 5}, {100 * time.Millisecond, 1}, {time.Hour, 10}} {
			now = now.Add(step.wait)
			token := newID()
			got := s.claim(token, 40, now)
			want(s, "claimed after "+step.wait.String(), len(got), step.want)
			if len(got) > 0 {
				s.finish(token, results(got, 204, now)...)
			}
		}
	},
	"what is known of endpoints grows old with each change of one": func(s *store) {
		generation := func() int64 {
			n, err := s.db.Reads().Endpoints.Generation(s.ctx)
			s.ok(err)
			return n
		}
		before := generation()
		ep := s.endpoint(nil)
		made := generation()
		s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Endpoints.Save(ctx, ep)) })
		saved := generation()
		s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Endpoints.Delete(ctx, ep.ID)) })
		if made == before || saved == made || generation() == saved {
			s.Errorf("generations %d, %d, %d, %d", before, made, saved, generation())
		}
	},
}

func (s *store) findEndpoint(id uuid.UUID) *domain.Endpoint {
	s.Helper()
	e, err := s.db.Reads().Endpoints.Find(s.ctx, id)
	s.ok(err)
	return e
}

// results are the same for all.
func results(ds []*domain.Delivery, code int, now time.Time) []ports.DeliveryResult {
	rs := make([]ports.DeliveryResult, len(ds))
	for i, d := range ds {
		rs[i] = result(d, code, now)
	}
	return rs
}

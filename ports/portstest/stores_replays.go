package portstest

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var replayPromises = map[string]func(*store){
	"a replay comes back as it was saved": func(s *store) {
		ep, user := s.endpoint(nil), s.user()
		r := s.replay(ep, domain.ReplayForm{From: noon.Add(-time.Hour), EventTypes: []string{"file.*"}, Scope: domain.ReplayAll, PerSecond: 7}, &user.ID)
		got, err := s.db.Reads().Replays.Find(s.ctx, r.ID)
		s.ok(err)
		want(s, "found", got, r)
		r.Total, r.CursorID = 9, newID()
		r.Advance(&domain.Event{ID: r.CursorID, CreatedAt: noon.Add(-time.Minute)}, 4, 3, noon.Add(time.Second))
		s.ok(r.Cancel("Enough.", noon.Add(time.Minute)))
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Replays.Save(ctx, r) })
		s.tx(func(ctx context.Context, st ports.Stores) error {
			got, err = st.Replays.Lock(ctx, r.ID)
			return err
		})
		want(s, "saved", got, r)
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Endpoints.Delete(ctx, ep.ID) })
		_, err = s.db.Reads().Replays.Find(s.ctx, r.ID)
		wantCode(s.T, err, domain.NotFound)
		wantCode(s.T, s.try(func(ctx context.Context, st ports.Stores) error { return st.Replays.Save(ctx, r) }), domain.NotFound)
	},
	"replays are listed by endpoint and state": func(s *store) {
		a, b := s.endpoint(nil), s.endpoint(nil)
		form := domain.ReplayForm{From: noon.Add(-time.Hour)}
		mine, other := s.replay(a, form, nil), s.replay(b, form, nil)
		other.Complete(noon)
		s.tx(func(ctx context.Context, st ports.Stores) error { return st.Replays.Save(ctx, other) })
		for key, value := range map[string]string{"endpoint": a.ID.String(), "status": "in_progress"} {
			page, err := s.db.Reads().Replays.List(s.ctx, ports.ListQuery{Filters: map[string][]string{key: {value}}})
			s.ok(err)
			want(s, key, []int{len(page.Items), page.Total}, []int{1, 1})
			want(s, key, page.Items[0].ID, mine.ID)
		}
	},
	"ahead of a replay lie the relayed events of its window, with what the endpoint has of them": func(s *store) {
		ep := s.endpoint(nil)
		var in []*domain.Event
		for i := range 3 {
			in = append(in, s.event(noon.Add(time.Duration(i)*time.Minute)))
		}
		s.event(noon.Add(-time.Minute))
		s.event(noon.Add(time.Hour))
		s.stored(0, noon.Add(time.Second)) // not relayed
		d, elsewhere := domain.NewDelivery(newID(), in[1], ep, "f", noon), domain.NewDelivery(newID(), in[2], s.endpoint(nil), "f", noon)
		d.Status = domain.DeliveryFailed
		s.tx(func(ctx context.Context, st ports.Stores) error {
			return st.Deliveries.InsertAll(ctx, []*domain.Delivery{d, elsewhere})
		})
		r, err := domain.NewReplay(newID(), ep, domain.ReplayForm{From: noon, To: noon.Add(time.Hour)}, nil, noon.Add(2*time.Hour))
		s.ok(err)
		reads := s.db.Reads().Replays
		n, err := reads.CountAhead(s.ctx, r, 10)
		s.ok(err)
		want(s, "count", n, 3)
		n, err = reads.CountAhead(s.ctx, r, 2)
		s.ok(err)
		want(s, "count up to", n, 2)
		items, err := reads.Ahead(s.ctx, r, 2)
		s.ok(err)
		want(s, "first", []uuid.UUID{items[0].Event.ID, items[1].Event.ID}, []uuid.UUID{in[0].ID, in[1].ID})
		want(s, "without a delivery", []any{items[0].DeliveryID, items[0].Status}, []any{(*uuid.UUID)(nil), domain.DeliveryStatus("")})
		want(s, "with one", []any{items[1].DeliveryID, items[1].Status}, []any{&d.ID, domain.DeliveryFailed})
		r.Advance(items[1].Event, 2, 0, noon)
		items, err = reads.Ahead(s.ctx, r, 2)
		s.ok(err)
		want(s, "rest", []int{len(items)}, []int{1})
		want(s, "last", items[0].Event.ID, in[2].ID)
		want(s, "another endpoint's", items[0].DeliveryID, (*uuid.UUID)(nil))
	},
	"single deliveries are reopened and cancelled, but for what is on its way": func(s *store) {
		ep := s.endpoint(nil)
		ds := s.deliveries(ep, 4, noon)
		token := newID()
		claimed := s.claim(token, 2, noon.Add(time.Second))
		s.finish(token, result(claimed[0], 410, noon), result(claimed[1], 200, noon))
		ids := []uuid.UUID{ds[0].ID, ds[1].ID, ds[2].ID, ds[3].ID}
		var events []uuid.UUID
		s.tx(func(ctx context.Context, st ports.Stores) (err error) {
			events, err = st.Deliveries.Reopen(ctx, ids, noon.Add(time.Hour))
			return err
		})
		want(s, "events", idSet(events), idSet([]uuid.UUID{claimed[0].EventID, claimed[1].EventID}))
		got := s.findDelivery(claimed[0].ID)
		want(s, "reopened", []any{got.Status, got.Attempts, got.NextAttemptAt}, []any{domain.DeliveryPending, 0, noon.Add(time.Hour)})
		s.tx(func(ctx context.Context, st ports.Stores) (err error) {
			stopped, err := st.Deliveries.Cancel(ctx, append(ids[:3:3], newID()), "By hand.", noon.Add(time.Hour))
			want(s, "cancelled", stopped, map[uuid.UUID]uuid.UUID{ids[0]: ds[0].EventID, ids[1]: ds[1].EventID, ids[2]: ds[2].EventID})
			return err
		})
		got = s.findDelivery(ids[0])
		want(s, "status", []any{got.Status, got.LastError}, []any{domain.DeliveryCancelled, "By hand."})
		want(s, "left alone", s.findDelivery(ids[3]).Status, domain.DeliveryPending)
	},
}

func (s *store) replay(ep *domain.Endpoint, f domain.ReplayForm, by *uuid.UUID) *domain.Replay {
	s.Helper()
	r, err := domain.NewReplay(newID(), ep, f, by, noon)
	s.ok(err)
	s.tx(func(ctx context.Context, st ports.Stores) error { return st.Replays.Insert(ctx, r) })
	return r
}

func idSet(ids []uuid.UUID) map[uuid.UUID]bool {
	out := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out
}

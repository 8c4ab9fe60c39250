package portstest

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var settlePromises = map[string]func(*store){
	"an event settles when nothing is pending": func(s *store) {
		for name, c := range map[string]struct {
			states []domain.DeliveryStatus
			want   domain.EventStatus
		}{
			"one pending":          {[]domain.DeliveryStatus{"delivered", "failed", "pending"}, domain.EventPending},
			"all delivered":        {[]domain.DeliveryStatus{"delivered", "delivered"}, domain.EventDelivered},
			"one failed":           {[]domain.DeliveryStatus{"delivered", "failed", "cancelled"}, domain.EventFailed},
			"delivered, cancelled": {[]domain.DeliveryStatus{"delivered", "cancelled"}, domain.EventDelivered},
			"none left":            {nil, domain.EventDelivered},
		} {
			e := s.owed(c.states...)
			moved := s.settle(noon.Add(time.Minute), e.ID)
			got := s.findEvent(e.ID)
			want(s, name, got.Status, c.want)
			want(s, name+" moved", moved == 1, c.want != domain.EventPending)
			want(s, name+" delivered at", got.DeliveredAt != nil, c.want == domain.EventDelivered)
			if c.want == domain.EventFailed {
				want(s, "error", got.ErrorMessage, "it broke")
			}
			want(s, name+" again", s.settle(noon.Add(time.Hour), e.ID), 0)
		}
	},
	"an event that is not relayed does not settle": func(s *store) {
		_, e := s.stored(0, noon)
		want(s, "moved", s.settle(noon, e.ID), 0)
		want(s, "status", s.findEvent(e.ID).Status, domain.EventPending)
	},
	"without ids everything that can settles, past what cannot": func(s *store) {
		for range 3 {
			s.owed("pending")
		}
		a, b := s.owed("delivered"), s.owed("failed")
		var moved int
		for range 2 {
			s.inTx(func(ctx context.Context, st ports.Stores) {
				n, err := st.Outbox.Settle(ctx, nil, 1, noon)
				s.ok(err)
				moved += n
			})
		}
		want(s, "moved", moved, 2)
		want(s, "delivered", s.findEvent(a.ID).Status, domain.EventDelivered)
		want(s, "failed", s.findEvent(b.ID).Status, domain.EventFailed)
	},
	"two that finish an event's last deliveries at once leave it settled": settleRace,
	"a retry makes failed and delivered events pending": func(s *store) {
		failed, delivered, pending := s.owed("failed"), s.owed("delivered"), s.owed("pending")
		s.settle(noon, failed.ID, delivered.ID)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			n, err := st.Deliveries.ReopenFailed(ctx, []uuid.UUID{failed.ID}, nil, noon.Add(time.Hour))
			s.ok(err)
			want(s, "deliveries", n, 1)
			n, err = st.Outbox.Reopen(ctx, []uuid.UUID{failed.ID, delivered.ID, pending.ID, newID()}, noon.Add(time.Hour))
			s.ok(err)
			want(s, "events", n, 2)
		})
		want(s, "failed", s.findEvent(failed.ID).Status, domain.EventPending)
		got := s.findEvent(delivered.ID)
		want(s, "delivered", got.Status, domain.EventPending)
		want(s, "delivered at", got.DeliveredAt, (*time.Time)(nil))
	},
	"old settled events go with all that hangs on them, up to the limit": func(s *store) {
		ep := s.endpoint(nil)
		d := s.delivery(ep, noon)
		token := newID()
		s.finish(token, result(s.claim(token, 10, noon)[0], 200, noon))
		s.settle(noon, d.EventID)
		failed, pending, reopened := s.owed("failed"), s.owed("pending"), s.owed("delivered", "pending")
		s.settle(noon, failed.ID)
		remove := func(before time.Time, limit int) (n int) {
			s.inTx(func(ctx context.Context, st ports.Stores) {
				var err error
				n, err = st.Outbox.DeleteSettled(ctx, before, limit)
				s.ok(err)
			})
			return n
		}
		want(s, "too young", remove(noon, 10), 0)
		want(s, "first", remove(noon.Add(time.Hour), 1), 1)
		want(s, "second", remove(noon.Add(time.Hour), 10), 1)
		_, err := s.db.Reads().Deliveries.Find(s.ctx, d.ID)
		wantCode(s.T, err, domain.NotFound)
		attempts, err := s.db.Reads().Attempts.ListOf(s.ctx, d.ID, 10)
		s.ok(err)
		want(s, "attempts", len(attempts), 0)
		s.findEvent(pending.ID)
		s.findEvent(reopened.ID)
	},
}

// owed is a relayed event with a delivery in each of these states.
func (s *store) owed(states ...domain.DeliveryStatus) *domain.Event {
	s.Helper()
	e := s.event(noon)
	var ds []*domain.Delivery
	for _, status := range states {
		d := domain.NewDelivery(newID(), e, s.endpoint(nil), "f", noon)
		d.Status = status
		switch status {
		case domain.DeliveryDelivered:
			d.DeliveredAt = ptr(noon)
		case domain.DeliveryFailed:
			d.LastError = "it broke"
		}
		ds = append(ds, d)
	}
	s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Deliveries.InsertAll(ctx, ds)) })
	return e
}

func settleRace(s *store) {
	a, b := s.endpoint(nil), s.endpoint(nil)
	for range 15 {
		e := s.event(noon)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			s.ok(st.Deliveries.InsertAll(ctx, []*domain.Delivery{domain.NewDelivery(newID(), e, a, "f", noon), domain.NewDelivery(newID(), e, b, "f", noon)}))
		})
		token := newID()
		claimed := s.claim(token, 2, noon)
		want(s, "claimed", len(claimed), 2)
		start := make(chan struct{})
		var wg sync.WaitGroup
		for _, d := range claimed {
			wg.Go(func() {
				<-start
				err := s.try(func(ctx context.Context, st ports.Stores) error {
					_, err := st.Deliveries.Finish(ctx, token, []ports.DeliveryResult{result(d, 200, noon)})
					return err
				})
				if err == nil {
					err = s.try(func(ctx context.Context, st ports.Stores) error {
						_, err := st.Outbox.Settle(ctx, []uuid.UUID{e.ID}, 1, noon)
						return err
					})
				}
				if err != nil {
					s.Error(err)
				}
			})
		}
		close(start)
		wg.Wait()
		want(s, "status", s.findEvent(e.ID).Status, domain.EventDelivered)
	}
}

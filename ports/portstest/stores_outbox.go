package portstest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

var outboxPromises = map[string]func(*store){
	"an event comes back byte for byte": func(s *store) {
		_, e := s.stored(time.Hour, noon)
		got := s.findEvent(e.ID)
		want(s, "payload", string(got.Payload), string(e.Payload))
		want(s, "key", got.IdempotencyKey, e.IdempotencyKey)
		want(s, "status", got.Status, domain.EventPending)
		want(s, "created", got.CreatedAt, noon)
		ep := s.endpoint(nil)
		ping := domain.NewPing(ep, newID(), noon)
		s.ok(ping.AssignID(newID()))
		s.inTx(func(ctx context.Context, st ports.Stores) {
			added, err := st.Outbox.Append(ctx, ping)
			s.ok(err)
			want(s, "added", added, true)
		})
		want(s, "target", s.findEvent(ping.ID).TargetID, &ep.ID)
	},
	"an event that rolled back was never there": func(s *store) {
		ep := s.endpoint(nil)
		ping := domain.NewPing(ep, newID(), noon)
		s.ok(ping.AssignID(newID()))
		err := s.try(func(ctx context.Context, st ports.Stores) error {
			_, err := st.Outbox.Append(ctx, ping)
			s.ok(err)
			return errOnPurpose
		})
		if !errors.Is(err, errOnPurpose) {
			s.Fatal(err)
		}
		_, err = s.db.Reads().Outbox.Find(s.ctx, ping.ID)
		wantCode(s.T, err, domain.NotFound)
	},
	"the same type and key are appended once, and the transaction goes on": func(s *store) {
		_, e := s.stored(0, noon)
		twin := *e
		twin.ID, twin.Payload = newID(), []byte(`{"other":true}`)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			added, err := st.Outbox.Append(ctx, &twin)
			s.ok(err)
			want(s, "added", added, false)
			_, err = st.Outbox.Find(ctx, e.ID)
			s.ok(err)
		})
		want(s, "payload", string(s.findEvent(e.ID).Payload), string(e.Payload))
		_, err := s.db.Reads().Outbox.Find(s.ctx, twin.ID)
		wantCode(s.T, err, domain.NotFound)
	},
	"unrelayed events are claimed oldest first, up to the limit, until marked": func(s *store) {
		_, second := s.stored(0, noon.Add(time.Second))
		_, first := s.stored(0, noon)
		_, third := s.stored(0, noon.Add(2*time.Second))
		claim := func(limit int) (ids []uuid.UUID) {
			s.inTx(func(ctx context.Context, st ports.Stores) {
				got, err := st.Outbox.ClaimUnrelayed(ctx, time.Time{}, limit, false)
				s.ok(err)
				for _, e := range got {
					ids = append(ids, e.ID)
				}
			})
			return ids
		}
		want(s, "oldest two", claim(2), []uuid.UUID{first.ID, second.ID})
		s.inTx(func(ctx context.Context, st ports.Stores) {
			s.ok(st.Deliveries.FanOut(ctx, ports.FanOut{Relayed: []uuid.UUID{first.ID, second.ID}, Unwanted: []uuid.UUID{second.ID}, At: noon.Add(time.Minute)}))
		})
		want(s, "what is left", claim(5), []uuid.UUID{third.ID})
		want(s, "relayed", s.findEvent(first.ID).RelayedAt, ptr(noon.Add(time.Minute)))
		want(s, "still owed", s.findEvent(first.ID).Status, domain.EventPending)
		nobody := s.findEvent(second.ID)
		want(s, "owed to nobody", nobody.Status, domain.EventDelivered)
		want(s, "delivered at", nobody.DeliveredAt, ptr(noon.Add(time.Minute)))
	},
	"two relays never get the same event": func(s *store) {
		for range 40 {
			s.stored(0, noon)
		}
		var mu sync.Mutex
		seen := make(map[uuid.UUID]int)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for more := true; more; {
					var ids []uuid.UUID
					err := s.try(func(ctx context.Context, st ports.Stores) error {
						got, err := st.Outbox.ClaimUnrelayed(ctx, time.Time{}, 3, false)
						ids = ids[:0]
						for _, e := range got {
							ids = append(ids, e.ID)
						}
						if err != nil {
							return err
						}
						return st.Deliveries.FanOut(ctx, ports.FanOut{Relayed: ids, At: noon})
					})
					if err != nil {
						s.Error(err)
					}
					more = len(ids) > 0 && err == nil
					mu.Lock()
					for _, id := range ids {
						seen[id]++
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		want(s, "events", len(seen), 40)
		for id, n := range seen {
			if n != 1 {
				s.Errorf("%s was relayed %d times", id, n)
			}
		}
	},
	"events are found by their ids": func(s *store) {
		a, b := s.event(noon), s.event(noon)
		got, err := s.db.Reads().Outbox.FindAll(s.ctx, []uuid.UUID{a.ID, b.ID, newID()})
		s.ok(err)
		want(s, "found", len(got), 2)
		want(s, "payload", string(got[b.ID].Payload), string(b.Payload))
	},
}

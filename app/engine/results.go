package engine

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
)

// resultBatch bounds one write; more waits for the next.
const resultBatch = 200

// writeResults collects what is there and writes it in one go, so that a busy
// shift pays one commit for many deliveries and an idle one does not wait.
func (s *shift) writeResults() {
	for r := range s.results {
		batch := []ports.DeliveryResult{r}
	collect:
		for len(batch) < resultBatch {
			select {
			case r, ok := <-s.results:
				if !ok {
					break collect
				}
				batch = append(batch, r)
			default:
				break collect
			}
		}
		s.finish(batch)
	}
}

// finish writes results under the token and settles their events in a second
// statement. While the database is away it tries again; results of leases that
// somebody else took over meanwhile are dropped there.
func (s *shift) finish(batch []ports.DeliveryResult) {
	written, err := s.retry(func(ctx context.Context) ([]uuid.UUID, error) { return s.e.finish(ctx, s.token, batch) })
	if err != nil {
		s.e.Log.Error("results lost, the deliveries go out again", "count", len(batch), "error", err)
	}
	s.count(batch, written)
	ids := make([]uuid.UUID, len(batch))
	for i, r := range batch {
		ids[i] = r.Delivery.ID
	}
	s.land(ids)
}

// retry runs fn for as long as a lease can last.
func (s *shift) retry(fn func(context.Context) ([]uuid.UUID, error)) (ids []uuid.UUID, err error) {
	ctx, cancel := context.WithTimeout(s.dbCtx, 2*LeaseTTL)
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		if ids, err = fn(ctx); err == nil {
			return ids, nil
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil, err
		case <-t.C:
		}
	}
}

func (s *shift) count(batch []ports.DeliveryResult, written []uuid.UUID) {
	ok := make(map[uuid.UUID]bool, len(written))
	for _, id := range written {
		ok[id] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range batch {
		switch {
		case !ok[r.Delivery.ID]:
		case r.Attempt.OK():
			s.sum.Delivered++
		default:
			s.sum.Failed++
		}
	}
}

// finish writes results, settles their events and draws the consequences for
// endpoints. It returns the deliveries that were still ours.
func (e *Engine) finish(ctx context.Context, token uuid.UUID, batch []ports.DeliveryResult) ([]uuid.UUID, error) {
	var written []uuid.UUID
	err := e.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		var err error
		written, err = st.Deliveries.Finish(ctx, token, batch)
		return err
	})
	if err != nil {
		return nil, err
	}
	now := e.Clock.Now()
	events := make([]uuid.UUID, 0, len(batch))
	gone := map[uuid.UUID]bool{}
	for _, r := range batch {
		events = append(events, r.Delivery.EventID)
		if r.Attempt.StatusCode == http.StatusGone {
			gone[r.Delivery.EndpointID] = true
		}
	}
	err = e.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		_, err := st.Outbox.Settle(ctx, events, len(events), now)
		return err
	})
	if err != nil {
		e.Log.Warn("events not settled, the sweep does it", "error", err)
	}
	for id := range gone {
		if err := Disable(ctx, e.DB, e.IDs, id, "It answered 410 Gone, which means it wants no more webhooks.", now); err != nil {
			e.Log.Error("endpoint not disabled", "endpoint_id", id, "error", err)
		}
	}
	return written, nil
}

// Disable switches an endpoint off for a reason of its own, cancels what is
// pending for it and tells the admins' endpoints.
func Disable(ctx context.Context, db ports.Transactor, ids ports.IDs, id uuid.UUID, reason string, now time.Time) error {
	return db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		ep, err := s.Endpoints.Find(ctx, id)
		if err != nil || !ep.Active {
			return err
		}
		ep.Disable(reason, now)
		if err := s.Endpoints.Save(ctx, ep); err != nil {
			return err
		}
		if err := Cancel(ctx, s, id, reason, now); err != nil {
			return err
		}
		if err := s.Audit.Append(ctx, domain.NewAuditEntry(ids.New(), domain.System(), "endpoint.disabled", "endpoint", id, map[string]string{"reason": reason}, now)); err != nil {
			return err
		}
		return app.Append(ctx, s, ids, domain.NewEndpointEvent(domain.EventEndpointDisabled, ep, reason, ids.New(), now))
	})
}

// Cancel ends what is pending for an endpoint and settles the events.
func Cancel(ctx context.Context, s ports.Stores, endpoint uuid.UUID, reason string, now time.Time) error {
	events, err := s.Deliveries.CancelPending(ctx, endpoint, reason, now)
	if err != nil || len(events) == 0 {
		return err
	}
	_, err = s.Outbox.Settle(ctx, events, len(events), now)
	return err
}

package engine

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
)

// resultWriters write at once while there is much to write: one waits for its
// commit and the other works.
const resultWriters = 2

// resultBatch bounds one write; more waits for the next.
const resultBatch = 500

// After fewer results, or events to settle, than restful comes a rest, in which
// more come together: what a transaction costs hardly depends on their number.
// Results rest as long as they took to write, up to resultRest; a crash in between
// has them sent again.
const (
	restful    = 64
	resultRest = 10 * time.Millisecond
	settleRest = 40 * time.Millisecond
)

// rest lets work come together, unless it does so by itself.
func rest(done int, worked, most time.Duration) {
	if done < restful {
		time.Sleep(min(worked, most))
	}
}

// writeResults collects what is there and writes it in one go, so that a busy
// shift pays one commit for many deliveries and an idle one does not wait.
func (s *shift) writeResults() {
	defer close(s.settled)
	var writing sync.WaitGroup
	defer writing.Wait()
	free := make(chan struct{}, resultWriters)
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
		if free <- struct{}{}; len(batch) >= restful {
			writing.Go(func() { s.finish(batch); <-free })
			continue
		}
		began := s.e.Clock.Now()
		s.finish(batch)
		<-free
		rest(len(batch), s.e.Clock.Now().Sub(began), resultRest)
	}
}

// settle settles the events of written results, in transactions of its own that
// take what has come together meanwhile: an event that goes to many endpoints
// is looked at a few times only.
func (s *shift) settle() {
	for events := range s.settled {
		wanted := make(map[uuid.UUID]bool)
		for more := true; more; {
			for _, id := range events {
				wanted[id] = true
			}
			select {
			case events, more = <-s.settled:
			default:
				more = false
			}
		}
		began := s.e.Clock.Now()
		ctx, cancel := context.WithTimeout(s.dbCtx, LeaseTTL)
		err := s.e.DB.InLooseTx(ctx, func(ctx context.Context, st ports.Stores) error {
			_, err := st.Outbox.Settle(ctx, keys(wanted), len(wanted), s.e.Clock.Now())
			return err
		})
		cancel()
		if err != nil {
			s.e.Log.Warn("events not settled, the sweep does it", "count", len(wanted), "error", err)
		}
		rest(len(wanted), 3*s.e.Clock.Now().Sub(began), settleRest)
	}
}

// finish writes results under the token and has their events settled. While the
// database is away it tries again; results of leases that somebody else took
// over meanwhile are dropped there.
func (s *shift) finish(batch []ports.DeliveryResult) {
	written, err := s.retry(func(ctx context.Context) ([]uuid.UUID, error) { return s.e.finish(ctx, s.token, batch) })
	if err != nil {
		s.e.Log.Error("results lost, the deliveries go out again", "count", len(batch), "error", err)
	}
	s.count(batch, written)
	ids, events := make([]uuid.UUID, len(batch)), make([]uuid.UUID, len(batch))
	for i, r := range batch {
		ids[i], events[i] = r.Delivery.ID, r.Delivery.EventID
	}
	s.settled <- events
	s.land(ids, true)
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

// finish writes results and draws the consequences for endpoints. It returns
// the deliveries that were still ours.
func (e *Engine) finish(ctx context.Context, token uuid.UUID, batch []ports.DeliveryResult) ([]uuid.UUID, error) {
	for i, r := range batch {
		if r.Attempt.Throttles() {
			batch[i].Pause = domain.Pause(retryAfter(r.Attempt.ResponseHeaders, r.Delivery.UpdatedAt))
		}
	}
	var written []uuid.UUID
	err := e.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		var err error
		written, err = st.Deliveries.Finish(ctx, token, batch)
		return err
	})
	if err != nil {
		return nil, err
	}
	gone := map[uuid.UUID]bool{}
	for _, r := range batch {
		if r.Attempt.StatusCode == http.StatusGone {
			gone[r.Delivery.EndpointID] = true
		}
	}
	for id := range gone {
		if _, err := e.Disable(ctx, id, goneReason, nil); err != nil {
			e.Log.Error("endpoint not disabled", "endpoint_id", id, "error", err)
		}
	}
	return written, nil
}

const goneReason = "It answered 410 Gone, which means it wants no more webhooks."

// Disable switches an endpoint off for a reason of its own, cancels what is
// pending for it and says so: to the admins' endpoints, in the history and in
// the log. Unless it is still as asked for (nil asks nothing), or when it is off
// already, nothing happens and done is false.
func (e *Engine) Disable(ctx context.Context, id uuid.UUID, reason string, still func(*domain.Endpoint) bool) (done bool, err error) {
	now := e.Clock.Now()
	var ep *domain.Endpoint
	err = e.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		done = false
		var err error
		if ep, err = s.Endpoints.Lock(ctx, id); err != nil || !ep.Active || still != nil && !still(ep) {
			return err
		}
		ep.Disable(reason, now)
		if err := s.Endpoints.Save(ctx, ep); err != nil {
			return err
		}
		if err := Cancel(ctx, s, id, reason, now); err != nil {
			return err
		}
		if err := s.Audit.Append(ctx, domain.NewAuditEntry(e.IDs.New(), domain.System(), "endpoint.disabled", "endpoint", id, map[string]string{"reason": reason}, now)); err != nil {
			return err
		}
		done = true
		return app.Append(ctx, s, e.IDs, domain.NewEndpointEvent(domain.EventEndpointDisabled, ep, reason, e.IDs.New(), now))
	})
	if done = done && err == nil; done {
		e.Log.Warn("endpoint disabled", "endpoint_id", id, "name", ep.Name, "reason", reason)
	}
	return done, err
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

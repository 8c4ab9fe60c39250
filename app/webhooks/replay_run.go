package webhooks

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/app/engine"
	"doorito/domain"
	"doorito/ports"
)

const (
	// replayEvery is how often running replays take a step.
	replayEvery = 500 * time.Millisecond
	// replayLook is how many events a step looks at, at most.
	replayLook = 1000
)

// Run moves running replays on until ctx ends. Any number of processes may: a
// step locks its replay, and cursor, deliveries and count are one commit, so a
// process that dies in the middle skips nothing and repeats nothing.
func (w *Replays) Run(ctx context.Context) error {
	tick := time.NewTicker(replayEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := w.Step(ctx); err != nil && ctx.Err() == nil {
			w.Log.Error("replay stuck, tried again in a moment", "error", err)
		}
	}
}

// Step moves each running replay on by what its rate allows.
func (w *Replays) Step(ctx context.Context) error {
	running, err := w.DB.Reads().Replays.List(ctx, ports.ListQuery{
		Filters: map[string][]string{"status": {string(domain.ReplayRunning)}}, Limit: ports.MaxPageSize,
	})
	if err != nil {
		return err
	}
	for _, r := range running.Items {
		err := w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error { return w.advance(ctx, s, r.ID) })
		if err != nil && !domain.IsCode(err, domain.NotFound) {
			return err
		}
	}
	return nil
}

func (w *Replays) advance(ctx context.Context, s ports.Stores, id uuid.UUID) error {
	r, err := s.Replays.Lock(ctx, id)
	if err != nil || r.Status != domain.ReplayRunning {
		return err
	}
	now := w.Clock.Now()
	ep, err := s.Endpoints.Find(ctx, r.EndpointID)
	if err != nil {
		return err
	}
	if !ep.Active {
		if err := r.Cancel("The endpoint was switched off.", now); err != nil {
			return err
		}
		return s.Replays.Save(ctx, r)
	}
	allowed := r.Allowance(now)
	if allowed == 0 {
		return nil
	}
	items, err := ahead(ctx, s, r, ep, replayLook)
	if err != nil {
		return err
	}
	step := w.choose(r, ep, items, allowed, now)
	if err := step.write(ctx, s, now); err != nil {
		return err
	}
	r.Advance(step.last, step.seen, len(step.events), now)
	if step.seen == len(items) && len(items) < replayLook {
		r.Complete(now)
	}
	return s.Replays.Save(ctx, r)
}

// ahead reads the next events with all that the endpoint's filter looks at.
func ahead(ctx context.Context, s ports.Stores, r *domain.Replay, ep *domain.Endpoint, limit int) ([]ports.ReplayItem, error) {
	items, err := s.Replays.Ahead(ctx, r, limit)
	if err != nil {
		return nil, err
	}
	events := make([]*domain.Event, len(items))
	for i, it := range items {
		events[i] = it.Event
	}
	return items, engine.AddBatchLabels(ctx, s, []*domain.Endpoint{ep}, events)
}

// replayStep is what one step makes due.
type replayStep struct {
	last   *domain.Event
	seen   int
	events []uuid.UUID // of both of these
	fresh  []*domain.Delivery
	again  []uuid.UUID
}

// choose goes through the events until the rate is used up.
func (w *Replays) choose(r *domain.Replay, ep *domain.Endpoint, items []ports.ReplayItem, allowed int, now time.Time) replayStep {
	var step replayStep
	for _, it := range items {
		if r.Takes(ep, it.Event, it.Status) {
			if len(step.events) == allowed {
				break
			}
			step.events = append(step.events, it.Event.ID)
			if it.DeliveryID != nil {
				step.again = append(step.again, *it.DeliveryID)
			} else {
				step.fresh = append(step.fresh, domain.NewDelivery(w.IDs.New(), it.Event, ep, engine.Subject(it.Event), now))
			}
		}
		step.last, step.seen = it.Event, step.seen+1
	}
	return step
}

// write opens the events before their deliveries: it takes the locks in one
// order.
func (p replayStep) write(ctx context.Context, s ports.Stores, now time.Time) error {
	if _, err := s.Outbox.Reopen(ctx, p.events, now); err != nil {
		return err
	}
	if err := s.Deliveries.InsertAll(ctx, p.fresh); err != nil {
		return err
	}
	_, err := s.Deliveries.Reopen(ctx, p.again, now)
	return err
}

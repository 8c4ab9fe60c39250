package webhooks

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/app/engine"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// spare is what a test's lease has beyond the request's own time-out.
const spare = 10 * time.Second

// Test implements usecase.Endpoints: a ping event with its delivery, already
// relayed and leased to this call. If the process dies, the lease runs out and
// a worker sends it.
func (w *Endpoints) Test(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.DeliveryDetail, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	return w.sendNow(ctx, id, func(ep *domain.Endpoint, now time.Time) (*domain.Event, error) {
		return domain.NewPing(ep, w.IDs.New(), now), nil
	})
}

// Sample implements usecase.Endpoints, in the same way.
func (w *Endpoints) Sample(ctx context.Context, a domain.Actor, id uuid.UUID, t domain.EventType, data []byte) (*usecase.DeliveryDetail, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	return w.sendNow(ctx, id, func(ep *domain.Endpoint, now time.Time) (*domain.Event, error) {
		return domain.NewSample(ep, t, data, w.IDs.New(), now)
	})
}

// newEvent makes what is sent to one endpoint.
type newEvent func(ep *domain.Endpoint, now time.Time) (*domain.Event, error)

func (w *Endpoints) sendNow(ctx context.Context, id uuid.UUID, make newEvent) (*usecase.DeliveryDetail, error) {
	job, token, err := w.prepareTest(ctx, id, make)
	if err != nil {
		return nil, err
	}
	r, ok := w.Courier.Attempt(ctx, job)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), spare)
	defer cancel()
	err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if !ok {
			return s.Deliveries.Release(ctx, token, []uuid.UUID{job.Delivery.ID})
		}
		_, err := s.Deliveries.Finish(ctx, token, []ports.DeliveryResult{r})
		return err
	})
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, domain.Errorf(domain.Unavailable, "The test was cut off before an answer came. A worker sends it again in a moment.")
	}
	err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		_, err := s.Outbox.Settle(ctx, []uuid.UUID{job.Event.ID}, 1, w.Clock.Now())
		return err
	})
	if err != nil {
		w.Log.Warn("test event not settled, the sweep does it", "event_id", job.Event.ID, "error", err)
	}
	return &usecase.DeliveryDetail{
		Delivery: r.Delivery, Event: job.Event, Endpoint: job.Endpoint, Attempts: []*domain.Attempt{r.Attempt},
		Body: job.Event.Payload, Schedule: w.Courier.ScheduleOf(job.Endpoint),
	}, nil
}

func (w *Endpoints) prepareTest(ctx context.Context, id uuid.UUID, make newEvent) (job engine.Job, token uuid.UUID, err error) {
	token = w.IDs.New()
	err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		now := w.Clock.Now()
		ep, err := s.Endpoints.Find(ctx, id)
		if err != nil {
			return err
		}
		ev, err := make(ep, now)
		if err != nil {
			return err
		}
		if err := ev.AssignID(w.IDs.New()); err != nil {
			return err
		}
		ev.RelayedAt = &now
		if _, err := s.Outbox.Append(ctx, ev); err != nil {
			return err
		}
		d := domain.NewDelivery(w.IDs.New(), ev, ep, engine.Subject(ev), now)
		until := now.Add(max(ep.Timeout, w.Courier.Timeout) + spare)
		d.LeaseToken, d.LeaseUntil, d.EndpointName, d.EndpointURL = &token, &until, ep.Name, ep.URL
		job = engine.Job{Delivery: d, Event: ev, Endpoint: ep}
		return s.Deliveries.InsertAll(ctx, []*domain.Delivery{d})
	})
	return job, token, err
}

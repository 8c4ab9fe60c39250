package webhooks

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"doorito/app/engine"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Deliveries implements usecase.Deliveries.
type Deliveries struct {
	DB      ports.Transactor
	Stats   ports.Stats
	Courier *engine.Courier
	Clock   ports.Clock
	IDs     ports.IDs
}

var _ usecase.Deliveries = (*Deliveries)(nil)

// List implements usecase.Deliveries.
func (w *Deliveries) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Delivery], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.Delivery]{}, err
	}
	return w.DB.Reads().Deliveries.List(ctx, q)
}

// Find implements usecase.Deliveries.
func (w *Deliveries) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.DeliveryDetail, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	reads := w.DB.Reads()
	d, err := reads.Deliveries.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &usecase.DeliveryDetail{Delivery: d}
	if out.Event, err = reads.Outbox.Find(ctx, d.EventID); err != nil {
		return nil, err
	}
	if out.Endpoint, err = reads.Endpoints.Find(ctx, d.EndpointID); err != nil {
		return nil, err
	}
	out.Schedule = w.Courier.ScheduleOf(out.Endpoint)
	if out.Attempts, err = reads.Attempts.ListOf(ctx, id, 100); err != nil {
		return nil, err
	}
	serials, err := reads.Files.LinkSerials(ctx, []uuid.UUID{out.Event.AggregateID})
	if err != nil {
		return nil, err
	}
	out.Body, err = w.Courier.Body(out.Event, serials[out.Event.AggregateID])
	return out, err
}

// longest is how many of the oldest pending deliveries Stuck names.
const longest = 20

// Stuck implements usecase.Deliveries.
func (w *Deliveries) Stuck(ctx context.Context, a domain.Actor) (*usecase.Stuck, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	backlogs, err := w.Stats.Backlogs(ctx)
	if err != nil {
		return nil, err
	}
	oldest, err := w.DB.Reads().Deliveries.ListOldestPending(ctx, longest)
	return &usecase.Stuck{Backlogs: backlogs, Oldest: oldest}, err
}

// Redeliver implements usecase.Deliveries.
func (w *Deliveries) Redeliver(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error) {
	if err := a.RequireAdmin(); err != nil {
		return 0, err
	}
	n := 0
	var first error
	for _, id := range ids {
		switch err := w.reopen(ctx, a, id); {
		case err == nil:
			n++
		case !domain.IsCode(err, domain.Conflict) && !domain.IsCode(err, domain.NotFound):
			return n, err
		case first == nil:
			first = err
		}
	}
	if n == 0 {
		return 0, first
	}
	return n, nil
}

func (w *Deliveries) reopen(ctx context.Context, a domain.Actor, id uuid.UUID) error {
	return w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		now := w.Clock.Now()
		d, err := s.Deliveries.Lock(ctx, id)
		if err != nil {
			return err
		}
		ep, err := s.Endpoints.Find(ctx, d.EndpointID)
		if err != nil {
			return err
		}
		if !ep.Active {
			return domain.Errorf(domain.Conflict, "%s is switched off. Switch it on first, then redeliver.", ep.Name)
		}
		was := *d
		if err := d.Reopen(now); err != nil {
			return err
		}
		if err := s.Deliveries.Save(ctx, d); err != nil {
			return err
		}
		if err := probe(ctx, s, ep, now); err != nil {
			return err
		}
		if _, err := s.Outbox.Reopen(ctx, []uuid.UUID{d.EventID}, now); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(w.IDs.New(), a, "delivery.reopened", "delivery", id, map[string]string{
			"status": string(was.Status) + " → " + string(d.Status), "attempts": moved(was.Attempts, d.Attempts),
		}, now))
	})
}

// moved is a number that changed, in an audit entry.
func moved(from, to int) string { return strconv.Itoa(from) + " → " + strconv.Itoa(to) }

// probe lets what is sent by hand not wait for the end of a pause.
func probe(ctx context.Context, s ports.Stores, ep *domain.Endpoint, now time.Time) error {
	if !ep.Probe(now) {
		return nil
	}
	ep, err := s.Endpoints.Lock(ctx, ep.ID)
	if err != nil || !ep.Probe(now) {
		return err
	}
	return s.Endpoints.Save(ctx, ep)
}

// ListEvents implements usecase.Deliveries.
func (w *Deliveries) ListEvents(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Event], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.Event]{}, err
	}
	return w.DB.Reads().Outbox.List(ctx, q)
}

// FindEvent implements usecase.Deliveries.
func (w *Deliveries) FindEvent(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.EventDetail, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	reads := w.DB.Reads()
	e, err := reads.Outbox.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	ds, err := reads.Deliveries.List(ctx, ports.ListQuery{Filters: map[string][]string{"event": {id.String()}}, Limit: ports.MaxPageSize})
	return &usecase.EventDetail{Event: e, Deliveries: ds.Items}, err
}

// RetryEvents implements usecase.Deliveries.
func (w *Deliveries) RetryEvents(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error) {
	if err := a.RequireAdmin(); err != nil {
		return 0, err
	}
	n := 0
	err := w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		now := w.Clock.Now()
		events, err := s.Outbox.FindAll(ctx, ids)
		if err != nil {
			return err
		}
		if n, err = s.Deliveries.ReopenFailed(ctx, ids, nil, now); err != nil {
			return err
		}
		if n == 0 {
			return domain.Errorf(domain.Conflict, "None of these events has a failed delivery, so there is nothing to retry.")
		}
		if _, err := s.Outbox.Reopen(ctx, ids, now); err != nil {
			return err
		}
		for _, id := range ids {
			e := events[id]
			if e == nil || e.Status == domain.EventDelivered {
				continue // it had no failed delivery
			}
			changes := map[string]string{"status": string(e.Status) + " → " + string(domain.EventPending), "attempts": moved(e.Attempts, 0)}
			if err := s.Audit.Append(ctx, domain.NewAuditEntry(w.IDs.New(), a, "event.retried", "event", id, changes, now)); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// RetryEndpoint implements usecase.Deliveries.
func (w *Deliveries) RetryEndpoint(ctx context.Context, a domain.Actor, endpoint uuid.UUID) (int, error) {
	if err := a.RequireAdmin(); err != nil {
		return 0, err
	}
	n := 0
	err := w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		ep, err := s.Endpoints.Find(ctx, endpoint)
		if err != nil {
			return err
		}
		if !ep.Active {
			return domain.Errorf(domain.Conflict, "%s is switched off. Switch it on first, then send again.", ep.Name)
		}
		now := w.Clock.Now()
		if n, err = s.Deliveries.ReopenFailed(ctx, nil, &endpoint, now); err != nil {
			return err
		}
		if n == 0 {
			return domain.Errorf(domain.Conflict, "No delivery to %s has failed, so there is nothing to send again.", ep.Name)
		}
		if err := probe(ctx, s, ep, now); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(w.IDs.New(), a, "endpoint.retried", "endpoint", endpoint, map[string]string{"deliveries": strconv.Itoa(n)}, now))
	})
	return n, err
}

// Cancel implements usecase.Deliveries.
func (w *Deliveries) Cancel(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error) {
	if err := a.RequireAdmin(); err != nil {
		return 0, err
	}
	n := 0
	err := w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		now := w.Clock.Now()
		cancelled, err := s.Deliveries.Cancel(ctx, ids, "Cancelled by "+a.Name+".", now)
		if err != nil {
			return err
		}
		if n = len(cancelled); n == 0 {
			return domain.Errorf(domain.Conflict, "None of these is waiting any more, so there is nothing to cancel.")
		}
		events := slices.Collect(maps.Values(cancelled))
		if _, err := s.Outbox.Settle(ctx, events, len(events), now); err != nil {
			return err
		}
		changes := map[string]string{"status": string(domain.DeliveryPending) + " → " + string(domain.DeliveryCancelled)}
		for _, id := range slices.SortedFunc(maps.Keys(cancelled), func(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) }) {
			if err := s.Audit.Append(ctx, domain.NewAuditEntry(w.IDs.New(), a, "delivery.cancelled", "delivery", id, changes, now)); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

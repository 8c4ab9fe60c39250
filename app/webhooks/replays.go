package webhooks

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Replays implements usecase.Replays; Run does the work of the running ones.
type Replays struct {
	DB    ports.Transactor
	Clock ports.Clock
	IDs   ports.IDs
	Log   *slog.Logger
}

var (
	_ usecase.Replays     = (*Replays)(nil)
	_ usecase.ReplaysOnce = (*Replays)(nil)
)

// examples is how many events a preview names.
const examples = 5

// Preview implements usecase.Replays.
func (w *Replays) Preview(ctx context.Context, a domain.Actor, endpoint uuid.UUID, f domain.ReplayForm) (*usecase.ReplayPreview, error) {
	r, ep, err := w.draft(ctx, w.DB.Reads(), a, w.IDs.New(), endpoint, f)
	if err != nil {
		return nil, err
	}
	out := &usecase.ReplayPreview{Replay: r}
	for look := *r; ; {
		items, err := ahead(ctx, w.DB.Reads(), &look, ep, ports.MaxPageSize)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			out.Events++
			if !r.Takes(ep, it.Event, it.Status) {
				continue
			}
			if out.Sends++; len(out.Examples) < examples {
				out.Examples = append(out.Examples, it.Event)
			}
		}
		if len(items) < ports.MaxPageSize {
			return out, nil
		}
		if out.Events >= ports.CountCap {
			out.Capped = true
			return out, nil
		}
		look.Advance(items[len(items)-1].Event, 0, 0, look.UpdatedAt)
	}
}

// Start implements usecase.Replays.
func (w *Replays) Start(ctx context.Context, a domain.Actor, endpoint uuid.UUID, f domain.ReplayForm) (*domain.Replay, error) {
	r, _, err := w.StartOnce(ctx, a, endpoint, f, "")
	return r, err
}

// StartOnce implements usecase.ReplaysOnce.
func (w *Replays) StartOnce(ctx context.Context, a domain.Actor, endpoint uuid.UUID, f domain.ReplayForm, key string) (*domain.Replay, bool, error) {
	asked := struct {
		Endpoint uuid.UUID
		Form     domain.ReplayForm
	}{endpoint, f}
	return w.once(ctx, app.Once{Actor: a, Operation: "replay", Key: key, Asked: asked}, func(ctx context.Context, s ports.Stores, id uuid.UUID) (*domain.Replay, error) {
		r, ep, err := w.draft(ctx, s, a, id, endpoint, f)
		if err != nil {
			return nil, err
		}
		return r, w.begin(ctx, s, a, ep, r)
	})
}

// EnableAndReplay implements usecase.Replays.
func (w *Replays) EnableAndReplay(ctx context.Context, a domain.Actor, endpoint uuid.UUID) (*domain.Replay, error) {
	r, _, err := w.EnableAndReplayOnce(ctx, a, endpoint, "")
	return r, err
}

// EnableAndReplayOnce implements usecase.ReplaysOnce.
func (w *Replays) EnableAndReplayOnce(ctx context.Context, a domain.Actor, endpoint uuid.UUID, key string) (*domain.Replay, bool, error) {
	return w.once(ctx, app.Once{Actor: a, Operation: "catch-up", Key: key, Asked: endpoint}, func(ctx context.Context, s ports.Stores, id uuid.UUID) (*domain.Replay, error) {
		ep, since, err := w.missed(ctx, s, endpoint)
		if err != nil {
			return nil, err
		}
		now := w.Clock.Now()
		if !ep.Active {
			ep.Enable(now)
			if err := s.Endpoints.Save(ctx, ep); err != nil {
				return nil, err
			}
			if err := s.Audit.Append(ctx, domain.NewAuditEntry(w.IDs.New(), a, "endpoint.enabled", "endpoint", ep.ID, map[string]string{"name": ep.Name, "url": ep.URL}, now)); err != nil {
				return nil, err
			}
		}
		r, err := domain.NewReplay(id, ep, domain.ReplayForm{From: since}, by(a), now)
		if err != nil {
			return nil, err
		}
		return r, w.begin(ctx, s, a, ep, r)
	})
}

// missed locks the endpoint and says since when it takes nothing.
func (w *Replays) missed(ctx context.Context, s ports.Stores, endpoint uuid.UUID) (*domain.Endpoint, time.Time, error) {
	ep, err := s.Endpoints.Lock(ctx, endpoint)
	if err != nil {
		return nil, time.Time{}, err
	}
	switch {
	case ep.FailingSince != nil:
		return ep, *ep.FailingSince, nil
	case ep.DisabledAt != nil:
		return ep, *ep.DisabledAt, nil
	case ep.Active:
		return nil, time.Time{}, domain.Errorf(domain.Conflict, "%s is on and gets through, so nothing was missed.", ep.Name)
	}
	return ep, ep.CreatedAt, nil
}

// once makes a replay in one transaction, or finds the one that the key made.
func (w *Replays) once(ctx context.Context, o app.Once, start func(context.Context, ports.Stores, uuid.UUID) (*domain.Replay, error)) (r *domain.Replay, replayed bool, err error) {
	if err := o.Actor.RequireAdmin(); err != nil {
		return nil, false, err
	}
	err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		id := w.IDs.New()
		err := o.Claim(ctx, s, id, w.Clock.Now())
		if err == nil {
			r, err = start(ctx, s, id)
		}
		return err
	})
	id, replayed := app.MadeEarlier(err)
	switch {
	case replayed:
		r, err = w.DB.Reads().Replays.Find(ctx, id)
		return r, true, app.GoneSince(err)
	case err != nil:
		return nil, false, err
	}
	return r, false, nil
}

// draft checks who asks and what for.
func (w *Replays) draft(ctx context.Context, s ports.Stores, a domain.Actor, id, endpoint uuid.UUID, f domain.ReplayForm) (*domain.Replay, *domain.Endpoint, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, nil, err
	}
	ep, err := s.Endpoints.Find(ctx, endpoint)
	if err != nil {
		return nil, nil, err
	}
	if !ep.Active {
		return nil, nil, domain.Errorf(domain.Conflict, "%s is switched off. Switch it on first, then replay.", ep.Name)
	}
	r, err := domain.NewReplay(id, ep, f, by(a), w.Clock.Now())
	return r, ep, err
}

// begin inserts a replay, the only one of its endpoint that runs.
func (w *Replays) begin(ctx context.Context, s ports.Stores, a domain.Actor, ep *domain.Endpoint, r *domain.Replay) error {
	running, err := s.Replays.List(ctx, ports.ListQuery{Limit: 1, Filters: map[string][]string{
		"endpoint": {ep.ID.String()}, "status": {string(domain.ReplayRunning)},
	}})
	if err != nil {
		return err
	}
	if len(running.Items) > 0 {
		return domain.Errorf(domain.Conflict, "A replay to %s is running already. Cancel it or wait for its end.", ep.Name)
	}
	if r.Total, err = s.Replays.CountAhead(ctx, r, maxTotal); err != nil {
		return err
	}
	if err := s.Replays.Insert(ctx, r); err != nil {
		return err
	}
	return s.Audit.Append(ctx, domain.NewAuditEntry(w.IDs.New(), a, "replay.started", "endpoint", ep.ID, map[string]string{
		"replay": r.ID.String(), "from": r.From.Format(time.RFC3339), "to": r.To.Format(time.RFC3339), "scope": string(r.Scope), "per_second": strconv.Itoa(r.PerSecond),
	}, r.CreatedAt))
}

// maxTotal bounds the counting of a replay's window; progress past it shows as
// done until it is.
const maxTotal = 10_000_000

// Find implements usecase.Replays.
func (w *Replays) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Replay, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	return w.DB.Reads().Replays.Find(ctx, id)
}

// List implements usecase.Replays.
func (w *Replays) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Replay], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.Replay]{}, err
	}
	return w.DB.Reads().Replays.List(ctx, q)
}

// Cancel implements usecase.Replays.
func (w *Replays) Cancel(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Replay, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	var r *domain.Replay
	err := w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		var err error
		if r, err = s.Replays.Lock(ctx, id); err != nil {
			return err
		}
		now := w.Clock.Now()
		if err := r.Cancel("Cancelled by "+a.Name+".", now); err != nil {
			return err
		}
		if err := s.Replays.Save(ctx, r); err != nil {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(w.IDs.New(), a, "replay.cancelled", "endpoint", r.EndpointID, map[string]string{"replay": id.String()}, now))
	})
	return r, err
}

// by is who asked, nil for the command line.
func by(a domain.Actor) *uuid.UUID {
	if a.UserID == uuid.Nil {
		return nil
	}
	return &a.UserID
}

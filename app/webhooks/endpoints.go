package webhooks

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/app/engine"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// day is the window of an endpoint's health.
const day = 24 * time.Hour

// historyLines bounds what an endpoint's page tells of its past.
const historyLines = 200

// Endpoints implements usecase.Endpoints.
type Endpoints struct {
	DB           ports.Transactor
	Stats        ports.Stats
	Courier      *engine.Courier
	Keys         *domain.Keyring
	Clock        ports.Clock
	IDs          ports.IDs
	Random       io.Reader
	Log          *slog.Logger
	RequireHTTPS bool
}

var _ usecase.Endpoints = (*Endpoints)(nil)

// List implements usecase.Endpoints.
func (w *Endpoints) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[usecase.EndpointHealth], error) {
	var out ports.Page[usecase.EndpointHealth]
	if err := a.RequireAdmin(); err != nil {
		return out, err
	}
	page, err := w.DB.Reads().Endpoints.List(ctx, q)
	if err != nil {
		return out, err
	}
	items, err := HealthOf(ctx, w.Stats, page.Items, w.Clock.Now())
	out.Items, out.Newer, out.Older, out.Total, out.Capped = items, page.Newer, page.Older, page.Total, page.Capped
	return out, err
}

// dayBegins is when the 24 hours begin that are counted and drawn: whole ones,
// that which is going on among them, so that numbers and bars say the same.
func dayBegins(now time.Time) time.Time { return now.Truncate(time.Hour).Add(time.Hour - day) }

// HealthOf adds the numbers of the last 24 hours to endpoints.
func HealthOf(ctx context.Context, stats ports.Stats, eps []*domain.Endpoint, now time.Time) ([]usecase.EndpointHealth, error) {
	health, err := stats.EndpointHealth(ctx, nil, dayBegins(now))
	if err != nil {
		return nil, err
	}
	items := make([]usecase.EndpointHealth, len(eps))
	for i, e := range eps {
		items[i] = usecase.EndpointHealth{Endpoint: e, Health: health[e.ID]}
	}
	return items, nil
}

// Find implements usecase.Endpoints.
func (w *Endpoints) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.EndpointDetail, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	e, err := w.DB.Reads().Endpoints.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	now := w.Clock.Now()
	health, err := w.Stats.EndpointHealth(ctx, &id, dayBegins(now))
	if err != nil {
		return nil, err
	}
	counts, err := w.Stats.DeliveriesByStatus(ctx, id)
	if err != nil {
		return nil, err
	}
	history, err := w.DB.Reads().Audit.ListOf(ctx, "endpoint", id, historyLines)
	if err != nil {
		return nil, err
	}
	return &usecase.EndpointDetail{
		EndpointHealth: usecase.EndpointHealth{Endpoint: e, Health: health[id]}, Counts: counts, History: history,
	}, nil
}

// Create implements usecase.Endpoints.
func (w *Endpoints) Create(ctx context.Context, a domain.Actor, f domain.EndpointForm) (*domain.Endpoint, string, error) {
	return w.create(ctx, a, f, app.Once{Actor: a})
}

func (w *Endpoints) create(ctx context.Context, a domain.Actor, f domain.EndpointForm, once app.Once) (*domain.Endpoint, string, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, "", err
	}
	now := w.Clock.Now()
	var by *uuid.UUID
	if a.UserID != uuid.Nil {
		by = &a.UserID
	}
	e, err := domain.NewEndpoint(w.IDs.New(), f, w.RequireHTTPS, by, now)
	if err != nil {
		return nil, "", err
	}
	secret, plain, err := w.newSecret(domain.SecretHMAC, now)
	if err != nil {
		return nil, "", err
	}
	e.Secrets = []domain.EndpointSecret{secret}
	if _, _, err := e.ChangeHeaders(f.Headers, w.seal); err != nil {
		return nil, "", err
	}
	err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		if err := once.Claim(ctx, s, e.ID, now); err != nil {
			return err
		}
		if err := s.Endpoints.Insert(ctx, e); err != nil {
			return err
		}
		return w.audit(ctx, s, a, "endpoint.created", e, changesOf(&domain.Endpoint{}, e))
	})
	if err != nil {
		return nil, "", err
	}
	return e, plain, nil
}

// Update implements usecase.Endpoints.
func (w *Endpoints) Update(ctx context.Context, a domain.Actor, id uuid.UUID, f domain.EndpointForm) (*domain.Endpoint, error) {
	return w.change(ctx, a, id, "endpoint.changed", func(ctx context.Context, s ports.Stores, e *domain.Endpoint, now time.Time) (map[string]string, error) {
		before := *e
		if err := e.Edit(f, w.RequireHTTPS, now); err != nil {
			return nil, err
		}
		if _, _, err := e.ChangeHeaders(f.Headers, w.seal); err != nil {
			return nil, err
		}
		return changesOf(&before, e), nil
	})
}

// SetActive implements usecase.Endpoints.
func (w *Endpoints) SetActive(ctx context.Context, a domain.Actor, id uuid.UUID, active bool) (*domain.Endpoint, error) {
	action := "endpoint.enabled"
	if !active {
		action = "endpoint.disabled"
	}
	return w.change(ctx, a, id, action, func(ctx context.Context, s ports.Stores, e *domain.Endpoint, now time.Time) (map[string]string, error) {
		switch {
		case active == e.Active:
			return nil, nil
		case active:
			e.Enable(now)
			return nil, nil
		}
		reason := "Switched off by " + a.Name + "."
		e.Disable(reason, now)
		return nil, engine.Cancel(ctx, s, id, reason, now)
	})
}

// change locks, edits, saves and audits in one transaction. edit says what
// changed, for the history.
func (w *Endpoints) change(ctx context.Context, a domain.Actor, id uuid.UUID, action string, edit func(context.Context, ports.Stores, *domain.Endpoint, time.Time) (map[string]string, error)) (*domain.Endpoint, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	var e *domain.Endpoint
	err := w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		var err error
		if e, err = s.Endpoints.Lock(ctx, id); err != nil {
			return err
		}
		changes, err := edit(ctx, s, e, w.Clock.Now())
		if err != nil {
			return err
		}
		if err := s.Endpoints.Save(ctx, e); err != nil {
			return err
		}
		return w.audit(ctx, s, a, action, e, changes)
	})
	return e, err
}

// Delete implements usecase.Endpoints.
func (w *Endpoints) Delete(ctx context.Context, a domain.Actor, id uuid.UUID) error {
	if err := a.RequireAdmin(); err != nil {
		return err
	}
	return w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		e, err := s.Endpoints.Find(ctx, id)
		if err != nil {
			return err
		}
		now := w.Clock.Now()
		if err := engine.Cancel(ctx, s, id, "The endpoint was deleted.", now); err != nil {
			return err
		}
		if err := s.Endpoints.Delete(ctx, id); err != nil {
			return err
		}
		return w.audit(ctx, s, a, "endpoint.deleted", e, map[string]string{"name": e.Name, "url": e.URL})
	})
}

func (w *Endpoints) audit(ctx context.Context, s ports.Stores, a domain.Actor, action string, e *domain.Endpoint, changes map[string]string) error {
	return s.Audit.Append(ctx, domain.NewAuditEntry(w.IDs.New(), a, action, "endpoint", e.ID, changes, w.Clock.Now()))
}

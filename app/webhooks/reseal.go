package webhooks

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// resealPasses bounds how often all endpoints are looked at: a portal that
// still seals with an old key would keep a pass from ever finding nothing.
const resealPasses = 5

// Reseal implements usecase.Resealer. Each endpoint is a transaction of its
// own under a lock, so a portal beside it loses no change, and a run that is
// cut off is gone on with by the next.
func (w *Endpoints) Reseal(ctx context.Context, a domain.Actor) (usecase.Resealed, error) {
	var done usecase.Resealed
	if err := a.RequireAdmin(); err != nil {
		return done, err
	}
	for range resealPasses {
		stale, all, err := w.staleEndpoints(ctx)
		if done.Endpoints = all; err != nil || len(stale) == 0 {
			return done, err
		}
		for _, id := range stale {
			n, err := w.resealOne(ctx, a, id)
			if done.Values += n; err != nil && !domain.IsCode(err, domain.NotFound) {
				return done, err
			}
		}
	}
	return done, domain.Errorf(domain.Conflict, "Another process goes on sealing with an older key. Restart every portal with the new SECRET_KEY first, then run this again.")
}

// staleEndpoints are those with a value that an older key sealed.
func (w *Endpoints) staleEndpoints(ctx context.Context) (stale []uuid.UUID, all int, err error) {
	q := ports.ListQuery{Limit: 200}
	for {
		page, err := w.DB.Reads().Endpoints.List(ctx, q)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range page.Items {
			all++
			if !w.fresh(e) {
				stale = append(stale, e.ID)
			}
		}
		if !page.Older {
			return stale, all, nil
		}
		last := page.Items[len(page.Items)-1]
		q.After = &ports.Cursor{At: last.CreatedAt, ID: last.ID}
	}
}

func (w *Endpoints) fresh(e *domain.Endpoint) bool {
	for _, s := range e.Secrets {
		if !w.Keys.Fresh(s.Sealed) {
			return false
		}
	}
	for _, sealed := range e.Headers {
		if !w.Keys.Fresh(sealed) {
			return false
		}
	}
	return e.ClientCert == nil || w.Keys.Fresh(e.ClientCert.Sealed)
}

// resealOne returns how many values it sealed anew. Secrets that are retired
// are forgotten instead.
func (w *Endpoints) resealOne(ctx context.Context, a domain.Actor, id uuid.UUID) (n int, err error) {
	err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		n = 0
		e, err := s.Endpoints.Lock(ctx, id)
		if err != nil {
			return err
		}
		again := func(sealed *string, about string) error {
			if w.Keys.Fresh(*sealed) {
				return nil
			}
			n++
			var err error
			*sealed, err = w.Keys.Reseal(*sealed, about, w.Random)
			return err
		}
		e.Secrets = e.LiveSecrets(w.Clock.Now())
		for i := range e.Secrets {
			if err := again(&e.Secrets[i].Sealed, e.Secrets[i].ID.String()); err != nil {
				return err
			}
		}
		for name, sealed := range e.Headers {
			if err := again(&sealed, domain.HeaderSeal(id, name)); err != nil {
				return err
			}
			e.Headers[name] = sealed
		}
		if e.ClientCert != nil {
			if err := again(&e.ClientCert.Sealed, domain.ClientCertSeal(id)); err != nil {
				return err
			}
		}
		if err := s.Endpoints.Save(ctx, e); err != nil {
			return err
		}
		return w.audit(ctx, s, a, "endpoint.resealed", e, nil)
	})
	return n, err
}

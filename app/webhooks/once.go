package webhooks

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports/usecase"
)

var _ usecase.EndpointsOnce = (*Endpoints)(nil)

// CreateOnce implements usecase.EndpointsOnce.
func (w *Endpoints) CreateOnce(ctx context.Context, a domain.Actor, f domain.EndpointForm, key string) (*domain.Endpoint, string, bool, error) {
	e, secret, err := w.create(ctx, a, f, app.Once{Actor: a, Operation: "endpoint", Key: key, Asked: f})
	id, replayed := app.MadeEarlier(err)
	if !replayed {
		return e, secret, false, err
	}
	if e, err = w.DB.Reads().Endpoints.Find(ctx, id); err != nil {
		return nil, "", false, app.GoneSince(err)
	}
	// Its first secret is as old as itself.
	i := slices.IndexFunc(e.Secrets, func(s domain.EndpointSecret) bool { return s.CreatedAt.Equal(e.CreatedAt) })
	if i < 0 {
		return nil, "", false, secretGone()
	}
	secret, err = w.shownAgain(ctx, a, id, e.Secrets[i].ID)
	return e, secret, true, err
}

// RotateOnce implements usecase.EndpointsOnce.
func (w *Endpoints) RotateOnce(ctx context.Context, a domain.Actor, id uuid.UUID, kind domain.SecretKind, overlap time.Duration, key string) (domain.EndpointSecret, string, bool, error) {
	asked := struct {
		Endpoint uuid.UUID
		Kind     domain.SecretKind
		Overlap  time.Duration
	}{id, kind, overlap}
	made, shown, err := w.rotate(ctx, a, id, kind, overlap, app.Once{Actor: a, Operation: "secret", Key: key, Asked: asked})
	secret, replayed := app.MadeEarlier(err)
	if !replayed {
		return made, shown, false, err
	}
	e, err := w.DB.Reads().Endpoints.Find(ctx, id)
	if err != nil {
		return made, "", false, err
	}
	i := slices.IndexFunc(e.Secrets, func(s domain.EndpointSecret) bool { return s.ID == secret })
	if i < 0 {
		return made, "", false, secretGone()
	}
	shown, err = w.shownAgain(ctx, a, id, secret)
	return e.Secrets[i], shown, true, err
}

// shownAgain is for a repeated request; the history tells of it.
func (w *Endpoints) shownAgain(ctx context.Context, a domain.Actor, id, secret uuid.UUID) (string, error) {
	shown, err := w.Reveal(ctx, a, id, secret)
	if domain.IsCode(err, domain.NotFound) {
		err = secretGone()
	}
	return shown, err
}

// secretGone is the answer to a key whose secret was retired since.
func secretGone() error {
	return &domain.Error{Code: domain.Conflict, Field: "Idempotency-Key", Message: "The secret that this Idempotency-Key made is retired. Use a new key to make another."}
}

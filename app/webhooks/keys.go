package webhooks

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var _ usecase.EndpointKeys = (*Endpoints)(nil)

// seal encrypts under the newest key of SECRET_KEY.
func (w *Endpoints) seal(plain, about string) (string, error) {
	return w.Keys.Seal(plain, about, w.Random)
}

// newSecret makes a sealed secret; shown is what its admin gets to see: the
// secret itself, or the public key of a pair, whose private one never leaves.
func (w *Endpoints) newSecret(kind domain.SecretKind, now time.Time) (s domain.EndpointSecret, shown string, err error) {
	plain, err := domain.NewSecret(kind, w.Random)
	if err != nil {
		return s, "", err
	}
	s = domain.EndpointSecret{ID: w.IDs.New(), Kind: kind, CreatedAt: now}
	if shown = plain; kind == domain.SecretEd25519 {
		if s.Public, err = domain.PublicKey(plain); err != nil {
			return s, "", err
		}
		shown = s.Public
	} else {
		s.Hint = domain.SecretHint(plain)
	}
	s.Sealed, err = w.seal(plain, s.ID.String())
	return s, shown, err
}

// Rotate implements usecase.EndpointKeys.
func (w *Endpoints) Rotate(ctx context.Context, a domain.Actor, id uuid.UUID, kind domain.SecretKind, overlap time.Duration) (domain.EndpointSecret, string, error) {
	return w.rotate(ctx, a, id, kind, overlap, app.Once{Actor: a})
}

func (w *Endpoints) rotate(ctx context.Context, a domain.Actor, id uuid.UUID, kind domain.SecretKind, overlap time.Duration, once app.Once) (domain.EndpointSecret, string, error) {
	var made domain.EndpointSecret
	shown := ""
	_, err := w.change(ctx, a, id, "endpoint.secret_rotated", func(ctx context.Context, s ports.Stores, e *domain.Endpoint, now time.Time) (map[string]string, error) {
		var err error
		if made, shown, err = w.newSecret(kind, now); err != nil {
			return nil, err
		}
		if err := once.Claim(ctx, s, made.ID, now); err != nil {
			return nil, err
		}
		return map[string]string{"kind": string(kind), "overlap": strconv.FormatFloat(overlap.Hours(), 'f', -1, 64) + " h"}, e.AddSecret(made, overlap, now)
	})
	if err != nil {
		return domain.EndpointSecret{}, "", err
	}
	return made, shown, nil
}

// Retire implements usecase.EndpointKeys.
func (w *Endpoints) Retire(ctx context.Context, a domain.Actor, id, secret uuid.UUID) error {
	_, err := w.change(ctx, a, id, "endpoint.secret_retired", func(_ context.Context, _ ports.Stores, e *domain.Endpoint, now time.Time) (map[string]string, error) {
		return map[string]string{"secret": secret.String()}, e.RetireSecret(secret, now)
	})
	return err
}

// Reveal implements usecase.EndpointKeys.
func (w *Endpoints) Reveal(ctx context.Context, a domain.Actor, id, secret uuid.UUID) (string, error) {
	if err := a.RequireAdmin(); err != nil {
		return "", err
	}
	plain := ""
	err := w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		e, err := s.Endpoints.Find(ctx, id)
		if err != nil {
			return err
		}
		for _, sec := range e.LiveSecrets(w.Clock.Now()) {
			switch {
			case sec.ID != secret:
				continue
			case sec.Kind == domain.SecretEd25519:
				plain = sec.Public // no secret, so nothing to note
				return nil
			}
			if plain, err = w.Keys.Open(sec.Sealed, sec.ID.String()); err != nil {
				return err
			}
			return w.audit(ctx, s, a, "endpoint.secret_revealed", e, map[string]string{"secret": sec.ID.String()})
		}
		return domain.Errorf(domain.NotFound, "This endpoint has no such secret. It may be retired already.")
	})
	return plain, err
}

// SetClientCert implements usecase.EndpointKeys.
func (w *Endpoints) SetClientCert(ctx context.Context, a domain.Actor, id uuid.UUID, certPEM, keyPEM string) (*domain.ClientCert, error) {
	e, err := w.change(ctx, a, id, "endpoint.certificate_set", func(_ context.Context, _ ports.Stores, e *domain.Endpoint, now time.Time) (map[string]string, error) {
		c, bundle, err := domain.ParseClientCert(certPEM, keyPEM, now)
		if err != nil {
			return nil, err
		}
		if c.Sealed, err = w.seal(bundle, domain.ClientCertSeal(id)); err != nil {
			return nil, err
		}
		e.ClientCert, e.UpdatedAt = c, now
		return map[string]string{"subject": c.Subject, "fingerprint": c.Fingerprint}, nil
	})
	if err != nil {
		return nil, err
	}
	return e.ClientCert, nil
}

// RemoveClientCert implements usecase.EndpointKeys.
func (w *Endpoints) RemoveClientCert(ctx context.Context, a domain.Actor, id uuid.UUID) error {
	_, err := w.change(ctx, a, id, "endpoint.certificate_removed", func(_ context.Context, _ ports.Stores, e *domain.Endpoint, now time.Time) (map[string]string, error) {
		if e.ClientCert == nil {
			return nil, domain.Errorf(domain.NotFound, "This endpoint has no client certificate.")
		}
		subject := e.ClientCert.Subject
		e.ClientCert, e.UpdatedAt = nil, now
		return map[string]string{"subject": subject}, nil
	})
	return err
}

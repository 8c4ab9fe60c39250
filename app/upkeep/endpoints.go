package upkeep

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/app"
	"doorito/app/engine"
	"doorito/domain"
	"doorito/ports"
)

// An endpoint that only fails is announced after a day and disabled after five.
const (
	warnAfter    = 24 * time.Hour
	disableAfter = 5 * 24 * time.Hour
)

// tendEndpoints warns of and disables endpoints that nothing gets through to.
func (u *Upkeep) tendEndpoints(ctx context.Context) (disabled int, err error) {
	now := u.Clock.Now()
	active, err := u.DB.Reads().Endpoints.ListActive(ctx)
	if err != nil {
		return 0, err
	}
	for _, e := range active {
		switch {
		case e.FailingSince == nil || now.Sub(*e.FailingSince) < warnAfter:
		case now.Sub(*e.FailingSince) < disableAfter:
			err = u.warn(ctx, e, now)
		default:
			disabled++
			reason := "Nothing got through for five days, since " + e.FailingSince.UTC().Format("Mon 2 Jan, 15:04 UTC") + "."
			err = engine.Disable(ctx, u.DB, u.IDs, e.ID, reason, now)
		}
		if err != nil {
			return disabled, err
		}
	}
	return disabled, nil
}

// warn appends `endpoint.failing` once for each time an endpoint began to fail:
// the key is made of the endpoint and that time.
func (u *Upkeep) warn(ctx context.Context, e *domain.Endpoint, now time.Time) error {
	since := e.FailingSince.UTC().Format(time.RFC3339Nano)
	ev := domain.NewEndpointEvent(domain.EventEndpointFailing, e, "Nothing has got through since "+e.FailingSince.UTC().Format("Mon 2 Jan, 15:04 UTC")+".",
		uuid.NewSHA1(e.ID, []byte(since)), now)
	return u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error { return app.Append(ctx, s, u.IDs, ev) })
}

package upkeep

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/app/engine"
	"doorito/domain"
	"doorito/ports"
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
		case e.ShouldDisable():
			reason := "Nothing got through for five days, since " + e.FailingSince.UTC().Format("Mon 2 Jan, 15:04 UTC") + "."
			var done bool
			if done, err = u.Engine.Disable(ctx, e.ID, reason, (*domain.Endpoint).ShouldDisable); done {
				disabled++
			}
		case e.ShouldWarn(now):
			err = u.warn(ctx, e, now)
		}
		if err != nil {
			return disabled, err
		}
	}
	return disabled, u.dropUndeliverable(ctx, now)
}

// dropUndeliverable cancels what a relay made for an endpoint in the moment in
// which it was switched off: no claim takes it, so nothing else ends it.
func (u *Upkeep) dropUndeliverable(ctx context.Context, now time.Time) error {
	q := ports.ListQuery{Filters: map[string][]string{"active": {"false"}}, Limit: ports.MaxPageSize}
	for {
		page, err := u.DB.Reads().Endpoints.List(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			err := u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
				return engine.Cancel(ctx, s, e.ID, e.DisabledReason, now)
			})
			if err != nil {
				return err
			}
		}
		if !page.Older {
			return nil
		}
		last := page.Items[len(page.Items)-1]
		q.After = &ports.Cursor{At: last.CreatedAt, ID: last.ID}
	}
}

// warn appends `endpoint.failing` once for each time an endpoint began to fail
// (the key is made of the endpoint and that time), and notes it in its history
// and in the log.
func (u *Upkeep) warn(ctx context.Context, e *domain.Endpoint, now time.Time) error {
	since := e.FailingSince.UTC().Format(time.RFC3339Nano)
	reason := "Nothing has got through since " + e.FailingSince.UTC().Format("Mon 2 Jan, 15:04 UTC") + "."
	ev := domain.NewEndpointEvent(domain.EventEndpointFailing, e, reason, uuid.NewSHA1(e.ID, []byte(since)), now)
	added := false
	err := u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		err := ev.AssignID(u.IDs.New())
		if err != nil {
			return err
		}
		if added, err = s.Outbox.Append(ctx, ev); err != nil || !added {
			return err
		}
		return s.Audit.Append(ctx, domain.NewAuditEntry(u.IDs.New(), domain.System(), "endpoint.failing", "endpoint", e.ID, map[string]string{"reason": reason}, now))
	})
	if added && err == nil {
		u.Log.Warn("endpoint failing", "endpoint_id", e.ID, "name", e.Name, "failing_since", *e.FailingSince, "failures", e.Failures)
	}
	return err
}

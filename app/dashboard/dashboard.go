// Package dashboard sums up what happened today and what asks for a hand.
package dashboard

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/app/webhooks"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Dashboard implements usecase.Dashboard.
type Dashboard struct {
	DB    ports.Transactor
	Stats ports.Stats
	Clock ports.Clock

	mu      sync.Mutex
	pulses  map[uuid.UUID]usecase.Pulse
	pulseAt map[uuid.UUID]time.Time
}

var _ usecase.Dashboard = (*Dashboard)(nil)

const (
	week = 7 * 24 * time.Hour
	// pulseAge is how old the line in every page's head may be.
	pulseAge = 3 * time.Second
	// maxPulses bounds the cache; it starts anew when it is full.
	maxPulses = 1000
)

// Summary implements usecase.Dashboard.
func (d *Dashboard) Summary(ctx context.Context, a domain.Actor) (*usecase.Summary, error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	now := d.Clock.Now()
	midnight := now.Truncate(24 * time.Hour)
	out := &usecase.Summary{Now: now}
	// One query covers today, the six days before, and the same day last week.
	hours, err := d.Stats.FilesByHour(ctx, a.OwnerFilter(), midnight.Add(-week), now)
	if err != nil {
		return nil, err
	}
	for _, h := range hours {
		switch {
		case !h.Hour.Before(midnight):
			addFiles(&out.Today, h)
		case h.Hour.Before(now.Add(-week)):
			addFiles(&out.LastWeekDay, h)
		}
		if !h.Hour.Before(midnight.Add(-week + 24*time.Hour)) {
			out.FileHours = append(out.FileHours, h)
		}
	}
	page, err := d.DB.Reads().Files.List(ctx, ports.ListQuery{Owner: a.OwnerFilter(), Limit: 7})
	if err != nil {
		return nil, err
	}
	out.Recent = page.Items
	ids := make([]uuid.UUID, len(page.Items))
	for i, f := range page.Items {
		ids[i] = f.ID
	}
	if out.Delivered, err = d.Stats.DeliveredOf(ctx, ids); err != nil {
		return nil, err
	}
	if out.StoredBytes, out.StoredFiles, err = d.Stats.Storage(ctx, a.OwnerFilter()); err != nil {
		return nil, err
	}
	if a.IsAdmin() {
		if err := d.deliveries(ctx, out, midnight); err != nil {
			return nil, err
		}
	}
	out.Attention, err = d.attention(ctx, a, now)
	return out, err
}

func (d *Dashboard) deliveries(ctx context.Context, out *usecase.Summary, midnight time.Time) error {
	today, err := d.Stats.AttemptsByHour(ctx, nil, out.Now.Add(-24*time.Hour).Truncate(time.Hour), out.Now)
	if err != nil {
		return err
	}
	out.Attempts = today
	for _, h := range today {
		if !h.Hour.Before(midnight) {
			out.Today.Deliveries += h.OK
			out.Today.Failures += h.Failed
			out.Today.FirstOK += h.FirstTry
		}
	}
	page, err := d.DB.Reads().Endpoints.List(ctx, ports.ListQuery{Limit: 6})
	if err != nil {
		return err
	}
	out.Endpoints, err = webhooks.HealthOf(ctx, d.Stats, page.Items, out.Now)
	return err
}

func addFiles(t *usecase.DayTotals, h ports.FileHour) {
	t.Stored += h.Stored
	t.Failed += h.Failed
	t.Bytes += h.Bytes
}

// Pulse implements usecase.Dashboard. It is asked for by every page, so it is
// kept for a moment for each user.
func (d *Dashboard) Pulse(ctx context.Context, a domain.Actor) (*usecase.Pulse, error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	now := d.Clock.Now()
	d.mu.Lock()
	p, kept := d.pulses[a.UserID]
	kept = kept && now.Sub(d.pulseAt[a.UserID]) < pulseAge
	d.mu.Unlock()
	if kept {
		return &p, nil
	}
	p, err := d.pulse(ctx, a, now)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pulses == nil || len(d.pulses) >= maxPulses {
		d.pulses, d.pulseAt = map[uuid.UUID]usecase.Pulse{}, map[uuid.UUID]time.Time{}
	}
	d.pulses[a.UserID], d.pulseAt[a.UserID] = p, now
	return &p, nil
}

func (d *Dashboard) pulse(ctx context.Context, a domain.Actor, now time.Time) (p usecase.Pulse, err error) {
	reads := d.DB.Reads()
	oldest, err := reads.Deliveries.OldestDue(ctx, now)
	if err != nil {
		return p, err
	}
	if !oldest.IsZero() {
		p.RelayLate = now.Sub(oldest)
	}
	if p.StoredBytes, _, err = d.Stats.Storage(ctx, a.OwnerFilter()); err != nil {
		return p, err
	}
	open, err := reads.Batches.List(ctx, ports.ListQuery{Owner: a.OwnerFilter(), Filters: map[string][]string{"status": {string(domain.BatchInProgress)}}, Limit: 1})
	if err != nil {
		return p, err
	}
	p.OpenBatches = open.Total
	items, err := d.attention(ctx, a, now)
	if err != nil {
		return p, err
	}
	p.Attention = len(items)
	for _, it := range items {
		p.EndpointBad = p.EndpointBad || it.Kind == "endpoint_failing" || it.Kind == "endpoint_disabled"
	}
	return p, nil
}

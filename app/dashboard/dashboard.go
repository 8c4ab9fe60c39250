// Package dashboard sums up what happened lately and what asks for a hand.
package dashboard

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/app/webhooks"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/atonce"
	"doorito/ports/usecase"
)

// Dashboard implements usecase.Dashboard.
type Dashboard struct {
	DB     ports.Transactor
	Stats  ports.Stats
	Charts ports.Charts
	Clock  ports.Clock

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
	// recentFiles and endpointRows are how many of them the page lists.
	recentFiles, endpointRows = 7, 6
	// partsAtOnce is how many questions of one page the database is asked at a time.
	partsAtOnce = 3
)

// Summary implements usecase.Dashboard.
func (d *Dashboard) Summary(ctx context.Context, a domain.Actor, span domain.Span) (*usecase.Summary, error) {
	if err := a.Require(domain.ScopeRead); err != nil {
		return nil, err
	}
	now := d.Clock.Now()
	out := &usecase.Summary{Now: now, Span: span}
	parts := []func(context.Context, domain.Actor, *usecase.Summary) error{d.files, d.storage, d.recent, d.attend}
	if a.IsAdmin() {
		parts = append([]func(context.Context, domain.Actor, *usecase.Summary) error{d.deliveries, d.health}, append(parts, d.queue)...)
	}
	steps := make([]func() error, len(parts)) // each fills fields of its own
	for i, part := range parts {
		steps[i] = func() error { return part(ctx, a, out) }
	}
	return out, atonce.Do(partsAtOnce, steps...)
}

func (d *Dashboard) attend(ctx context.Context, a domain.Actor, out *usecase.Summary) (err error) {
	out.Attention, err = d.attention(ctx, a, out.Now)
	return err
}

// files sums up the span and, by the same question, as long a time before it.
func (d *Dashboard) files(ctx context.Context, a domain.Actor, out *usecase.Summary) error {
	begin, length := out.Span.Begin(out.Now), out.Span.Length()
	hours, err := d.Stats.FilesByHour(ctx, a.OwnerFilter(), begin.Add(-length), out.Now)
	if err != nil {
		return err
	}
	for _, h := range hours {
		switch {
		case !h.Hour.Before(begin):
			addFiles(&out.Totals, h)
			addStates(&out.States, h.States)
			out.Files = append(out.Files, h)
		case h.Hour.Before(out.Now.Add(-length)):
			addFiles(&out.Before, h)
		}
	}
	return nil
}

func addFiles(t *usecase.Totals, h ports.FileHour) {
	t.Stored += h.Stored
	t.Failed += h.Failed
	t.Bytes += h.Bytes
}

func addStates(s *ports.FileStates, o ports.FileStates) {
	s.Uploading += o.Uploading
	s.Stored += o.Stored
	s.Processed += o.Processed
	s.Failed += o.Failed
	s.Deleted += o.Deleted
}

func (d *Dashboard) storage(ctx context.Context, a domain.Actor, out *usecase.Summary) (err error) {
	if out.Storage, err = d.Charts.StorageByHour(ctx, a.OwnerFilter(), out.Span.Begin(out.Now), out.Now); err != nil {
		return err
	}
	if out.StoredBytes, out.StoredFiles, err = d.Stats.Storage(ctx, a.OwnerFilter()); err != nil {
		return err
	}
	out.Storage = append(out.Storage, ports.StorageHour{Hour: out.Now, Bytes: out.StoredBytes, Files: out.StoredFiles})
	return nil
}

func (d *Dashboard) recent(ctx context.Context, a domain.Actor, out *usecase.Summary) (err error) {
	if out.Recent, err = d.DB.Reads().Files.Peek(ctx, ports.ListQuery{Owner: a.OwnerFilter(), Limit: recentFiles}, recentFiles); err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(out.Recent))
	for i, f := range out.Recent {
		ids[i] = f.ID
	}
	out.Delivered, err = d.Stats.DeliveredOf(ctx, ids)
	return err
}

func (d *Dashboard) deliveries(ctx context.Context, _ domain.Actor, out *usecase.Summary) (err error) {
	if out.Deliveries, err = d.Charts.DeliveriesByHour(ctx, out.Span.Begin(out.Now), out.Now.Add(time.Second)); err != nil {
		return err
	}
	for _, h := range out.Deliveries {
		out.Totals.Deliveries += h.OK
		out.Totals.Failures += h.Failed
		out.Totals.FirstOK += h.FirstTry
		out.Totals.Answers.Merge(h.Answers)
	}
	return nil
}

func (d *Dashboard) health(ctx context.Context, _ domain.Actor, out *usecase.Summary) (err error) {
	page, err := d.DB.Reads().Endpoints.List(ctx, ports.ListQuery{Limit: endpointRows})
	if err != nil {
		return err
	}
	out.Endpoints, err = webhooks.HealthOf(ctx, d.Stats, page.Items, out.Now)
	return err
}

func (d *Dashboard) queue(ctx context.Context, _ domain.Actor, out *usecase.Summary) (err error) {
	if out.Queue, err = d.Charts.QueueByHour(ctx, out.Span.Begin(out.Now), out.Now); err != nil {
		return err
	}
	backlogs, err := d.Stats.Backlogs(ctx)
	if err != nil {
		return err
	}
	waiting := 0
	for _, b := range backlogs {
		waiting += b.Pending
	}
	out.Queue = append(out.Queue, ports.QueueHour{Hour: out.Now, Pending: waiting})
	return nil
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
		p.EndpointBad = p.EndpointBad || it.Kind == usecase.EndpointFailing || it.Kind == usecase.EndpointDisabled
	}
	return p, nil
}

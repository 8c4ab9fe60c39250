package webhooks

import (
	"context"

	"doorito/app/engine"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// previewEvents is how many past events a filter is tried on.
const previewEvents = 100

// Preview implements usecase.EndpointFilters.
func (w *Endpoints) Preview(ctx context.Context, a domain.Actor, f domain.EndpointForm) (usecase.FilterPreview, error) {
	var out usecase.FilterPreview
	if err := a.RequireAdmin(); err != nil {
		return out, err
	}
	f.URL = "https://preview.invalid/"
	e, err := domain.NewEndpoint(w.IDs.New(), f, false, nil, w.Clock.Now())
	if err != nil {
		return out, err
	}
	reads := w.DB.Reads()
	types := make([]string, len(domain.EventTypes))
	for i, t := range domain.EventTypes {
		types[i] = string(t)
	}
	page, err := reads.Outbox.List(ctx, ports.ListQuery{Filters: map[string][]string{"type": types}, Limit: previewEvents})
	if err != nil {
		return out, err
	}
	if err := engine.AddBatchLabels(ctx, reads, []*domain.Endpoint{e}, page.Items); err != nil {
		return out, err
	}
	out.Of = len(page.Items)
	for _, ev := range page.Items {
		if e.Wants(ev) {
			out.Matched = append(out.Matched, ev)
		}
	}
	return out, nil
}

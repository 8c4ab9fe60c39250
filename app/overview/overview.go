// Package overview is what admins see of everything at once: how many rows
// there are of each kind, and lists that nobody else has.
package overview

import (
	"context"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Overview implements usecase.Overview.
type Overview struct {
	DB ports.Transactor
}

var _ usecase.Overview = (*Overview)(nil)

// Tally implements usecase.Overview.
func (o *Overview) Tally(ctx context.Context, a domain.Actor, of usecase.Kind, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Tally{}, err
	}
	r := o.DB.Reads()
	switch of {
	case usecase.KindBatches:
		return r.Batches.Tally(ctx, q, by)
	case usecase.KindFiles:
		return r.Files.Tally(ctx, q, by)
	case usecase.KindSessions:
		return r.Sessions.Tally(ctx, q, by)
	case usecase.KindParts:
		return r.Sessions.TallyParts(ctx, q, by)
	case usecase.KindEvents:
		return r.Outbox.Tally(ctx, q, by)
	case usecase.KindEndpoints:
		return r.Endpoints.Tally(ctx, q, by)
	case usecase.KindDeliveries:
		return r.Deliveries.Tally(ctx, q, by)
	case usecase.KindAttempts:
		return r.Attempts.Tally(ctx, q, by)
	case usecase.KindTokens:
		return r.Tokens.Tally(ctx, q, by)
	case usecase.KindShares:
		return r.ShareLinks.Tally(ctx, q, by)
	}
	return ports.Tally{}, domain.Errorf(domain.Internal, "there is no kind %q to count", of)
}

// ListAttempts implements usecase.Overview.
func (o *Overview) ListAttempts(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Attempt], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.Attempt]{}, err
	}
	return o.DB.Reads().Attempts.List(ctx, q)
}

// ListParts implements usecase.Overview.
func (o *Overview) ListParts(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.UploadPart], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.UploadPart]{}, err
	}
	return o.DB.Reads().Sessions.BrowseParts(ctx, q)
}

// ListEndpoints implements usecase.Overview.
func (o *Overview) ListEndpoints(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Endpoint], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.Endpoint]{}, err
	}
	return o.DB.Reads().Endpoints.List(ctx, q)
}

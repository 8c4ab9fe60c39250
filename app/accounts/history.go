package accounts

import (
	"context"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// History implements usecase.History.
type History struct {
	DB ports.Transactor
}

var _ usecase.History = (*History)(nil)

// List implements usecase.History.
func (h *History) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.AuditEntry], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*domain.AuditEntry]{}, err
	}
	return h.DB.Reads().Audit.List(ctx, q)
}

// Tally implements usecase.History.
func (h *History) Tally(ctx context.Context, a domain.Actor, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Tally{}, err
	}
	return h.DB.Reads().Audit.Tally(ctx, q, by)
}

// Find implements usecase.History.
func (h *History) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.AuditEntry, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	return h.DB.Reads().Audit.Find(ctx, id)
}

package list

import (
	"context"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Outcome of a bulk action: what to say, and where the list was.
type Outcome struct {
	Text string
	Back string
}

// Do runs the action that a bulk form asks for: fields action, id (once for
// each row) and back (the query of the page). Invalid for an unknown action,
// no row, or an id that is none.
func (r *Resource[T]) Do(ctx context.Context, a domain.Actor, form url.Values) (*Outcome, error) {
	if r.AdminOnly {
		if err := a.RequireAdmin(); err != nil {
			return nil, err
		}
	}
	i := slices.IndexFunc(r.Actions, func(act Action) bool { return act.Name == form.Get("action") })
	if i < 0 {
		return nil, domain.FieldErrorf("action", "This list has no action %q. Reload it and pick one from its bar.", clip(form.Get("action")))
	}
	ids, err := parseIDs(form["id"], r.Many)
	if err != nil {
		return nil, err
	}
	text, err := r.Actions[i].Run(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	return &Outcome{Text: text, Back: CheckBack(r.Path, form.Get("back"), visible(r.Filters, a))}, nil
}

func parseIDs(raw []string, many string) ([]uuid.UUID, error) {
	if len(raw) == 0 {
		return nil, domain.FieldErrorf("id", "Nothing is selected. Tick some %s first.", many)
	}
	if len(raw) > ports.MaxPageSize {
		return nil, domain.FieldErrorf("id", "At most %d %s at once; these are %d.", ports.MaxPageSize, many, len(raw))
	}
	var ids []uuid.UUID
	for _, v := range raw {
		id, err := uuid.Parse(v)
		if err != nil || len(v) != 36 {
			return nil, domain.FieldErrorf("id", "%q is not an id. Reload the list and select again.", clip(v))
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

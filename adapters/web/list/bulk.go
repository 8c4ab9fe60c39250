package list

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

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
// each row) and back (the query of the page); or all=1 and asof (when the page
// was made) for every row that matches, up to ports.CountCap, of which those
// that came later are left alone. Invalid for an unknown action, no row, or an
// id that is none.
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
	ids, err := r.chosen(ctx, a, form)
	if err != nil {
		return nil, err
	}
	text, err := r.run(ctx, a, r.Actions[i], ids)
	if err != nil {
		return nil, err
	}
	return &Outcome{Text: text, Back: CheckBack(r.Path, form.Get("back"), visible(r.Filters, a))}, nil
}

// chosen are the rows that the form speaks of.
func (r *Resource[T]) chosen(ctx context.Context, a domain.Actor, form url.Values) ([]uuid.UUID, error) {
	if form.Get("all") != "1" {
		return parseIDs(form["id"], r.Many)
	}
	if !r.SelectAll {
		return nil, domain.FieldErrorf("all", "This list has no action on all that match. Tick the %s you mean.", r.Many)
	}
	asOf, err := time.Parse(time.RFC3339Nano, form.Get("asof"))
	if err != nil {
		return nil, domain.FieldErrorf("asof", "The form does not say when its list was made. Reload it and select again.")
	}
	filters := visible(r.Filters, a)
	s, err := ParseState(form.Get("back"), filters)
	if err != nil {
		return nil, err
	}
	q := s.first().Query(filters, asOf)
	q.Limit = ports.MaxPageSize
	if end := asOf.UTC().Add(time.Microsecond); q.To.IsZero() || end.Before(q.To) {
		q.To = end
	}
	var ids []uuid.UUID
	for {
		page, err := r.Source(ctx, a, q)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Items {
			ids = append(ids, r.ID(row))
			c := r.Cursor(row)
			q.After = &c
		}
		if len(ids) > ports.CountCap {
			return nil, domain.FieldErrorf("all", "More than %s %s match. Narrow the list first, by day for one.", total(ports.CountCap, false), r.Many)
		}
		if !page.Older || len(page.Items) == 0 {
			break
		}
	}
	if len(ids) == 0 {
		return nil, domain.FieldErrorf("all", "No %s match any more. Nothing was done.", r.Many)
	}
	return ids, nil
}

// run does the action in turns of a page. What an earlier turn did stays when a
// later one fails; the error says so.
func (r *Resource[T]) run(ctx context.Context, a domain.Actor, act Action, ids []uuid.UUID) (string, error) {
	text, done := "", 0
	for turn := range slices.Chunk(ids, ports.MaxPageSize) {
		var err error
		if text, err = act.Run(ctx, a, turn); err != nil {
			var e *domain.Error
			if done > 0 && errors.As(err, &e) {
				return "", &domain.Error{Code: e.Code, Field: e.Field, Message: total(done, false) + " of " + total(len(ids), false) + " " + r.Many + " are done, the rest is not. " + e.Message}
			}
			return "", err
		}
		done += len(turn)
	}
	if len(ids) > ports.MaxPageSize {
		return "Done for all " + total(len(ids), false) + " " + r.Many + " that matched.", nil
	}
	return text, nil
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

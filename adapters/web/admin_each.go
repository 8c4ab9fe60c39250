package web

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// tallyOf counts the rows of a kind for its list.
func (s *site) tallyOf(of usecase.Kind) func(context.Context, domain.Actor, ports.ListQuery, ports.TallyBy) (ports.Tally, error) {
	return func(ctx context.Context, a domain.Actor, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
		return s.Overview.Tally(ctx, a, of, q, by)
	}
}

// each does something to each of the ids and counts. What cannot be done to one
// in its state is left out; when it can be done to none, the error says why not
// to the first.
func each(ids []uuid.UUID, do func(uuid.UUID) error) (done int, err error) {
	var first error
	for _, id := range ids {
		switch err := do(id); {
		case err == nil:
			done++
		case !domain.IsCode(err, domain.Conflict) && !domain.IsCode(err, domain.NotFound) && !domain.IsCode(err, domain.Expired):
			return done, err
		case first == nil:
			first = err
		}
	}
	if done == 0 {
		return 0, first
	}
	return done, nil
}

// restOf tells of those that an action left out.
func restOf(done, of int, why string) string {
	switch of - done {
	case 0:
		return "."
	case 1:
		return ". The other one " + why + "."
	}
	return fmt.Sprintf(". The other %s %s.", groupInt(of-done), why)
}

// fileName says a file in a chip; one that is not to be seen is its id's end.
func (s *site) fileName(ctx context.Context, a domain.Actor, id string) string {
	if u, err := uuid.Parse(id); err == nil {
		if f, err := s.Files.Find(ctx, a, u); err == nil {
			return f.OriginalFilename
		}
	}
	return short(id)
}

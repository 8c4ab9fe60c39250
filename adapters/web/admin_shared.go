package web

import (
	"slices"

	"doorito/adapters/web/list"
	"doorito/ports/usecase"
)

// forAdmins makes the list of a resource out of one that has its rows already:
// the rows lead to its own pages, all that match can be acted on and taken
// along, and the filters of these keys say how many rows each choice has.
func forAdmins[T any](s *site, r *list.Resource[T], path string, of usecase.Kind, counted ...string) *list.Resource[T] {
	r.Path, r.AdminOnly, r.SelectAll, r.Exports, r.Tally = path, true, true, true, s.tallyOf(of)
	for i := range r.Filters {
		r.Filters[i].Counted = slices.Contains(counted, r.Filters[i].Key)
	}
	cell := r.Columns[0].Cell
	r.Columns[0].Cell = func(row T, e list.Env) list.Cell {
		c := cell(row, e)
		c.URL = path + r.ID(row).String() + "/"
		return c
	}
	return r
}

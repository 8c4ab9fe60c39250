package list

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// Query turns the state into what a source is asked for.
func (s State) Query(filters []Filter, now time.Time) ports.ListQuery {
	q := ports.ListQuery{
		Search: s.Search, From: s.From, To: s.To, After: s.After, Before: s.Before, Limit: s.Limit, Oldest: s.Oldest,
		Filters: map[string][]string{},
	}
	for _, f := range filters {
		for _, v := range s.Chosen[f.Key] {
			o := f.option(v)
			switch {
			case o != nil && o.Since > 0:
				if from := now.Add(-o.Since); from.After(q.From) {
					q.From = from
				}
			case o != nil && o.Sets != nil:
				for k, set := range o.Sets {
					q.Filters[k] = append(q.Filters[k], set)
				}
			default:
				q.Filters[f.Key] = append(q.Filters[f.Key], v)
			}
		}
	}
	return q
}

// Filtered tells whether anything narrows the list.
func (s State) Filtered() bool {
	return s.Search != "" || len(s.Chosen) > 0 || !s.From.IsZero() || !s.To.IsZero()
}

// Paged tells whether this is not the first page.
func (s State) Paged() bool { return s.After != nil || s.Before != nil }

// Encode is the query of the state's address, the same for the same state.
func (s State) Encode() string {
	v := url.Values{}
	for k, values := range s.Chosen {
		v[k] = values
	}
	set := func(k, value string) {
		if value != "" {
			v.Set(k, value)
		}
	}
	set("q", s.Search)
	set("from", s.fromText)
	set("to", s.toText)
	if s.After != nil {
		set("after", formatCursor(*s.After))
	}
	if s.Before != nil {
		set("before", formatCursor(*s.Before))
	}
	if s.Oldest {
		set("sort", "oldest")
	}
	if s.Limit > 0 {
		set("limit", strconv.Itoa(s.Limit))
	}
	return v.Encode()
}

// at is the address of the state under a path.
func (s State) at(path string) string {
	if q := s.Encode(); q != "" {
		return path + "?" + q
	}
	return path
}

// first is the state at its first page.
func (s State) first() State {
	s.After, s.Before = nil, nil
	return s
}

// toggled is the state with a filter's value put in or taken out.
func (s State) toggled(f Filter, value string) State {
	out := s.first()
	out.Chosen = map[string][]string{}
	for k, v := range s.Chosen {
		out.Chosen[k] = v
	}
	now := s.Chosen[f.Key]
	i := slices.Index(now, value)
	switch {
	case i >= 0:
		now = slices.Delete(slices.Clone(now), i, i+1)
	case f.Many:
		now = append(slices.Clone(now), value)
	default:
		now = []string{value}
	}
	if len(now) == 0 {
		delete(out.Chosen, f.Key)
	} else {
		out.Chosen[f.Key] = now
	}
	return out
}

// cleared is the state without filters and search; order and page size stay.
func (s State) cleared() State { return State{Limit: s.Limit, Oldest: s.Oldest} }

// reversed is the state in the other order, at its first page.
func (s State) reversed() State {
	out := s.first()
	out.Oldest = !s.Oldest
	return out
}

// CheckBack returns the path of the list with a query that it understands, for
// going back after an action; anything else goes to the first page.
func CheckBack(path, query string, filters []Filter) string {
	s, err := ParseState(query, filters)
	if err != nil {
		return path
	}
	return s.at(path)
}

// visible are the filters of this actor.
func visible(filters []Filter, a domain.Actor) []Filter {
	if a.IsAdmin() {
		return filters
	}
	out := make([]Filter, 0, len(filters))
	for _, f := range filters {
		if !f.AdminOnly {
			out = append(out, f)
		}
	}
	return out
}

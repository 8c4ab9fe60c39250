package list

import (
	"cmp"
	"context"
	"slices"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// maxFacet is how many values of a filter without fixed choices are shown.
const maxFacet = 12

// Facet is one filter beside the list, with how many rows each choice has.
type Facet struct {
	Key, Label string
	Any        FacetChoice
	Choices    []FacetChoice
}

// FacetChoice is a link that changes the filter.
type FacetChoice struct {
	Label, URL, Count, State string
	On                       bool
}

// count asks for all numbers of the page at once; nil when it has none.
func (r *Resource[T]) count(ctx context.Context, a domain.Actor, s State, filters []Filter, now time.Time) (*ports.Tally, error) {
	if r.Tally == nil {
		return nil, nil
	}
	by := ports.TallyBy{Bounds: s.drill(now).bounds}
	for _, f := range filters {
		if f.Counted {
			by.Filters = append(by.Filters, f.Key)
		}
	}
	got, err := r.Tally(ctx, a, s.Query(filters, now), by)
	return &got, err
}

// number writes the numbers on the page and fills the choices of filters that
// have none of their own.
func (r *Resource[T]) number(ctx context.Context, a domain.Actor, v *View, s State, filters []Filter, now time.Time, got *ports.Tally) ([]Filter, error) {
	if got == nil {
		return filters, nil
	}
	v.Drill = r.drillView(s, s.drill(now), got.Spans)
	filters = slices.Clone(filters)
	for i, f := range filters {
		if !f.Counted {
			continue
		}
		var err error
		if filters[i], err = f.withChoices(ctx, a, s.Chosen[f.Key], got.Filters[f.Key]); err != nil {
			return nil, err
		}
		none := v.Total == "0" && len(s.Chosen[f.Key]) == 0 // then nothing was left uncounted
		v.Facets = append(v.Facets, r.facet(s, filters[i], got.Filters[f.Key], got.Capped[f.Key] && !none))
	}
	return filters, nil
}

// withChoices puts the values that occur in place of a filter's choices when
// any value may be asked for, the most frequent first.
func (f Filter) withChoices(ctx context.Context, a domain.Actor, chosen []string, counts map[string]int) (Filter, error) {
	if f.Free == nil {
		return f, nil
	}
	known := f.Options
	if f.Load != nil {
		more, err := f.Load(ctx, a)
		if err != nil {
			return f, err
		}
		known, f.Load = append(slices.Clone(known), more...), nil
	}
	f.Options = nil
	for value := range counts {
		if f.Free(value) == nil {
			f.Options = append(f.Options, f.named(known, value))
		}
	}
	slices.SortFunc(f.Options, func(x, y Option) int {
		return cmp.Or(counts[y.Value]-counts[x.Value], cmp.Compare(x.Label, y.Label), cmp.Compare(x.Value, y.Value))
	})
	f.Options = f.Options[:min(maxFacet, len(f.Options))]
	for _, value := range chosen {
		if f.option(value) == nil {
			f.Options = append(f.Options, f.named(known, value))
		}
	}
	return f, nil
}

func (f Filter) named(known []Option, value string) Option {
	if i := slices.IndexFunc(known, func(o Option) bool { return o.Value == value }); i >= 0 {
		return known[i]
	}
	if f.Name != nil {
		return Option{Value: value, Label: f.Name(value)}
	}
	return Option{Value: value, Label: value}
}

func (r *Resource[T]) facet(s State, f Filter, counts map[string]int, capped bool) Facet {
	all := 0
	for _, n := range counts {
		all += n
	}
	chosen := s.Chosen[f.Key]
	out := Facet{Key: f.Key, Label: f.Label, Any: FacetChoice{
		Label: "Any", URL: s.dropped(f).at(r.Path), Count: total(min(all, ports.CountCap), capped), On: len(chosen) == 0,
	}}
	for _, o := range f.Options {
		out.Choices = append(out.Choices, FacetChoice{
			Label: o.Label, URL: s.toggled(f, o.Value).at(r.Path), Count: total(counts[o.Value], capped && counts[o.Value] > 0),
			State: o.State, On: slices.Contains(chosen, o.Value),
		})
	}
	return out
}

// dropped is the state without a filter.
func (s State) dropped(f Filter) State {
	out := s.first()
	out.Chosen = map[string][]string{}
	for k, v := range s.Chosen {
		if k != f.Key {
			out.Chosen[k] = v
		}
	}
	return out
}

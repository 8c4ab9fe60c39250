package list

import (
	"context"
	"slices"
	"strconv"

	"doorito/domain"
)

// bars makes the search field, the menus and the chips of a state.
func (r *Resource[T]) bars(ctx context.Context, a domain.Actor, s State, filters []Filter) (Bars, error) {
	b := Bars{
		Action: r.Path, What: r.Many, Query: s.Search, Hint: r.SearchHint,
		ClearURL: s.cleared().at(r.Path), Keep: keep(s),
		Order: "Newest first", OrderURL: s.reversed().at(r.Path), OrderIcon: "arrow-down", OrderHint: "Show the oldest first",
	}
	if s.Oldest {
		b.Order, b.OrderIcon, b.OrderHint = "Oldest first", "arrow-up", "Show the newest first"
	}
	if s.Search != "" {
		without := s.first()
		without.Search = ""
		b.Chips = append(b.Chips, Chip{"Search", s.Search, without.at(r.Path)})
	}
	for _, f := range filters {
		options := f.Options
		if f.Load != nil {
			more, err := f.Load(ctx, a)
			if err != nil {
				return b, err
			}
			options = append(slices.Clone(options), more...)
		}
		if !f.Hidden {
			b.Menus = append(b.Menus, r.menu(s, f, options))
		}
		for _, v := range s.Chosen[f.Key] {
			b.Chips = append(b.Chips, Chip{f.Label, f.chip(ctx, a, v, options), s.toggled(f, v).at(r.Path)})
		}
	}
	b.Chips = append(b.Chips, r.rangeChips(s)...)
	b.Active = len(b.Chips)
	b.ClearText = "Clear filters"
	switch b.Active {
	case 1:
		b.ClearText = "Clear"
	case 2:
		b.ClearText = "Clear both"
	}
	return b, nil
}

func (r *Resource[T]) menu(s State, f Filter, options []Option) Menu {
	m := Menu{Key: f.Key, Label: f.Label, Icon: f.Icon, Count: len(s.Chosen[f.Key])}
	for _, o := range options {
		m.Options = append(m.Options, Choice{o.Label, s.toggled(f, o.Value).at(r.Path), slices.Contains(s.Chosen[f.Key], o.Value)})
	}
	return m
}

func (f Filter) chip(ctx context.Context, a domain.Actor, v string, options []Option) string {
	if i := slices.IndexFunc(options, func(o Option) bool { return o.Value == v }); i >= 0 {
		if options[i].Chip != "" {
			return options[i].Chip
		}
		return options[i].Label
	}
	if f.Say != nil {
		return f.Say(ctx, a, v)
	}
	return v
}

func (r *Resource[T]) rangeChips(s State) []Chip {
	var out []Chip
	if !s.From.IsZero() {
		without := s.first()
		without.fromText = ""
		out = append(out, Chip{"From", s.fromText, without.at(r.Path)})
	}
	if !s.To.IsZero() {
		without := s.first()
		without.toText = ""
		out = append(out, Chip{"Until", s.toText, without.at(r.Path)})
	}
	return out
}

// keep is what the search form carries on: every filter, not the page.
func keep(s State) []Pair {
	var out []Pair
	keys := make([]string, 0, len(s.Chosen))
	for k := range s.Chosen {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		for _, v := range s.Chosen[k] {
			out = append(out, Pair{k, v})
		}
	}
	if s.fromText != "" {
		out = append(out, Pair{"from", s.fromText})
	}
	if s.toText != "" {
		out = append(out, Pair{"to", s.toText})
	}
	if s.Oldest {
		out = append(out, Pair{"sort", "oldest"})
	}
	if s.Limit > 0 {
		out = append(out, Pair{"limit", strconv.Itoa(s.Limit)})
	}
	return out
}

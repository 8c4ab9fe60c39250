package list

import (
	"context"
	"strconv"
	"strings"
	"time"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/atonce"
)

// View is one page of a list, ready for templates/pages/list.html.
type View struct {
	Name, Title, One, Many, Path string
	Meta                         []string
	Buttons                      []Button
	Banner                       *Banner
	Bar                          Bars
	Facets                       []Facet
	Drill                        *Drill
	All                          string // how many an action can be done to at once, beyond this page; "" for none
	AsOf                         string // when the page was made, for that action
	CSV, JSON                    string // addresses of the whole list, "" for none
	Heads                        []Head
	Rows                         []Row
	Actions                      []ActionView
	Legend                       []Key
	LegendText                   string
	Note                         string
	Turned                       bool // the oldest come first
	Tall                         bool
	Count                        int
	Total                        string
	Newer, Older                 string // addresses, "" at an end
	Back                         string // query of this page, for the way back after an action
	Empty                        *Empty // in place of the table
}

// Bars is the search and the menus above the table.
type Bars struct {
	Action, What, Query, Hint string
	Keep                      []Pair // what the search carries on
	Menus                     []Menu
	Chips                     []Chip
	ClearURL, ClearText       string
	Active                    int
	Order, OrderURL           string // how it is sorted, and the other way
	OrderIcon, OrderHint      string
}

// Pair is a hidden field.
type Pair struct{ Name, Value string }

// Menu is one filter with its choices.
type Menu struct {
	Key, Label, Icon string
	Count            int
	Options          []Choice
}

// Choice is a link that changes the filter.
type Choice struct {
	Label, URL string
	On         bool
}

// Chip is one value that narrows the list, with the address without it.
type Chip struct{ Label, Value, URL string }

// Head is a column's head.
type Head struct {
	Label, Class string
	Hidden       bool
}

// Row is one row with its cells in the order of the heads.
type Row struct {
	ID, Label string
	Size      int64
	Cells     []Cell
}

// ActionView is an action with the id of its dialog.
type ActionView struct {
	Value, Label, Icon, Verb, Text, Keep, Confirm string
	Danger                                        bool
}

// Show reads the page that the query of an address asks for.
func (r *Resource[T]) Show(ctx context.Context, a domain.Actor, query string, now time.Time) (*View, error) {
	if r.AdminOnly {
		if err := a.RequireAdmin(); err != nil {
			return nil, err
		}
	}
	filters := visible(r.Filters, a)
	s, err := ParseState(query, filters)
	if err != nil {
		return nil, err
	}
	page, numbers, err := r.ask(ctx, a, s, filters, now)
	if err != nil {
		return nil, err
	}
	v := &View{
		Name: r.Name, Title: r.Title, One: r.One, Many: r.Many, Path: r.Path, Tall: r.Tall,
		Buttons: shown(a, r.Buttons, func(b Button) domain.Permission { return b.Needs }), Legend: r.Legend, LegendText: r.LegendText, Note: r.Note, Turned: s.Oldest, Count: len(page.Items), Total: total(page.Total, page.Capped), Back: s.Encode(),
	}
	if s.Oldest {
		v.Note = "oldest first"
	}
	v.Meta = []string{v.Total + " " + r.noun(page.Total)}
	if r.Meta != nil {
		v.Meta = r.Meta(page, now)
	}
	if r.Banner != nil {
		v.Banner = r.Banner(page, now)
	}
	if filters, err = r.number(ctx, a, v, s, filters, now, numbers); err != nil {
		return nil, err
	}
	if v.Bar, err = r.bars(ctx, a, s, filters); err != nil {
		return nil, err
	}
	r.rows(v, page, Env{Now: now, Admin: a.IsAdmin()})
	r.actions(v, a)
	r.pages(v, page, s)
	if r.SelectAll && len(v.Actions) > 0 && (v.Newer != "" || v.Older != "") {
		v.All, v.AsOf = v.Total, now.UTC().Format(time.RFC3339Nano)
	}
	if r.Exports && len(page.Items) > 0 {
		v.CSV, v.JSON = s.first().at(r.Path+"export.csv"), s.first().at(r.Path+"export.json")
	}
	if len(page.Items) == 0 {
		v.Empty = r.emptiness(s)
		if !s.Filtered() && !s.Paged() {
			v.Meta = []string{"Nothing here yet"}
		}
	}
	return v, nil
}

// ask reads the rows and the numbers beside them, side by side.
func (r *Resource[T]) ask(ctx context.Context, a domain.Actor, s State, filters []Filter, now time.Time) (page ports.Page[T], numbers *ports.Tally, err error) {
	err = atonce.Do(2, func() (err error) {
		page, err = r.Source(ctx, a, s.Query(filters, now))
		return err
	}, func() (err error) {
		numbers, err = r.count(ctx, a, s, filters, now)
		return err
	})
	return page, numbers, err
}

// Table shows rows that another page found, with the columns of these keys and
// without search, pages or actions.
func (r *Resource[T]) Table(items []T, e Env, keys ...string) *View {
	only := *r
	only.Actions, only.Columns = nil, nil
	for _, key := range keys {
		for _, c := range r.Columns {
			if c.Key == key {
				c.Elsewhere = false
				only.Columns = append(only.Columns, c)
			}
		}
	}
	v := &View{Name: r.Name, Title: r.Title, One: r.One, Many: r.Many, Path: r.Path, Tall: r.Tall, Count: len(items)}
	only.rows(v, ports.Page[T]{Items: items}, e)
	return v
}

func (r *Resource[T]) noun(n int) string {
	if n == 1 {
		return r.One
	}
	return r.Many
}

func (r *Resource[T]) rows(v *View, page ports.Page[T], e Env) {
	var cols []Column[T]
	for _, c := range r.Columns {
		if c.AdminOnly && !e.Admin || c.Elsewhere {
			continue
		}
		cols = append(cols, c)
		v.Heads = append(v.Heads, Head{Label: c.Label, Class: headClass(c.Class), Hidden: c.Hidden})
	}
	v.Rows = make([]Row, len(page.Items))
	for i, item := range page.Items {
		row := Row{ID: r.ID(item).String(), Label: r.Label(item), Cells: make([]Cell, len(cols))}
		if r.Size != nil {
			row.Size = r.Size(item)
		}
		for j, c := range cols {
			cell := c.Cell(item, e)
			cell.Class, cell.Label, cell.RowID, cell.ColName = c.Class, c.CardLabel, row.ID, c.Key
			row.Cells[j] = cell
		}
		v.Rows[i] = row
	}
}

// shown are those of the items that the actor may use.
func shown[E any](a domain.Actor, items []E, needs func(E) domain.Permission) []E {
	var out []E
	for _, item := range items {
		if p := needs(item); p == "" || a.May(p) {
			out = append(out, item)
		}
	}
	return out
}

func (r *Resource[T]) actions(v *View, a domain.Actor) {
	for _, act := range shown(a, r.Actions, func(act Action) domain.Permission { return act.Needs }) {
		av := ActionView{Value: act.Name, Label: act.Label, Icon: act.Icon, Verb: act.Verb, Text: act.Confirm, Keep: act.Keep, Danger: act.Danger}
		if act.Confirm != "" {
			av.Confirm = "ask-" + act.Name
		}
		v.Actions = append(v.Actions, av)
	}
}

// headClass keeps of a cell's classes what a head needs too.
func headClass(class string) string {
	var kept []string
	for word := range strings.FieldsSeq(class) {
		switch word {
		case "num", "spare", "ample", "roomy":
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}

func (r *Resource[T]) pages(v *View, page ports.Page[T], s State) {
	if len(page.Items) == 0 {
		if s.Paged() {
			v.Newer = s.first().at(r.Path)
		}
		return
	}
	if page.Newer {
		c := r.Cursor(page.Items[0])
		to := s.first()
		to.Before = &c
		v.Newer = to.at(r.Path)
	}
	if page.Older {
		c := r.Cursor(page.Items[len(page.Items)-1])
		to := s.first()
		to.After = &c
		v.Older = to.at(r.Path)
	}
}

// emptiness says why there is nothing: no row at all, or none that matches.
func (r *Resource[T]) emptiness(s State) *Empty {
	switch {
	case s.Filtered():
		e := r.NoMatch
		e.Art, e.Calm, e.URL, e.URLText, e.Icon = "search", true, s.cleared().at(r.Path), "Clear filters", "x"
		if e.Title == "" {
			e.Title = "No " + r.Many + " match"
		}
		if e.Text == "" {
			e.Text = "Widen the dates, or take a filter away."
		}
		return &e
	case s.Paged():
		return &Empty{Art: "search", Calm: true, Title: "No " + r.Many + " on this side", Text: "The list ends here. Its first page shows the newest.", URL: s.first().at(r.Path), URLText: "First page", Icon: "chevron-left"}
	}
	e := r.Empty
	return &e
}

// total says a count that may be capped: "412", "10,000+".
func total(n int, capped bool) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if capped {
		return digits + "+"
	}
	return digits
}

package gormdb

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"doorito/domain"
	"doorito/ports"
)

// listed is what one list is made of. Its table has the alias t; conditions
// speak of t alone, so that counting needs no join.
type listed[R, T any] struct {
	what     string // the table
	columns  string // selected; "t.*" and what joins bring
	joins    string
	created  string // the time column, created_at unless set
	owner    string // column of the owning user; empty when nobody owns rows
	search   func(c conn, word string) condition
	subject  func(ids string) string // rows about one of the ids; unset when they have no t.subject
	filters  map[string]filter
	rare     map[string]rarity // of filters, tried before them
	groups   map[string]group  // of the filters that rows can be counted by
	grouping string            // joins that groups need; then to ports.SearchCap, as each row costs a lookup
	place    func(R) ports.Cursor
	to       func(R) T
}

// condition is a piece of WHERE.
type condition struct {
	sql  string
	args []any
}

// filter makes a condition out of the accepted values, of which there is at
// least one. Its error is Invalid and names the filter.
type filter func(c conn, key string, values []string) (condition, error)

// list answers a query. Rows that are inserted meanwhile never shift a page.
func list[R, T any](ctx context.Context, c conn, l listed[R, T], q ports.ListQuery) (ports.Page[T], error) {
	var page ports.Page[T]
	limit, err := pageSize(q)
	if err != nil {
		return page, err
	}
	conds, err := l.where(ctx, c, q)
	if err != nil {
		return page, err
	}
	// Counted first: what there is little of is read another way.
	n, capped, err := l.count(ctx, c, conds, q)
	if err != nil {
		return page, err
	}
	if page.Items = []T{}; n == 0 && !capped {
		return page, nil
	}
	order := l.walking()
	if c.d.isPostgres() && len(conds) > 0 && !capped && n <= fewRows*limit {
		order = l.sorting()
	}
	rows, more, err := l.rows(ctx, c, conds, q, limit, order)
	if err != nil {
		return page, err
	}
	page.Items = mapped(rows, l.to)
	page.Total, page.Capped = max(n, len(rows)), capped
	if q.After == nil && q.Before == nil && !more {
		page.Total, page.Capped = len(rows), false
	}
	page.Newer, page.Older, err = l.around(ctx, c, conds, q, rows, more, order)
	return page, err
}

func pageSize(q ports.ListQuery) (int, error) {
	switch {
	case q.After != nil && q.Before != nil:
		return 0, domain.FieldErrorf("after", "A page is after a row or before one, not both.")
	case q.Limit < 0 || q.Limit > ports.MaxPageSize:
		return 0, domain.FieldErrorf("limit", "A page has 1 to %d rows, not %d.", ports.MaxPageSize, q.Limit)
	case q.Limit == 0:
		return ports.DefaultPageSize, nil
	}
	return q.Limit, nil
}

// where gathers the conditions of owner, times, filters and search.
func (l listed[R, T]) where(ctx context.Context, c conn, q ports.ListQuery) ([]condition, error) {
	conds, err := l.narrowed(ctx, c, q)
	if err != nil {
		return nil, err
	}
	named, err := l.words(ctx, c, q)
	return append(conds, named...), err
}

// narrowed are the conditions without those of the search.
func (l listed[R, T]) narrowed(ctx context.Context, c conn, q ports.ListQuery) ([]condition, error) {
	var conds []condition
	if q.Owner != nil && l.owner != "" {
		conds = append(conds, condition{l.owner + " = ?", []any{*q.Owner}})
	}
	if !q.From.IsZero() {
		conds = append(conds, condition{l.time() + " >= ?", []any{at(q.From)}})
	}
	if !q.To.IsZero() {
		conds = append(conds, condition{l.time() + " < ?", []any{at(q.To)}})
	}
	// In one order, so that the same question is the same statement.
	for _, key := range slices.Sorted(maps.Keys(q.Filters)) {
		values := q.Filters[key]
		f, ok := l.filters[key]
		if !ok {
			return nil, domain.FieldErrorf(key, "This list has no filter %q.", key)
		}
		if len(values) == 0 {
			continue
		}
		cond, err := f(c, key, values)
		if err != nil {
			return nil, err
		}
		if few := l.rare[key]; few != nil {
			rare, err := few(ctx, c, values)
			if err != nil {
				return nil, err
			}
			if rare.sql != "" {
				cond = rare
			}
		}
		conds = append(conds, cond)
	}
	return conds, nil
}

// words makes a condition of each word. Those that can be nothing but parts of
// names are looked up together.
func (l listed[R, T]) words(ctx context.Context, c conn, q ports.ListQuery) ([]condition, error) {
	var conds []condition
	var names []string
	for _, word := range strings.Fields(clean(q.Search)) {
		found := l.search(c, word)
		switch {
		case l.subject == nil && found.sql == "":
			found = none // it can be no id
		case l.subject == nil:
		case found.sql == "":
			names = append(names, word)
			continue
		default:
			named, err := bySubject(ctx, c, []string{word}, l.subject)
			if err != nil {
				return nil, err
			}
			found = anyOf(found, named)
		}
		conds = append(conds, found)
	}
	if len(names) == 0 {
		return conds, nil
	}
	named, err := bySubject(ctx, c, names, l.subject)
	return append(conds, named), err
}

func (l listed[R, T]) time() string {
	if l.created == "" {
		return "t.created_at"
	}
	return "t." + l.created
}

func (l listed[R, T]) from(tx *gorm.DB, conds []condition) *gorm.DB {
	return matching(tx.Table(l.what+" AS t"), conds)
}

func matching(tx *gorm.DB, conds []condition) *gorm.DB {
	for _, c := range conds {
		tx = tx.Where("("+c.sql+")", c.args...)
	}
	return tx
}

// order is both ways through a list.
type order struct{ newest, oldest string }

// walking reads along the index of the order until a page is full.
func (l listed[R, T]) walking() order {
	return order{l.time() + " DESC, t.id DESC", l.time() + ", t.id"}
}

// sorting is walking for PostgreSQL where little matches. It takes conditions for
// spread evenly over the rows and would walk far to find the last of them; an
// order that no index has makes it look for the rows first.
func (l listed[R, T]) sorting() order {
	at := l.time() + " + interval '0'"
	return order{at + " DESC, t.id DESC", at + ", t.id"}
}

// rows reads one page in the order of the query; more tells whether rows follow in the
// direction of reading.
func (l listed[R, T]) rows(ctx context.Context, c conn, conds []condition, q ports.ListQuery, limit int, o order) (rows []R, more bool, err error) {
	tx := l.from(c.asking(ctx), conds).Limit(limit + 1)
	key := "(" + l.time() + ", t.id)"
	on, back, before, after := o.newest, o.oldest, " > ", " < "
	if q.Oldest {
		on, back, before, after = back, on, after, before
	}
	switch {
	case q.After != nil:
		tx = tx.Where(key+after+"(?, ?)", at(q.After.At), q.After.ID)
	case q.Before != nil:
		tx = tx.Where(key+before+"(?, ?)", at(q.Before.At), q.Before.ID)
		on = back
	}
	if tx = tx.Order(on); l.joins != "" { // to the rows of the page, not to all that were sorted
		tx = c.asking(ctx).Table("(?) AS t", tx.Select("t.*")).Joins(l.joins).Order(on)
	}
	if err := tx.Select(l.columns).Find(&rows).Error; err != nil {
		return nil, false, translate(err, l.what)
	}
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	if q.Before != nil {
		slices.Reverse(rows)
	}
	return rows, more, nil
}

// around tells whether there are rows on either side of the page. Newer and
// Older are of its order: the rows before it and those after.
func (l listed[R, T]) around(ctx context.Context, c conn, conds []condition, q ports.ListQuery, rows []R, more bool, o order) (newer, older bool, err error) {
	switch {
	case q.After != nil:
		cursor, op := *q.After, ">="
		if len(rows) > 0 {
			cursor, op = l.place(rows[0]), ">"
		}
		newer, err = l.exists(ctx, c, conds, turned(op, q), cursor, o)
		return newer, more, err
	case q.Before != nil:
		cursor, op := *q.Before, "<="
		if len(rows) > 0 {
			cursor, op = l.place(rows[len(rows)-1]), "<"
		}
		older, err = l.exists(ctx, c, conds, turned(op, q), cursor, o)
		return more, older, err
	}
	return false, more, nil
}

// turned is a comparison of places for the order of the query.
func turned(op string, q ports.ListQuery) string {
	if !q.Oldest {
		return op
	}
	return map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]
}

func (l listed[R, T]) exists(ctx context.Context, c conn, conds []condition, op string, cur ports.Cursor, o order) (bool, error) {
	var one []int
	err := l.from(c.asking(ctx), conds).Select("1").
		Where("("+l.time()+", t.id) "+op+" (?, ?)", at(cur.At), cur.ID).Order(o.newest).Limit(1).Find(&one).Error
	return len(one) > 0, translate(err, l.what)
}

// peek reads the newest rows that match, of the newest `within` that the owner
// has, and counts nothing: what it costs is bounded, however big the table is.
// PostgreSQL finds words by an index, in all rows.
func peek[R, T any](ctx context.Context, c conn, l listed[R, T], q ports.ListQuery, within int) ([]T, error) {
	limit, err := pageSize(q)
	if err != nil {
		return nil, err
	}
	near, err := l.where(ctx, c, ports.ListQuery{Owner: q.Owner})
	if err != nil {
		return nil, err
	}
	q.Owner = nil
	conds, err := l.where(ctx, c, q)
	if err != nil {
		return nil, err
	}
	newest := l.time() + " DESC, t.id DESC"
	tx := c.asking(ctx)
	if c.d.isPostgres() && q.Search != "" {
		tx = l.from(tx, near)
	} else {
		tx = tx.Table("(?) AS t", l.from(tx, near).Select("t.*").Order(newest).Limit(within))
	}
	tx = matching(tx, conds)
	if l.joins != "" {
		tx = tx.Joins(l.joins)
	}
	var rows []R
	if err := tx.Select(l.columns).Order(newest).Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err, l.what)
	}
	return mapped(rows, l.to), nil
}

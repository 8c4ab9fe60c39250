package gormdb

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/atonce"
)

// group is the text of a filter's value in a row.
type group func(c conn) condition

func textGroup(col string) group { return func(conn) condition { return condition{sql: col} } }

func truthGroup(col string) group {
	return func(conn) condition { return condition{sql: "CASE WHEN " + col + " THEN 'true' ELSE 'false' END"} }
}

// idGroup counts what has no id under "".
func idGroup(col string) group {
	return func(c conn) condition { return condition{sql: "COALESCE(" + c.d.idText(col) + ", '')"} }
}

// countsAtOnce is how many sets of numbers of one page are counted at a time.
const countsAtOnce = 2

// tally counts the rows of a list. Each number costs at most reading
// ports.CountCap rows that match.
func tally[R, T any](ctx context.Context, c conn, l listed[R, T], q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	out := ports.Tally{Filters: map[string]map[string]int{}, Capped: map[string]bool{}}
	named, err := l.words(ctx, c, q)
	if err != nil {
		return out, err
	}
	sets := countedAlike(q, by.Filters)
	counted := make([]filterCounts, len(sets))
	steps := make([]func() error, len(sets))
	for i, keys := range sets {
		steps[i] = func() (err error) {
			counted[i], err = l.tallyFilters(ctx, c, q, named, keys)
			return err
		}
	}
	spans := func() (err error) {
		out.Spans, err = l.tallySpans(ctx, c, q, named, by)
		return err
	}
	// Of words that many rows have, on each of the days, nobody waits for the numbers.
	late := c.d.isPostgres() && q.Search != ""
	if !late {
		steps = append(steps, spans)
	}
	most := countsAtOnce
	if c.tx != nil {
		most = 1 // a transaction is asked one thing at a time
	}
	if err := atonce.Do(most, steps...); err != nil {
		return out, err
	}
	for i, keys := range sets {
		for _, key := range keys {
			out.Filters[key], out.Capped[key] = counted[i].values[key], counted[i].capped
			late = late && !counted[i].capped
		}
	}
	if late {
		err = spans()
	}
	return out, err
}

// filterCounts is how many rows have each value of some filters; capped tells that
// not all rows were counted.
type filterCounts struct {
	values map[string]map[string]int
	capped bool
}

// countedAlike are the keys that count the same rows: a filter leaves out of account
// what it is set to itself, so those that are not set are one set.
func countedAlike(q ports.ListQuery, keys []string) [][]string {
	var sets [][]string
	var unset []string
	for _, key := range keys {
		if len(q.Filters[key]) > 0 {
			sets = append(sets, []string{key})
		} else {
			unset = append(unset, key)
		}
	}
	if len(unset) > 0 {
		sets = append(sets, unset)
	}
	return sets
}

// tallyFilters counts the newest rows by the values of filters that count the same;
// named are the conditions of the search.
func (l listed[R, T]) tallyFilters(ctx context.Context, c conn, q ports.ListQuery, named []condition, keys []string) (out filterCounts, err error) {
	var values, names []string
	var args []any
	for i, key := range keys {
		expr, ok := l.groups[key]
		if !ok {
			return out, domain.FieldErrorf(key, "This list is not counted by %q.", key)
		}
		value := expr(c)
		name := "v" + strconv.Itoa(i)
		values, names, args = append(values, value.sql+" AS "+name), append(names, name), append(args, value.args...)
	}
	conds, err := l.narrowed(ctx, c, without(q, keys[0]))
	if err != nil {
		return out, err
	}
	conds = append(conds, named...)
	all, most := 0, countTo(q)
	if l.grouping != "" {
		most = ports.SearchCap
	}
	counting := func(c conn, from *gorm.DB) error {
		out.values = map[string]map[string]int{}
		for _, key := range keys {
			out.values[key] = map[string]int{}
		}
		newest := from.Joins(l.grouping).Select(strings.Join(values, ", "), args...).Order(l.time() + " DESC, t.id DESC").Limit(most + 1)
		columns := strings.Join(names, ", ")
		rows, err := c.asking(ctx).Table("(?) AS newest", newest).Select(columns + ", count(*)").Group(columns).Rows()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n int
			got := make([]string, len(keys))
			into := make([]any, 0, len(keys)+1)
			for i := range got {
				into = append(into, &got[i])
			}
			if err := rows.Scan(append(into, &n)...); err != nil {
				return err
			}
			all += n
			for i, key := range keys {
				out.values[key][got[i]] += n
			}
		}
		return rows.Err()
	}
	inTime, err := l.counted(ctx, c, tallyWithin, q.Search, conds, counting)
	out.capped = !inTime || all > most
	return out, translate(err, l.what)
}

// without is the query with every filter but one.
func without(q ports.ListQuery, key string) ports.ListQuery {
	kept := make(map[string][]string, len(q.Filters))
	for k, v := range q.Filters {
		if k != key {
			kept[k] = v
		}
	}
	q.Filters = kept
	return q
}

// tallySpans counts all spans in one statement; nil when that takes too long.
func (l listed[R, T]) tallySpans(ctx context.Context, c conn, q ports.ListQuery, named []condition, by ports.TallyBy) ([]int, error) {
	if len(by.Bounds) < 2 {
		return nil, nil
	}
	if !slices.IsSortedFunc(by.Bounds, time.Time.Compare) {
		return nil, domain.Errorf(domain.Internal, "the bounds of spans are not in order")
	}
	var parts []string
	var args []any
	q.From, q.To = time.Time{}, time.Time{}
	conds, err := l.narrowed(ctx, c, q)
	if err != nil {
		return nil, err
	}
	conds = append(conds, named...)
	for i := range len(by.Bounds) - 1 {
		span := condition{l.time() + " >= ? AND " + l.time() + " < ?", []any{at(by.Bounds[i]), at(by.Bounds[i+1])}}
		parts = append(parts, fmt.Sprintf("SELECT %d AS span, count(*) AS n FROM (?) AS s%d", i, i))
		args = append(args, l.from(c.asking(ctx), append([]condition{span}, conds...)).Select("1").Limit(countTo(q)))
	}
	var rows []struct{ Span, N int }
	inTime, err := l.briefly(ctx, c, tallyWithin, q.Search, func(c conn) error {
		return c.asking(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&rows).Error
	})
	if err != nil || !inTime {
		return nil, translate(err, l.what)
	}
	spans := make([]int, len(parts))
	for _, r := range rows {
		spans[r.Span] = r.N
	}
	return spans, nil
}

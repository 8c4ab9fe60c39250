package gormdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"doorito/domain"
	"doorito/ports"
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

// tally counts the rows of a list. Each number costs at most reading
// ports.CountCap rows that match.
func tally[R, T any](ctx context.Context, c conn, l listed[R, T], q ports.ListQuery, by ports.TallyBy) (ports.Tally, error) {
	out := ports.Tally{Filters: map[string]map[string]int{}, Capped: map[string]bool{}}
	for _, key := range by.Filters {
		if err := l.tallyFilter(ctx, c, q, key, &out); err != nil {
			return out, err
		}
	}
	var err error
	out.Spans, err = l.tallySpans(ctx, c, q, by)
	return out, err
}

func (l listed[R, T]) tallyFilter(ctx context.Context, c conn, q ports.ListQuery, key string, out *ports.Tally) error {
	expr, ok := l.groups[key]
	if !ok {
		return domain.FieldErrorf(key, "This list is not counted by %q.", key)
	}
	conds, err := l.where(ctx, c, without(q, key))
	if err != nil {
		return err
	}
	value := expr(c)
	newest := l.from(c.reading(ctx), conds).Select(value.sql+" AS value", value.args...).
		Order(l.time() + " DESC, t.id DESC").Limit(countTo(q) + 1)
	var rows []struct {
		Value string
		N     int
	}
	if err := c.reading(ctx).Table("(?) AS newest", newest).Select("value, count(*) AS n").Group("value").Find(&rows).Error; err != nil {
		return translate(err, l.what)
	}
	all := 0
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.Value] = r.N
		all += r.N
	}
	out.Filters[key], out.Capped[key] = counts, all > countTo(q)
	return nil
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

// tallySpans counts all spans in one statement.
func (l listed[R, T]) tallySpans(ctx context.Context, c conn, q ports.ListQuery, by ports.TallyBy) ([]int, error) {
	if len(by.Bounds) < 2 {
		return nil, nil
	}
	if !slices.IsSortedFunc(by.Bounds, time.Time.Compare) {
		return nil, domain.Errorf(domain.Internal, "the bounds of spans are not in order")
	}
	var parts []string
	var args []any
	for i := range len(by.Bounds) - 1 {
		q.From, q.To = by.Bounds[i], by.Bounds[i+1]
		conds, err := l.where(ctx, c, q)
		if err != nil {
			return nil, err
		}
		parts = append(parts, fmt.Sprintf("SELECT %d AS span, count(*) AS n FROM (?) AS s%d", i, i))
		args = append(args, l.from(c.reading(ctx), conds).Select("1").Limit(countTo(q)))
	}
	var rows []struct{ Span, N int }
	if err := c.reading(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&rows).Error; err != nil {
		return nil, translate(err, l.what)
	}
	spans := make([]int, len(parts))
	for _, r := range rows {
		spans[r.Span] = r.N
	}
	return spans, nil
}

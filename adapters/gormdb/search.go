package gormdb

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"doorito/ports"
)

const (
	// wholeWord is from how many letters on a word is looked for anywhere in a
	// name. Shorter ones are its beginning: the index of names is made of three
	// letters each, and two letters are in every other name.
	wholeWord = 3
	// idsBack is among how many of the newest rows the end of an id is looked for.
	idsBack = 20_000
	// fewNames is up to how many things with a name what is about them is found
	// through their ids. With more, every few rows match and a page of them is
	// read at once.
	fewNames = 3000
)

// byName finds a word in a name.
func byName(c conn, col, word string) condition {
	if utf8.RuneCountInString(word) < wholeWord {
		return condition{c.d.like(col), []any{startsWith(word)}}
	}
	return byText(c, col, word)
}

// byNewID is byID on a table that grows: the end of an id, of which there can be
// no index, is looked for among the newest rows.
func byNewID(c conn, col, table, word string) []condition {
	if _, err := uuid.Parse(word); err == nil || !c.d.isPostgres() {
		return byID(c, col, word)
	}
	ends := byID(c, "n.id", word)
	for i, e := range ends {
		ends[i] = condition{col + " = ANY(ARRAY(SELECT n.id FROM (SELECT id FROM " + table + " ORDER BY created_at DESC LIMIT ?) AS n WHERE " + e.sql + "))", append([]any{idsBack}, e.args...)}
	}
	return ends
}

// bySubject finds rows about things with a name, in one of two ways. about is
// true for rows about one of a set of ids, made from its SQL.
func bySubject(ctx context.Context, c conn, word string, about func(ids string) string) (condition, error) {
	if !c.d.isPostgres() {
		return byName(c, "t.subject", word), nil
	}
	var ids []uuid.UUID
	one := func(table, name string) condition {
		cond := byName(c, "x."+name, word)
		return condition{"(SELECT x.id FROM " + table + " x WHERE " + cond.sql + " LIMIT ?)", append(cond.args, fewNames+1)}
	}
	var parts []string
	var args []any
	for _, p := range []condition{one("upload_files", "original_filename"), one("upload_batches", "label"), one("webhook_endpoints", "name")} {
		parts, args = append(parts, p.sql), append(args, p.args...)
	}
	if err := c.reading(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&ids).Error; err != nil {
		return condition{}, translate(err, "name")
	}
	if len(ids) > fewNames {
		return byName(c, "t.subject", word), nil
	}
	if len(ids) == 0 {
		return condition{sql: "1 = 0"}, nil
	}
	wanted, err := c.d.idsRelation("r", ids)
	if err != nil {
		return condition{}, err
	}
	return condition{about("SELECT r.rid FROM ?"), []any{wanted}}, nil
}

// countTo is where counting the rows of a list stops.
func countTo(q ports.ListQuery) int {
	if q.Search != "" {
		return ports.SearchCap
	}
	return ports.CountCap
}

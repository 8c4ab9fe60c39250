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

// lately is where ids are looked for: a table, its column with the ids, and the
// time that its newest rows are known by.
type lately struct{ table, id, at string }

func made(table string) lately { return lately{table, "id", "created_at"} }

// byNewID is byID where rows are many: the end of an id, of which there can be
// no index, is looked for among the newest of them.
func byNewID(c conn, col string, in lately, word string) []condition {
	if _, err := uuid.Parse(word); err == nil || !c.d.isPostgres() {
		return byID(c, col, word)
	}
	ends := byID(c, "n.id", word)
	for i, e := range ends {
		ends[i] = condition{col + " = ANY(ARRAY(SELECT n.id FROM (SELECT " + in.id + " AS id FROM " + in.table + " ORDER BY " + in.at + " DESC LIMIT ?) AS n WHERE " + e.sql + "))", append([]any{idsBack}, e.args...)}
	}
	return ends
}

// subjectColumn names what a row is about. It has no index.
const subjectColumn = "t.subject"

// bySubject finds rows about things with all of these words in their name, in one
// of two ways. about is true for rows about one of a set of ids, made from its SQL.
func bySubject(ctx context.Context, c conn, words []string, about func(ids string) string) (condition, error) {
	subject := byNames(c, subjectColumn, words)
	if !c.d.isPostgres() {
		return subject, nil
	}
	var parts []string
	var args []any
	for _, p := range [][2]string{{"upload_files", "original_filename"}, {"upload_batches", "label"}, {"webhook_endpoints", "name"}} {
		cond := byNames(c, "x."+p[1], words)
		parts, args = append(parts, "SELECT x.id FROM "+p[0]+" x WHERE "+cond.sql), append(args, cond.args...)
	}
	lookUp := func() (subjects, error) {
		all := strings.Join(parts, " UNION ALL ")
		many, err := c.expectsMany(ctx, c.asking(ctx).Raw(all, args...))
		if err != nil || many {
			return subjects{many: many}, translate(err, "name")
		}
		var ids []uuid.UUID
		err = c.asking(ctx).Raw(all+" LIMIT ?", append(args, fewNames+1)...).Scan(&ids).Error
		return subjects{ids: ids, many: len(ids) > fewNames}, translate(err, "name")
	}
	found, err := c.names.of(words, lookUp)
	if err != nil {
		return condition{}, err
	}
	if found.many {
		return subject, nil
	}
	if len(found.ids) == 0 {
		return none, nil
	}
	wanted, err := c.d.idsRelation("r", found.ids)
	if err != nil {
		return condition{}, err
	}
	return condition{about("SELECT r.rid FROM ?"), []any{wanted}}, nil
}

// byNames is byName of several words at once.
func byNames(c conn, col string, words []string) (all condition) {
	for i, word := range words {
		one := byName(c, col, word)
		if i > 0 {
			all.sql += " AND "
		}
		all.sql, all.args = all.sql+one.sql, append(all.args, one.args...)
	}
	return all
}

// none is true for no row.
var none = condition{sql: "1 = 0"}

// rarity makes a condition that finds the same as a filter by another way when
// there is little of it, and an empty one when there is much.
type rarity func(ctx context.Context, c conn, values []string) (condition, error)

// oneOfIDs keeps rows whose column has one of the ids, of which there may be many.
func oneOfIDs(c conn, col string, ids []uuid.UUID) (condition, error) {
	if len(ids) == 0 {
		return none, nil
	}
	wanted, err := c.d.idsRelation("r", ids)
	return condition{col + " IN (SELECT r.rid FROM ?)", []any{wanted}}, err
}

// countTo is where counting the rows of a list stops.
func countTo(q ports.ListQuery) int {
	if q.Search != "" {
		return ports.SearchCap
	}
	return ports.CountCap
}

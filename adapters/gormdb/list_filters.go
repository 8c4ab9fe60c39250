package gormdb

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"doorito/domain"
)

// oneOf keeps rows whose column has one of the values.
func oneOf(col string) filter {
	return func(_ conn, _ string, values []string) (condition, error) {
		kept := make([]string, len(values))
		for i, v := range values {
			kept[i] = clean(v)
		}
		return condition{col + " IN ?", []any{kept}}, nil
	}
}

// oneID keeps rows whose column has one of the ids.
func oneID(col string) filter {
	return func(_ conn, key string, values []string) (condition, error) {
		ids := make([]uuid.UUID, len(values))
		for i, v := range values {
			id, err := uuid.Parse(v)
			if err != nil {
				return condition{}, domain.FieldErrorf(key, "%q is not an id.", v)
			}
			ids[i] = id
		}
		return condition{col + " IN ?", []any{ids}}, nil
	}
}

// within puts a filter's condition between two texts.
func within(before string, f filter, after string) filter {
	return func(c conn, key string, values []string) (condition, error) {
		cond, err := f(c, key, values)
		cond.sql = before + cond.sql + after
		return cond, err
	}
}

// yesNo keeps rows by a truth column.
func yesNo(col string) filter {
	return func(_ conn, key string, values []string) (condition, error) {
		var wanted []bool
		for _, v := range values {
			b, err := strconv.ParseBool(v)
			if err != nil {
				return condition{}, domain.FieldErrorf(key, "%q is neither true nor false.", v)
			}
			wanted = append(wanted, b)
		}
		return condition{col + " IN ?", []any{wanted}}, nil
	}
}

// number compares a column with the first value.
func number(cond string) filter {
	return func(_ conn, key string, values []string) (condition, error) {
		n, err := parseNumber(key, values[0])
		return condition{cond, []any{n}}, err
	}
}

func parseNumber(key, v string) (int64, error) {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		return 0, domain.FieldErrorf(key, "%q is not a whole number from 0 up.", v)
	}
	return n, nil
}

// anyOf joins conditions by OR; empty ones are none.
func anyOf(conds ...condition) condition {
	var sql []string
	var args []any
	for _, c := range conds {
		if c.sql == "" {
			continue
		}
		sql = append(sql, c.sql)
		args = append(args, c.args...)
	}
	return condition{strings.Join(sql, " OR "), args}
}

// byText finds the word anywhere in the column.
func byText(c conn, col, word string) condition {
	return condition{c.d.like(col), []any{contains(word)}}
}

// byID finds an id, or the end of one from four characters on; nothing else
// can be part of an id.
func byID(c conn, col, word string) []condition {
	if id, err := uuid.Parse(word); err == nil {
		return []condition{{col + " = ?", []any{id}}}
	}
	word = strings.ToLower(word)
	if len(word) < 4 || strings.Trim(word, "0123456789abcdef-") != "" {
		return nil
	}
	return []condition{{c.d.idText(col) + ` LIKE ? ESCAPE '\'`, []any{endsWith(word)}}}
}

// oneCode keeps rows whose column has one of the status codes, or of a class of
// them such as 4xx; 0 is no answer. trouble is true for all rows whose code is not
// 2xx, and has an index.
func oneCode(col, trouble string) filter {
	return func(_ conn, key string, values []string) (condition, error) {
		var conds []condition
		taken := false
		for _, v := range values {
			class, isClass := strings.CutSuffix(v, "xx")
			n, err := parseNumber(key, class)
			if err != nil || isClass && (n < 1 || n > 5) {
				return condition{}, domain.FieldErrorf(key, "%q is no status code (503) and no class of them (5xx).", v)
			}
			taken = taken || n == 2 || n/100 == 2
			if isClass {
				conds = append(conds, condition{col + " BETWEEN ? AND ?", []any{n * 100, n*100 + 99}})
			} else {
				conds = append(conds, condition{col + " = ?", []any{n}})
			}
		}
		cond := anyOf(conds...)
		if !taken {
			cond.sql = trouble + " AND (" + cond.sql + ")"
		}
		return cond, nil
	}
}

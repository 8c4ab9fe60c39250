package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// maxSearch in bytes.
const maxSearch = 200

// filterCheck refuses a value that can match nothing because it is no value of
// its kind.
type filterCheck func(name, value string) error

// listQuery reads the query of a list. A parameter that the list does not have
// is Invalid: left unread, a typing error would give everything.
func listQuery(c *fiber.Ctx, filters map[string]filterCheck) (ports.ListQuery, error) {
	q := ports.ListQuery{Filters: map[string][]string{}}
	for name, values := range queryOf(c) {
		if check, ok := filters[name]; ok {
			for _, v := range splitWords(values) {
				if err := check(name, v); err != nil {
					return q, err
				}
				q.Filters[name] = append(q.Filters[name], v)
			}
			continue
		}
		if len(values) > 1 {
			return q, domain.FieldErrorf(name, "%s comes once, not %d times.", name, len(values))
		}
		if err := readPaging(&q, name, values[0]); err != nil {
			return q, err
		}
	}
	if q.After != nil && q.Before != nil {
		return q, domain.FieldErrorf("before", "A page is after a cursor or before one. Send one of the two.")
	}
	return q, nil
}

// readPaging reads what every list has.
func readPaging(q *ports.ListQuery, name, value string) (err error) {
	switch name {
	case "q":
		if q.Search = value; len(value) > maxSearch {
			return domain.FieldErrorf(name, "A search has at most %d bytes.", maxSearch)
		}
	case "limit":
		q.Limit, err = strconv.Atoi(value)
		if err != nil || q.Limit < 1 || q.Limit > ports.MaxPageSize {
			return domain.FieldErrorf(name, "limit is a whole number from 1 to %d, not %q.", ports.MaxPageSize, value)
		}
	case "after":
		q.After, err = parseCursor(name, value)
	case "before":
		q.Before, err = parseCursor(name, value)
	case "created_from":
		q.From, err = parseTime(name, value)
	case "created_to":
		q.To, err = parseTime(name, value)
	default:
		return domain.FieldErrorf(name, "This list has no parameter %q. The API's description says which it has.", name)
	}
	return err
}

// queryOf is a copy that outlives the request.
func queryOf(c *fiber.Ctx) url.Values {
	out := url.Values{}
	for k, v := range c.Context().QueryArgs().All() {
		out.Add(string(k), string(v))
	}
	return out
}

// splitWords takes status=stored,processed and status=stored&status=processed;
// an empty value is no filter.
func splitWords(values []string) []string {
	var out []string
	for _, v := range values {
		for w := range strings.SplitSeq(v, ",") {
			if w = strings.TrimSpace(w); w != "" {
				out = append(out, w)
			}
		}
	}
	return out
}

func parseTime(name, v string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, v); err == nil && t.Year() >= 1 && t.Year() <= 9999 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, domain.FieldErrorf(name, "%s is a time such as 2026-05-04T09:30:00Z, or a day such as 2026-05-04 (UTC), not %q.", name, v)
}

func isID(name, v string) error {
	if _, err := uuid.Parse(v); err != nil {
		return domain.FieldErrorf(name, "%s is an id, not %q.", name, v)
	}
	return nil
}

func isOneOf[T ~string](allowed []T) filterCheck {
	return func(name, v string) error {
		if slices.Contains(allowed, T(v)) {
			return nil
		}
		words := make([]string, len(allowed))
		for i, a := range allowed {
			words[i] = string(a)
		}
		return domain.FieldErrorf(name, "%s is one of %s, not %q.", name, strings.Join(words, ", "), v)
	}
}

func isAnything(string, string) error { return nil }

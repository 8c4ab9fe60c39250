package list

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Bounds of what an address may carry.
const (
	maxSearch = 200 // characters
	maxValues = 50  // of one filter
)

// State is what an address says about a list.
type State struct {
	Search        string
	Chosen        map[string][]string // filter key to values, in the order of the address
	From, To      time.Time
	fromText      string
	toText        string
	After, Before *ports.Cursor
	Oldest        bool // the oldest first
	Limit         int  // 0 for the usual one
}

// ParseState reads an address's query. It is Invalid, with a sentence that
// names the parameter, for everything that the filters do not allow.
func ParseState(query string, filters []Filter) (State, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return State{}, domain.Errorf(domain.Invalid, "The address of this list is damaged. Open the list anew.")
	}
	s := State{Chosen: map[string][]string{}}
	keys := make([]string, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	slices.Sort(keys) // so that of two mistakes always the same one is told
	for _, k := range keys {
		if err := s.take(k, values[k], filters); err != nil {
			return State{}, err
		}
	}
	if s.After != nil && s.Before != nil {
		return State{}, domain.FieldErrorf("after", "A page is after a row or before one, not both. Leave one out.")
	}
	if !s.From.IsZero() && !s.To.IsZero() && !s.From.Before(s.To) {
		return State{}, domain.FieldErrorf("from", "The first day (from) must be before the last (to).")
	}
	return s, nil
}

func (s *State) take(key string, values []string, filters []Filter) error {
	if i := slices.IndexFunc(filters, func(f Filter) bool { return f.Key == key }); i >= 0 {
		return s.choose(filters[i], values)
	}
	if len(values) > 1 {
		return domain.FieldErrorf(key, "%q is given more than once. Leave one.", clip(key))
	}
	v, err := values[0], error(nil)
	switch key {
	case "q":
		s.Search, err = parseSearch(v)
	case "from":
		s.From, err = parseMoment(key, v, 0)
		s.fromText = v
	case "to":
		s.To, err = parseMoment(key, v, 1)
		s.toText = v
	case "after":
		s.After, err = parseCursor(key, v)
	case "before":
		s.Before, err = parseCursor(key, v)
	case "sort":
		if s.Oldest = v == "oldest"; !s.Oldest && v != "newest" {
			return domain.FieldErrorf(key, "A list goes by newest or oldest, not by %q.", clip(v))
		}
	case "limit":
		s.Limit, err = parseLimit(v)
	default:
		return domain.FieldErrorf(clip(key), "This list has no filter %q. Open the list anew and pick one from its menus.", clip(key))
	}
	return err
}

// choose takes a filter's values over, once each and without empty ones.
func (s *State) choose(f Filter, values []string) error {
	var out []string
	for _, v := range values {
		if v == "" || slices.Contains(out, v) {
			continue
		}
		if err := f.accepts(v); err != nil {
			return err
		}
		out = append(out, v)
	}
	if len(out) > 1 && !f.Many {
		return domain.FieldErrorf(f.Key, "%s takes one value, not %d. Leave one.", f.Label, len(out))
	}
	if len(out) > maxValues {
		return domain.FieldErrorf(f.Key, "%s takes at most %d values.", f.Label, maxValues)
	}
	if len(out) > 0 {
		s.Chosen[f.Key] = out
	}
	return nil
}

func (f Filter) accepts(v string) error {
	if f.option(v) != nil {
		return nil
	}
	if f.Free != nil {
		if err := f.Free(v); err != nil {
			return domain.FieldErrorf(f.Key, "%q cannot be a value of %s. Pick one from the menu.", clip(v), f.Label)
		}
		return nil
	}
	words := make([]string, len(f.Options))
	for i, o := range f.Options {
		words[i] = o.Value
	}
	return domain.FieldErrorf(f.Key, "%s is one of %s, not %q.", f.Label, strings.Join(words, ", "), clip(v))
}

func (f Filter) option(v string) *Option {
	for i := range f.Options {
		if f.Options[i].Value == v {
			return &f.Options[i]
		}
	}
	return nil
}

func parseSearch(v string) (string, error) {
	v = strings.TrimSpace(v)
	switch {
	case !utf8.ValidString(v) || strings.ContainsRune(v, 0):
		return "", domain.FieldErrorf("q", "The search is not plain text. Type it again.")
	case utf8.RuneCountInString(v) > maxSearch:
		return "", domain.FieldErrorf("q", "A search has at most %d characters.", maxSearch)
	}
	return v, nil
}

// parseMoment reads a day or a moment; whole moves a day by that many days, so
// that `to` means the end of its day.
func parseMoment(key, v string, whole int) (time.Time, error) {
	if v == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, v); err == nil {
		return t.AddDate(0, 0, whole), nil
	}
	t, err := time.Parse(time.RFC3339, v)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}, domain.FieldErrorf(key, "%q is neither a day such as 2026-11-23 nor a moment such as 2026-11-23T14:00:00Z.", clip(v))
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

func parseLimit(v string) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > ports.MaxPageSize {
		return 0, domain.FieldErrorf("limit", "A page has 1 to %d rows, not %q.", ports.MaxPageSize, clip(v))
	}
	return n, nil
}

// lastMicro is the end of the year 9999, the latest moment databases keep.
const lastMicro = 253402300799999999

func parseCursor(key, v string) (*ports.Cursor, error) {
	micros, id, _ := strings.Cut(v, "-")
	n, err := strconv.ParseInt(micros, 10, 64)
	u, uerr := uuid.Parse(id)
	if err != nil || uerr != nil || len(id) != 36 || n < 0 || n > lastMicro {
		return nil, domain.FieldErrorf(key, "%q is no place in this list. Go back to its first page.", clip(v))
	}
	return &ports.Cursor{At: time.UnixMicro(n).UTC(), ID: u}, nil
}

func formatCursor(c ports.Cursor) string {
	return strconv.FormatInt(c.At.UnixMicro(), 10) + "-" + c.ID.String()
}

// clip keeps what is quoted in an answer short.
func clip(s string) string {
	const most = 60
	s = strings.ToValidUTF8(s, "�")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// ParseCursor reads the place of a row in an address; nil for none.
func ParseCursor(v string) (*ports.Cursor, error) {
	if v == "" {
		return nil, nil
	}
	return parseCursor("after", v)
}

// FormatCursor is the place of a row as an address has it.
func FormatCursor(c ports.Cursor) string { return formatCursor(c) }

package list

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Resource declares one list. T is a row.
type Resource[T any] struct {
	Name       string // key of the sidebar, prefix of ids in the page: "files"
	Title      string // the h1
	One, Many  string // "file", "files"
	Path       string // "/app/files/"
	Columns    []Column[T]
	Filters    []Filter
	SearchHint string // what the search looks in
	Actions    []Action
	AdminOnly  bool
	Tall       bool // rows with a second line
	SelectAll  bool // actions can be done to all that match, not this page alone
	Exports    bool // the list can be taken along as CSV and JSON

	// Source reads one page. Forbidden for an actor without the right.
	Source func(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[T], error)
	// Tally counts the rows by the filters that are Counted, and by day; nil
	// leaves the numbers out.
	Tally  func(ctx context.Context, a domain.Actor, q ports.ListQuery, by ports.TallyBy) (ports.Tally, error)
	ID     func(T) uuid.UUID
	Label  func(T) string       // names a row for screen readers
	Size   func(T) int64        // bytes, summed up in the bulk bar; nil for none
	Cursor func(T) ports.Cursor // place in the list

	Buttons []Button
	Meta    func(p ports.Page[T], now time.Time) []string // words under the title; nil for the count alone
	Banner  func(p ports.Page[T], now time.Time) *Banner  // nil for none
	Legend  []Key
	// LegendText says what a bar is.
	LegendText string
	Note       string // how it is ordered
	Empty      Empty  // nothing there at all
	NoMatch    Empty  // filters leave nothing; Title and Text only
}

// Column is one column. Class goes on its cells: grow, num, dim, hide, end,
// spare (shown where there is much room).
type Column[T any] struct {
	Key, Label string
	Class      string
	CardLabel  string // before the value on narrow screens
	Hidden     bool   // head for screen readers only
	AdminOnly  bool
	Elsewhere  bool // not in the list itself, only where Table asks for it
	Exported   bool // in exports although it is Elsewhere
	Cell       func(row T, e Env) Cell
}

// Env is what a cell may depend on beside its row.
type Env struct {
	Now   time.Time
	Admin bool
}

// Filter is one menu above the list, or a filter that only links set (Hidden).
type Filter struct {
	Key, Label, Icon string
	Options          []Option
	// Load brings options that are known at run time only. Their values must
	// pass Free.
	Load func(ctx context.Context, a domain.Actor) ([]Option, error)
	// Free accepts values that are not among Options; nil accepts none.
	Free func(value string) error
	// Say shows a free value in its chip; nil shows it as it is.
	Say func(ctx context.Context, a domain.Actor, value string) string
	// Name says a free value in its choice; nil shows it as it is.
	Name      func(value string) string
	Many      bool // several values at once
	Counted   bool // its choices say how many rows they have
	Hidden    bool
	AdminOnly bool
}

// Option is one choice of a filter.
type Option struct {
	Value, Label string
	Chip         string            // words of the chip, Label unless set
	State        string            // whose colour it has
	Sets         map[string]string // what it asks the source for, key=value unless set
	Since        time.Duration     // created within this time
}

// Action is done to the selected rows.
type Action struct {
	Name, Label, Icon string
	Verb              string // "Delete", in the question
	Danger            bool
	Confirm           string // what goes and that it cannot be undone; "" asks nothing
	Keep              string // words of the safe button
	// Needs hides it from who may not; "" shows it to all.
	Needs domain.Permission
	// Run returns a sentence for the toast. It must decide by the actor itself.
	Run func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error)
}

// Button stands beside the title.
type Button struct {
	Label, Icon, URL string
	Primary          bool
	Needs            domain.Permission // as an Action's
}

// Banner is the one warning above a list.
type Banner struct {
	State, Icon, Strong, Text, URL, URLText string
}

// Key explains a colour at the foot of the list.
type Key struct{ State, Text string }

// Empty is what stands in place of an empty table.
type Empty struct {
	Art                string // door, listen, search
	Title, Text        string
	URL, URLText, Icon string
	URL2, URLText2     string
	Icon2, Code        string
	Calm               bool // the next step is not the one orange button
}

// createdOptions are the usual choices of a Created filter.
func createdOptions() []Option {
	return []Option{
		{Value: "1h", Label: "Last hour", Chip: "last hour", Since: time.Hour},
		{Value: "24h", Label: "Last 24 hours", Chip: "last 24 hours", Since: 24 * time.Hour},
		{Value: "7d", Label: "Last 7 days", Chip: "last 7 days", Since: 7 * 24 * time.Hour},
		{Value: "30d", Label: "Last 30 days", Chip: "last 30 days", Since: 30 * 24 * time.Hour},
	}
}

// Created is the filter by age that every list has.
func Created() Filter {
	return Filter{Key: "created", Label: "Created", Icon: "calendar", Options: createdOptions()}
}

// ByID is a hidden filter by an id, set by links from other pages.
func ByID(key, label string, say func(ctx context.Context, a domain.Actor, value string) string) Filter {
	return Filter{Key: key, Label: label, Hidden: true, Free: IsID, Say: say}
}

// IsWord accepts the names of actions and kinds: "file.deleted".
func IsWord(v string) error {
	strange := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_'
	}
	if v == "" || len(v) > 64 || strings.ContainsFunc(v, strange) {
		return domain.Errorf(domain.Invalid, "is not a name")
	}
	return nil
}

// IsID accepts ids.
func IsID(v string) error {
	if id, err := uuid.Parse(v); err != nil || len(v) != 36 || id == uuid.Nil {
		return domain.Errorf(domain.Invalid, "is not an id")
	}
	return nil
}

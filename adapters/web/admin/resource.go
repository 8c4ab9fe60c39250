package admin

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/web/list"
	"doorito/domain"
)

// Resource declares the pages of one kind of thing. T is a row of its list, D
// what the page of one shows.
type Resource[T, D any] struct {
	List  *list.Resource[T]
	Icon  string
	Nav   string // its line in the sidebar; "" for that of all models
	About string // one sentence for the index of all models
	// SecretTitle is the heading of what is shown once; "New password" unless set.
	SecretTitle string
	Object      string // its type in the audit log; "" leaves the history out

	// Find is NotFound for what is not there.
	Find  func(ctx context.Context, a domain.Actor, id uuid.UUID) (D, error)
	ID    func(D) uuid.UUID
	Title func(D) string
	State func(D, list.Env) list.Cell // a pill; nil for none
	Meta  func(D, list.Env) []string
	Warn  func(D, list.Env) *list.Banner // nil for none
	Bytes func(D) *ByteMap               // which of its bytes are here; nil for none
	// Live is how often its page asks again while it changes by itself: "2s", ""
	// for never. A page with a form is never live, what was typed would be lost.
	Live func(D) string

	Form    *Form[D] // nil: read only
	Facts   []Fact[D]
	Changes func(D) []Change // fields with before and after; nil for none
	Inlines []Inline[D]
	Actions []Action[D]
	Delete  *Delete[D]
	// View is its page outside the admin; nil or "" for none.
	View func(D) string
}

// Form is how rows are added and changed.
type Form[D any] struct {
	Sections []Section[D]
	// Add makes one; nil when rows are not added here. Invalid and Conflict with
	// a field go to that field.
	Add     func(ctx context.Context, a domain.Actor, v url.Values) (Made, error)
	AddText string // of the button: "Add user"
	// Save takes the form over; seen is the Version that was shown. Errors as
	// Add's. nil when rows are not changed here.
	Save    func(ctx context.Context, a domain.Actor, id uuid.UUID, v url.Values, seen time.Time) error
	Version func(D) time.Time
}

// Made is a new row, with what is shown once.
type Made struct {
	ID     uuid.UUID
	Text   string // of the toast
	Secret string // "" for none
}

// Section is a part of the form with a heading.
type Section[D any] struct {
	Title, Text string
	Fields      []Field[D]
}

// Widgets of fields.
const (
	Input  = "" // one line of text
	Email  = "email"
	Secret = "password"
	Area   = "textarea"
	Select = "select"
	Toggle = "toggle" // "true" when on
)

// Field is one input.
type Field[D any] struct {
	Name, Label, Hint, Placeholder, Autocomplete string

	Widget   string
	Choices  []list.Option // of a Select; the words of a Toggle are Choices[0].Label
	Value    func(D) string
	Default  string // when adding
	Required bool
	Wide     bool
	Mono     bool   // text for machines
	Preview  string // address that says what is typed, asked with it while typing; "" for none
	AddOnly  bool
	EditOnly bool
}

// ByteMap draws which bytes of a whole are here.
type ByteMap struct {
	Title, Text string
	Label       string // what a person who cannot see it should know
	Spans       []ByteSpan
}

// ByteSpan is bytes without a gap, in thousandths of the whole.
type ByteSpan struct {
	X, W  string
	Title string
}

// Fact is one read-only field.
type Fact[D any] struct {
	Label string
	Cell  func(D, list.Env) list.Cell
}

// Change is a field with what it was, if that is known.
type Change struct {
	Field, Before, After string
	Moved                bool
}

// Inline is rows that belong to the one on the page.
type Inline[D any] struct {
	Title, Empty string
	Table        func(D, list.Env) *list.View
	More         func(D) (text, url string) // the way to all of them; nil for none
	Note         func(D) string             // said below the rows; nil for nothing
	Live         func(D) bool               // it changes by itself now, and keeps itself fresh; nil for never
}

// Action is done to one from its page, always after a question.
type Action[D any] struct {
	Name, Label, Icon string
	Danger            bool
	Do, Keep          string // the two buttons of the question
	Title, Text       func(D) string
	When              func(D) bool // nil for always
	Run               func(ctx context.Context, a domain.Actor, d D) (Done, error)
	// Ask is what its question wants to know, nil for nothing; With is called in
	// place of Run, with the answer.
	Ask  *Ask
	With func(ctx context.Context, a domain.Actor, d D, answer string) (Done, error)
}

// Ask is the one field of a question. The form sends it as `value`.
type Ask struct {
	Label, Hint, Value string
	Max                int // characters
}

// Start runs the action with the answer to its question.
func (act Action[D]) Start(ctx context.Context, a domain.Actor, d D, answer string) (Done, error) {
	if act.Ask != nil {
		return act.With(ctx, a, d, answer)
	}
	return act.Run(ctx, a, d)
}

// Done is what an action did.
type Done struct {
	Text   string
	Secret string // shown once; "" for none
}

// Delete is how one is removed.
type Delete[D any] struct {
	Goes    func(D) []Consequence
	Stays   string
	Instead func(D) string                          // what to do rather than this; "" for nothing
	Sure    func(D) string                          // what has to be typed
	Refuse  func(a domain.Actor, d D) *domain.Error // why it cannot be; nil for never
	Run     func(ctx context.Context, a domain.Actor, id uuid.UUID) (string, error)
}

// Consequence is what goes along.
type Consequence struct{ Count, Text string }

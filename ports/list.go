package ports

import (
	"time"

	"github.com/google/uuid"
)

// ListQuery is what a list asks for. Rows come by (created_at, id), newest
// first unless Oldest is set, by keyset. Filter keys are named in each reader's comment; an unknown
// key is Invalid.
type ListQuery struct {
	// Search is words of the person, each of which must match; what it looks in is
	// the reader's business. A word of less than three letters is the beginning of
	// a name; the end of an id may be found among the newest rows alone.
	Search  string
	Filters map[string][]string // key to accepted values (any of them)
	From    time.Time           // created at or after; zero for no bound
	To      time.Time           // created before; zero for no bound
	Owner   *uuid.UUID          // only rows of this user; nil for all
	After   *Cursor             // what follows this row: older ones, newer when Oldest is set
	Before  *Cursor             // what comes before this row; at most one of After and Before
	Oldest  bool                // the oldest first
	Limit   int                 // 1 to MaxPageSize; 0 means DefaultPageSize
}

// Page sizes.
const (
	DefaultPageSize = 50
	MaxPageSize     = 1000
	// CountCap is where counting stops: "10,000+".
	CountCap = 10_000
	// SearchCap is where counting stops in a list with words to search for.
	SearchCap = 1000
)

// Cursor is the place of a row in its list.
type Cursor struct {
	At time.Time
	ID uuid.UUID
}

// Page is one page of a list, in the order of its query.
type Page[T any] struct {
	Items  []T
	Newer  bool // there are rows before the first item, older ones when Oldest is set
	Older  bool // there are rows after the last item
	Total  int  // matching rows, at most CountCap, or SearchCap with a search
	Capped bool // there are more
}

// TallyBy says what the rows of a list are counted by.
type TallyBy struct {
	Filters []string    // keys of filters
	Bounds  []time.Time // moments, the earliest first; what lies between two is one span
}

// Tally is how many rows a list has, by what they are. Counting stops as that
// of a page does: the newest CountCap rows are counted by filters, or SearchCap
// where a row costs a lookup, and a span has at most CountCap.
type Tally struct {
	// Filters is filter key, then value, to rows. What the query asks of that
	// filter itself is left out, so that the numbers say what else there is.
	Filters map[string]map[string]int
	// Spans has one number for each pair of neighbouring bounds, whatever times
	// the query asks for; nil when counting them in a big table takes too long.
	Spans []int
	// Capped names the filters of which only the newest rows were counted.
	Capped map[string]bool
}

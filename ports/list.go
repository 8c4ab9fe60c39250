package ports

import (
	"time"

	"github.com/google/uuid"
)

// ListQuery is what a list asks for. Rows come by (created_at, id), newest
// first, by keyset. Filter keys are named in each reader's comment; an unknown
// key is Invalid.
type ListQuery struct {
	Search  string              // words of the person; what it looks in is the reader's business
	Filters map[string][]string // key to accepted values (any of them)
	From    time.Time           // created at or after; zero for no bound
	To      time.Time           // created before; zero for no bound
	Owner   *uuid.UUID          // only rows of this user; nil for all
	After   *Cursor             // older than this row
	Before  *Cursor             // newer than this row; at most one of After and Before
	Limit   int                 // 1 to MaxPageSize; 0 means DefaultPageSize
}

// Page sizes.
const (
	DefaultPageSize = 50
	MaxPageSize     = 1000
	// CountCap is where counting stops: "10,000+".
	CountCap = 10_000
)

// Cursor is the place of a row in its list.
type Cursor struct {
	At time.Time
	ID uuid.UUID
}

// Page is one page of a list, newest first.
type Page[T any] struct {
	Items  []T
	Newer  bool // there are rows before the first item
	Older  bool // there are rows after the last item
	Total  int  // matching rows, at most CountCap
	Capped bool // there are more than CountCap
}

package gormdb

import (
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"
)

// subjects are the things with a name, unless there are many.
type subjects struct {
	ids  []uuid.UUID
	many bool
}

// lookups lets questions that are asked at the same time share what they look up
// alike: the rows of a page and the numbers beside them are about the same names.
// Nothing is kept; who comes when an answer is there asks anew.
type lookups struct{ under singleflight.Group }

// of asks, or waits for who asks for the same words already. When they fail, their
// end may have been that of their request, so that it asks after all. With none to
// share with it asks: a transaction sees what is its own.
func (l *lookups) of(words []string, ask func() (subjects, error)) (subjects, error) {
	if l == nil {
		return ask()
	}
	mine := false
	got, err, _ := l.under.Do(strings.Join(words, " "), func() (any, error) {
		mine = true
		return ask()
	})
	if err != nil && !mine {
		return ask()
	}
	found, _ := got.(subjects)
	return found, err
}

package portstest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"doorito/ports"
)

// Tenures checks a ports.Tenures that nobody else uses. die leaves behind what a
// process does that dies with an id.
func Tenures(t *testing.T, tenures ports.Tenures, die func(t *testing.T, id uuid.UUID)) {
	t.Parallel()
	alive, done, dead, late := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	refused := errors.New("not now")
	// inherited are the ids that are offered, of which those in kept are refused.
	inherited := func(kept ...uuid.UUID) (got []uuid.UUID) {
		t.Helper()
		err := tenures.Inherit(func(id uuid.UUID) error {
			got = append(got, id)
			if slices.Contains(kept, id) {
				return refused
			}
			return nil
		})
		if errors.Is(err, refused) != (len(kept) > 0) || err != nil && len(kept) == 0 {
			t.Errorf("inherited %v with %v, %v refused", got, err, kept)
		}
		return got
	}
	if got := inherited(); len(got) > 0 {
		t.Errorf("%v before any began", got)
	}
	endLast, err := tenures.Begin(alive)
	if err != nil {
		t.Fatal(err)
	}
	defer endLast()
	end, err := tenures.Begin(done)
	if err != nil {
		t.Fatal(err)
	}
	end()
	die(t, dead)
	die(t, late)
	if _, err := tenures.Begin(alive); err == nil {
		t.Error("a tenure began twice")
	}
	if got := inherited(late); len(got) != 2 || !slices.Contains(got, dead) || !slices.Contains(got, late) {
		t.Errorf("%v are offered, want %v and %v", got, dead, late)
	}
	err = tenures.Inherit(func(id uuid.UUID) error {
		if id != late {
			t.Errorf("%v is offered again", id)
		}
		if _, err := tenures.Begin(id); err == nil {
			t.Error("a tenure began while it was inherited")
		}
		return tenures.Inherit(func(id uuid.UUID) error {
			t.Errorf("%v is offered to two at once", id)
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
	if got := inherited(); len(got) > 0 {
		t.Errorf("%v after all were inherited", got)
	}
}

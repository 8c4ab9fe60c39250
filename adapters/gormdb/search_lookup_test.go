package gormdb

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"
)

func TestQuestionsAtOnceLookNamesUpOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l lookups
		asked, free := 0, make(chan struct{})
		found := subjects{ids: []uuid.UUID{{1}}}
		ask := func() (subjects, error) {
			asked++
			<-free
			return found, nil
		}
		for range 3 {
			go func() {
				got, err := l.of([]string{"invoice"}, ask)
				if err != nil || !slices.Equal(got.ids, found.ids) {
					t.Errorf("got %v, %v", got, err)
				}
			}()
		}
		synctest.Wait()
		close(free)
		synctest.Wait()
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
		if _, err := l.of([]string{"invoice"}, ask); err != nil || asked != 2 {
			t.Errorf("who comes later asks anew: %d times, %v", asked, err)
		}
	})
}

func TestWhoWaitedForAFailedLookupAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l lookups
		free := make(chan struct{})
		go func() {
			_, err := l.of([]string{"invoice"}, func() (subjects, error) {
				<-free
				return subjects{}, context.Canceled
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}()
		synctest.Wait()
		found := subjects{ids: []uuid.UUID{{1}}}
		go func() {
			got, err := l.of([]string{"invoice"}, func() (subjects, error) { return found, nil })
			if err != nil || !slices.Equal(got.ids, found.ids) {
				t.Errorf("got %v, %v", got, err)
			}
		}()
		synctest.Wait()
		close(free)
		synctest.Wait()
	})
}

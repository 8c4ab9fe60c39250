package accounts

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"doorito/domain"
)

// revision is what a database would answer: a number that changes.
type revision struct{ atomic.Int64 }

func (r *revision) ask() (bearer, error) {
	n := r.Load()
	runtime.Gosched()
	return bearer{user: &domain.User{Name: strconv.FormatInt(n, 10)}}, nil
}

func number(t *testing.T, b bearer) int64 {
	t.Helper()
	n, err := strconv.ParseInt(b.user.Name, 10, 64)
	if err != nil {
		t.Error(err)
	}
	return n
}

// idle says that nobody is asked for and nobody waits.
func (l *lookups) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.next) == 0
}

func TestThoseWhoComeWhileATokenIsLookedUpShareTheNextLookup(t *testing.T) {
	t.Parallel()
	var l lookups
	now, first := l.join("a")
	if !first || !isClosed(now.turn) {
		t.Fatal("who comes when nobody is ahead waits")
	}
	next, second := l.join("a")
	if !second || isClosed(next.turn) {
		t.Fatal("who comes second does not wait")
	}
	if third, asks := l.join("a"); third != next || asks {
		t.Error("who comes third does not share the next lookup")
	}
	if other, asks := l.join("b"); !asks || !isClosed(other.turn) {
		t.Error("another token waits too")
	}
	l.pass("a", now)
	if !isClosed(next.turn) {
		t.Error("the next lookup is not asked")
	}
	if late, asks := l.join("a"); late == next || !asks || isClosed(late.turn) {
		t.Error("who comes late shares what is being asked")
	}
}

// What was changed before a request came is what it hears of.
func TestNobodyGetsAnAnswerThatIsOlderThanTheQuestion(t *testing.T) {
	t.Parallel()
	l, r := lookups{patience: time.Hour}, &revision{}
	var asked atomic.Int64
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 1))
			for range 2000 {
				before := r.Add(int64(random.IntN(2)))
				got, err := l.do(t.Context(), "a", func() (bearer, error) {
					asked.Add(1)
					return r.ask()
				})
				if err != nil || number(t, got) < before {
					t.Errorf("%s, %v: older than %d", got.user.Name, err, before)
				}
			}
		})
	}
	wg.Wait()
	if !l.idle() || asked.Load() > 16*2000 {
		t.Errorf("%d questions, and %v is left", asked.Load(), l.next)
	}
}

func TestErrorOfALookupIsNotShared(t *testing.T) {
	t.Parallel()
	l, r := lookups{patience: time.Hour}, &revision{}
	now, _ := l.join("a")
	next, _ := l.join("a") // will fail
	answer := make(chan bearer)
	go func() {
		got, err := l.do(t.Context(), "a", r.ask)
		if err != nil {
			t.Error(err)
		}
		answer <- got
	}()
	l.pass("a", now)
	l.pass("a", next)
	r.Store(7)
	if got := <-answer; got.user == nil {
		t.Error("who shared a lookup that failed has no answer")
	}
	down := errors.New("down")
	if _, err := l.do(t.Context(), "a", func() (bearer, error) { return bearer{}, down }); !errors.Is(err, down) {
		t.Error(err)
	}
	if !l.idle() {
		t.Errorf("%v is left", l.next)
	}
}

func TestALookupThatHangsHoldsUpNobodyForLong(t *testing.T) {
	t.Parallel()
	l, r := lookups{patience: time.Millisecond}, &revision{}
	hangs, began, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = l.do(t.Context(), "a", func() (bearer, error) {
			close(began)
			<-hangs
			return bearer{}, nil
		})
	}()
	<-began
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := l.do(t.Context(), "a", r.ask); err != nil || got.user == nil {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	wg.Wait()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.do(gone, "a", func() (bearer, error) { return bearer{}, gone.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that has gone hears %v", err)
	}
	close(hangs)
	<-ended
	if !l.idle() {
		t.Errorf("%v is left", l.next)
	}
}

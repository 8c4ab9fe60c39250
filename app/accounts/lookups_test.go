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
	"testing/synctest"
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
	for _, patience := range []time.Duration{time.Hour, time.Microsecond} {
		l, r := lookups{patience: patience}, &revision{}
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				random := rand.New(rand.NewPCG(uint64(i), 1))
				for range 1000 {
					before := r.Add(int64(random.IntN(2)))
					if got, err := l.do(t.Context(), "a", r.ask); err != nil || number(t, got) < before {
						t.Errorf("%v, %v: older than %d", got.user, err, before)
					}
				}
			})
		}
		wg.Wait()
		if !l.idle() {
			t.Errorf("%v is left", l.next)
		}
	}
}

// crowd has eight requests wait for the lookup of a first one, which hangs until
// they do, or until they have their answers. ask is told which question it is.
func crowd(t *testing.T, ctx context.Context, hangs bool, ask func(n int64) error) (questions, failed int64, took time.Duration) {
	var l lookups
	var asked, errs atomic.Int64
	request := func(before func()) {
		defer func() {
			if recover() != nil {
				errs.Add(1)
			}
		}()
		_, err := l.do(ctx, "a", func() (bearer, error) {
			n := asked.Add(1)
			before()
			return bearer{}, ask(n)
		})
		if err != nil {
			errs.Add(1)
		}
	}
	hold := make(chan struct{})
	go request(func() { <-hold })
	synctest.Wait()
	var wg sync.WaitGroup
	began := time.Now()
	for range 8 {
		wg.Go(func() { request(func() {}) })
	}
	synctest.Wait()
	if !hangs {
		close(hold)
	}
	wg.Wait()
	took = time.Since(began)
	if hangs {
		close(hold)
	}
	synctest.Wait()
	if !l.idle() {
		t.Errorf("%v is left", l.next)
	}
	return asked.Load(), errs.Load(), took
}

func TestACrowdAsksOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, failed, took := crowd(t, t.Context(), false, func(int64) error { return nil })
		if n != 2 || failed != 0 || took != 0 {
			t.Errorf("%d questions, %d errors, after %s", n, failed, took)
		}
	})
}

func TestErrorAndPanicOfALookupAreNotShared(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("down") },
		"panic": func() error { panic("down") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n, failed, _ := crowd(t, t.Context(), false, func(n int64) error {
					if n == 2 {
						return fail()
					}
					return nil
				})
				if n != 2+7 || failed != 1 {
					t.Errorf("%d questions, %d errors", n, failed)
				}
			})
		})
	}
}

func TestALookupThatHangsHoldsUpNobodyForLong(t *testing.T) {
	t.Parallel()
	answers := func(int64) error { return nil }
	synctest.Test(t, func(t *testing.T) {
		if _, failed, took := crowd(t, t.Context(), true, answers); failed != 0 || took != lookupPatience {
			t.Errorf("%d errors, after %s", failed, took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, took := crowd(t, gone, true, answers); took != 0 {
			t.Errorf("who has gone waits for %s", took)
		}
	})
}

package atonce_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"doorito/ports/atonce"
)

func TestAllStepsAreDoneAFewAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, done atomic.Int64
		free := make(chan struct{})
		second, third := errors.New("second"), errors.New("third")
		step := func(err error) func() error {
			return func() error {
				now.Add(1)
				<-free
				done.Add(1)
				return err
			}
		}
		result := make(chan error)
		go func() { result <- atonce.Do(2, step(nil), step(second), step(third), step(nil)) }()
		synctest.Wait()
		if n := now.Load(); n != 2 {
			t.Errorf("%d at a time", n)
		}
		close(free)
		if err := <-result; err != second || done.Load() != 4 {
			t.Errorf("%v after %d steps", err, done.Load())
		}
	})
}

func TestAPanicGoesOnInTheCaller(t *testing.T) {
	t.Parallel()
	others := 0
	defer func() {
		if p := recover(); p != "lost" || others != 1 {
			t.Errorf("panic %v, %d others", p, others)
		}
	}()
	_ = atonce.Do(2, func() error { panic("lost") }, func() error { others++; return nil })
}

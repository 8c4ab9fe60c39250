// Package atonce does a few things side by side for one request.
package atonce

import (
	"cmp"
	"sync"
	"sync/atomic"
)

// Do does all steps, at most so many at a time. Its error is that of the first of
// them that has one. A panic goes on in the caller, where it ends a request and not
// the process.
func Do(most int, steps ...func() error) error {
	errs := make([]error, len(steps))
	var next atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var panicked any
	for range min(most, len(steps)) {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					once.Do(func() { panicked = p })
				}
			}()
			for i := next.Add(1) - 1; i < int64(len(steps)); i = next.Add(1) - 1 {
				errs[i] = steps[i]()
			}
		})
	}
	wg.Wait()
	if panicked != nil {
		panic(panicked)
	}
	return cmp.Or(errs...)
}

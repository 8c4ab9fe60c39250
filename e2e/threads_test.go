package e2e

import (
	"fmt"
	"regexp"
	"runtime"
	"testing"

	"doorito/e2e/portal"
)

var threadsMetric = regexp.MustCompile(`(?m)^go_sched_gomaxprocs_threads (\d+)$`)

// A process that takes uploads has a thread to spare for each that waits for
// the disk, unless its operator says otherwise.
func TestUploadsRunOnTwoThreadsForEachProcessor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  []string
		want int
	}{{nil, 2 * runtime.GOMAXPROCS(0)}, {[]string{"GOMAXPROCS=1"}, 1}} {
		p := portal.MustStart(t, portal.Options{Env: c.env})
		got := threadsMetric.FindSubmatch(p.Anonymous(t).Get(t, "/metrics").Body)
		if got == nil || string(got[1]) != fmt.Sprint(c.want) {
			t.Errorf("with %v it runs on %s threads, want %d", c.env, got, c.want)
		}
	}
}

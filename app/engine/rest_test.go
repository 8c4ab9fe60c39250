package engine

import (
	"math"
	"testing"
	"time"
)

func TestARelayRestsForWhatItFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		found        int
		worked, want time.Duration
	}{
		{1, time.Millisecond, time.Millisecond},
		{3, time.Millisecond, 3 * time.Millisecond},
		{6, time.Millisecond, relayRest},
		{500, 10 * time.Microsecond, relayRest},
		{1, time.Hour, relayRest},
		{6, math.MaxInt64, relayRest}, // the clock was set
	} {
		if got := restAfter(c.found, c.worked); got != c.want {
			t.Errorf("after %d in %v it rests %v, want %v", c.found, c.worked, got, c.want)
		}
	}
}

package system_test

import (
	"testing"
	"time"

	"doorito/adapters/system"
)

func TestClockIsUTCInMicroseconds(t *testing.T) {
	t.Parallel()
	now := system.Clock{}.Now()
	if now.Location() != time.UTC || now.Nanosecond()%1000 != 0 || time.Since(now) > time.Minute {
		t.Fatalf("now is %v", now)
	}
}

func TestIDsAreVersion7AndOrdered(t *testing.T) {
	t.Parallel()
	last := system.IDs{}.New()
	for range 1000 {
		id := system.IDs{}.New()
		if id.Version() != 7 || id.String() <= last.String() {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
	}
}

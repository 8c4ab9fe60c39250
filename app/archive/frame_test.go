package archive

import (
	"testing"
	"time"
)

// What is announced is what is sent, on both sides of every limit.
func TestHeadersAreAsLongAsTheySay(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 1, max32 - 1, max32, max32 + 1, 1 << 40} {
		for _, offset := range []int64{0, max32 - 1, max32, 1 << 41} {
			e := entry{name: "a/b.txt", size: size, offset: offset, at: time.Unix(1_800_000_000, 0)}
			if got := int64(len(e.appendDescriptor(e.appendLocal(nil)))) + size; got != e.localSize() {
				t.Errorf("%d bytes at %d take %d, not %d", size, offset, got, e.localSize())
			}
			if got := int64(len(e.appendCentral(nil))); got != e.centralSize() {
				t.Errorf("%d bytes at %d take %d of the directory, not %d", size, offset, got, e.centralSize())
			}
		}
	}
	for _, n := range []int{0, 1, max16 - 1, max16, 1 << 20} {
		for _, offset := range []int64{0, max32 - 1, max32} {
			if got := int64(len(appendEnd(nil, n, offset, 100))); got != endSize(n, offset, 100) {
				t.Errorf("the end after %d entries at %d has %d bytes, not %d", n, offset, got, endSize(n, offset, 100))
			}
		}
	}
}

func TestTimesOutsideOfDOSAreItsLimits(t *testing.T) {
	t.Parallel()
	if day, clock := dosTime(time.Date(1970, 1, 1, 0, 0, 9, 0, time.UTC)); day != 1<<5+1 || clock != 0 {
		t.Errorf("1970 is %x %x", day, clock)
	}
	if day, clock := dosTime(time.Date(2026, 11, 23, 14, 28, 35, 0, time.UTC)); day != 46<<9+11<<5+23 || clock != 14<<11+28<<5+17 {
		t.Errorf("2026 is %x %x", day, clock)
	}
}

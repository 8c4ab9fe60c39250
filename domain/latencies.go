package domain

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Latencies is how often something took how long. Durations are rounded down to
// two digits of microseconds (TwoDigits), so that a month fits into few entries
// and two of them can be added, which percentiles cannot.
type Latencies map[time.Duration]int

// TwoDigits rounds down to whole microseconds of which the first two digits count.
func TwoDigits(d time.Duration) time.Duration {
	us := max(d.Microseconds(), 0)
	unit := int64(1)
	for us/unit >= 100 {
		unit *= 10
	}
	return time.Duration(us/unit*unit) * time.Microsecond
}

// Note counts n that took d.
func (l Latencies) Note(d time.Duration, n int) {
	if n > 0 {
		l[TwoDigits(d)] += n
	}
}

// Merge adds what the other one counted.
func (l Latencies) Merge(other Latencies) {
	for d, n := range other {
		l[d] += n
	}
}

// Percentile is the nearest rank: the shortest time within which p percent of
// all were done; 0 when there are none.
func (l Latencies) Percentile(p int) time.Duration {
	all := 0
	for _, n := range l {
		all += n
	}
	seen := 0
	for _, d := range slices.Sorted(maps.Keys(l)) {
		if seen += l[d]; seen*100 >= all*p {
			return d
		}
	}
	return 0
}

// String is "microseconds:times" in order, what ParseLatencies reads.
func (l Latencies) String() string {
	var b strings.Builder
	for _, d := range slices.Sorted(maps.Keys(l)) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d:%d", d.Microseconds(), l[d])
	}
	return b.String()
}

// ParseLatencies reads what String wrote.
func ParseLatencies(text string) (Latencies, error) {
	l := Latencies{}
	for entry := range strings.FieldsSeq(text) {
		us, times, _ := strings.Cut(entry, ":")
		d, err := strconv.ParseInt(us, 10, 64)
		if err != nil {
			return nil, Errorf(Internal, "%q is no count of latencies.", entry)
		}
		n, err := strconv.Atoi(times)
		if err != nil {
			return nil, Errorf(Internal, "%q is no count of latencies.", entry)
		}
		l[time.Duration(d)*time.Microsecond] += n
	}
	return l, nil
}

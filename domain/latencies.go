package domain

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Latencies is how often something took how long, the shortest first and each
// once. Durations are rounded down to two digits of microseconds (TwoDigits), so
// that a month fits into few entries and two of them can be added, which
// percentiles cannot.
type Latencies []Latency

// Latency is how often something took so long.
type Latency struct {
	Took  time.Duration
	Times int
}

func (l Latency) compare(took time.Duration) int { return cmp.Compare(l.Took, took) }

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
func (l *Latencies) Note(d time.Duration, n int) {
	if n > 0 {
		l.add(Latency{TwoDigits(d), n})
	}
}

func (l *Latencies) add(one Latency) {
	if n := len(*l); n == 0 || (*l)[n-1].Took < one.Took { // as they are written
		*l = append(*l, one)
		return
	}
	i, found := slices.BinarySearchFunc(*l, one.Took, Latency.compare)
	if found {
		(*l)[i].Times += one.Times
	} else {
		*l = slices.Insert(*l, i, one)
	}
}

// Merge adds what the other one counted.
func (l *Latencies) Merge(other Latencies) {
	if len(*l) == 0 {
		*l = slices.Clone(other)
		return
	}
	var missing Latencies
	i := 0
	for _, one := range other {
		for i < len(*l) && (*l)[i].Took < one.Took {
			i++
		}
		if i < len(*l) && (*l)[i].Took == one.Took {
			(*l)[i].Times += one.Times
		} else {
			missing = append(missing, one)
		}
	}
	if len(missing) == 0 {
		return
	}
	*l = append(*l, missing...)
	slices.SortFunc(*l, func(a, b Latency) int { return a.compare(b.Took) })
}

// Percentile is the nearest rank: the shortest time within which p percent of
// all were done; 0 when there are none.
func (l Latencies) Percentile(p int) time.Duration {
	all := 0
	for _, one := range l {
		all += one.Times
	}
	seen := 0
	for _, one := range l {
		if seen += one.Times; seen*100 >= all*p {
			return one.Took
		}
	}
	return 0
}

// String is "microseconds:times" in order, what ParseLatencies reads.
func (l Latencies) String() string {
	var b []byte
	for i, one := range l {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, one.Took.Microseconds(), 10)
		b = append(b, ':')
		b = strconv.AppendInt(b, int64(one.Times), 10)
	}
	return string(b)
}

// ParseLatencies reads what String wrote.
func ParseLatencies(text string) (Latencies, error) {
	if text == "" {
		return nil, nil
	}
	l := make(Latencies, 0, strings.Count(text, " ")+1)
	for entry := range strings.SplitSeq(text, " ") {
		us, times, _ := strings.Cut(entry, ":")
		d, err := strconv.ParseInt(us, 10, 64)
		if err != nil {
			return nil, Errorf(Internal, "%q is no count of latencies.", entry)
		}
		n, err := strconv.Atoi(times)
		if err != nil {
			return nil, Errorf(Internal, "%q is no count of latencies.", entry)
		}
		l.add(Latency{time.Duration(d) * time.Microsecond, n})
	}
	return l, nil
}

package domain

import "time"

// Span is how far back charts look.
type Span string

// Spans end now and begin with a whole slot: an hour, or a day in UTC.
const (
	SpanDay   Span = "24h" // 24 slots of an hour
	SpanWeek  Span = "7d"  // 56 slots of three hours, today's among them
	SpanMonth Span = "30d" // 30 slots of a day
)

// Spans in the order in which they are offered.
var Spans = []Span{SpanDay, SpanWeek, SpanMonth}

// ParseSpan reads a span; what is none is SpanWeek.
func ParseSpan(text string) Span {
	for _, s := range Spans {
		if text == string(s) {
			return s
		}
	}
	return SpanWeek
}

// Slots is how many parts a span has, and how long each is.
func (s Span) Slots() (n int, each time.Duration) {
	switch s {
	case SpanDay:
		return 24, time.Hour
	case SpanMonth:
		return 30, 24 * time.Hour
	}
	return 56, 3 * time.Hour
}

// Length of all slots.
func (s Span) Length() time.Duration {
	n, each := s.Slots()
	return time.Duration(n) * each
}

// Begin is the first moment of a span that ends at now: the slot of now, or its
// day, is the last one.
func (s Span) Begin(now time.Time) time.Time {
	last := 24 * time.Hour
	if s == SpanDay {
		last = time.Hour
	}
	return now.UTC().Truncate(last).Add(last - s.Length())
}

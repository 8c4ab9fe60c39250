package domain_test

import (
	"testing"
	"time"

	"doorito/domain"
)

func TestASpanBeginsWithAWholeSlotAndEndsNow(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 14, 25, 0, 0, time.UTC)
	for span, want := range map[domain.Span]time.Time{
		domain.SpanDay:   time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC),
		domain.SpanWeek:  time.Date(2026, 11, 17, 0, 0, 0, 0, time.UTC),
		domain.SpanMonth: time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC),
	} {
		if got := span.Begin(now); !got.Equal(want) || got.Add(span.Length()).Before(now) {
			t.Errorf("%s begins at %s, want %s", span, got, want)
		}
	}
	for text, want := range map[string]domain.Span{"24h": domain.SpanDay, "30d": domain.SpanMonth, "": domain.SpanWeek, "1y": domain.SpanWeek} {
		if got := domain.ParseSpan(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

package domain_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"doorito/domain"
)

func TestLatenciesKeepTwoDigitsAndTheirPercentiles(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]time.Duration{
		0: 0, -time.Second: 0, 7 * time.Microsecond: 7 * time.Microsecond, 99 * time.Microsecond: 99 * time.Microsecond,
		129 * time.Microsecond: 120 * time.Microsecond, 4567 * time.Microsecond: 4500 * time.Microsecond, 20 * time.Second: 20 * time.Second,
	} {
		if got := domain.TwoDigits(d); got != want {
			t.Errorf("two digits of %s are %s, want %s", d, got, want)
		}
	}
	l := domain.Latencies{}
	if l.Percentile(95) != 0 || l.String() != "" {
		t.Errorf("nothing: %s, %q", l.Percentile(95), l)
	}
	for i := range 100 {
		l.Note(time.Duration(i+1)*time.Millisecond, 1)
	}
	l.Note(time.Hour, 0)
	if p50, p95, p100 := l.Percentile(50), l.Percentile(95), l.Percentile(100); p50 != 50*time.Millisecond || p95 != 95*time.Millisecond || p100 != 100*time.Millisecond {
		t.Errorf("p50 %s, p95 %s, p100 %s", p50, p95, p100)
	}
	again, err := domain.ParseLatencies(l.String())
	if err != nil || !slices.Equal(again, l) {
		t.Errorf("%q was read as %v, %v", l, again, err)
	}
	again.Merge(domain.Latencies{{time.Microsecond, 2}, {time.Millisecond, 900}, {time.Hour, 1}})
	if text := again.String(); again.Percentile(50) != time.Millisecond || !strings.HasPrefix(text, "1:2 1000:901 2000:1 ") || !strings.HasSuffix(text, " 99000:1 100000:1 3600000000:1") {
		t.Errorf("merged: %v", text)
	}
	if l.Percentile(50) != 50*time.Millisecond {
		t.Errorf("what was merged into another changed: %v", l)
	}
	unordered, err := domain.ParseLatencies("20:1 10:2 20:3")
	if err != nil || unordered.String() != "10:2 20:4" {
		t.Errorf("not in order: %v, %v", unordered, err)
	}
	for _, bad := range []string{"x:1", "1:x", "1"} {
		if _, err := domain.ParseLatencies(bad); !domain.IsCode(err, domain.Internal) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

package domain

import (
	"strings"
	"time"
)

// RetrySchedule holds the wait before each attempt; the first is usually 0.
type RetrySchedule []time.Duration

// RetryJitter is the share by which waits vary, so that receivers that fell
// over together are not hit together.
const RetryJitter = 0.2

// DefaultRetrySchedule: 10 attempts over about three days.
var DefaultRetrySchedule = RetrySchedule{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// Wait is the time until the attempt after `made` ones. Retry-After is
// honoured up to the double of the next step.
func (s RetrySchedule) Wait(made int, jitter float64, retryAfter time.Duration) time.Duration {
	step := s[min(made, len(s)-1)]
	w := step + time.Duration(float64(step)*RetryJitter*jitter)
	if retryAfter > w {
		w = min(retryAfter, max(2*step, w))
	}
	return w
}

// String is what ParseRetrySchedule reads.
func (s RetrySchedule) String() string {
	words := make([]string, len(s))
	for i, d := range s {
		words[i] = shortDuration(d)
	}
	return strings.Join(words, ", ")
}

// ParseRetrySchedule reads "0s,5s,5m,30m": one wait for each attempt.
func ParseRetrySchedule(text string) (RetrySchedule, error) {
	var s RetrySchedule
	for word := range strings.SplitSeq(text, ",") {
		d, err := time.ParseDuration(strings.TrimSpace(word))
		if err != nil || d < 0 || d > 30*24*time.Hour {
			return nil, FieldErrorf("retry_schedule", "%q is not a wait between 0s and 720h, such as 5m.", word)
		}
		s = append(s, d)
	}
	if len(s) > 50 {
		return nil, FieldErrorf("retry_schedule", "At most 50 attempts; this schedule has %d.", len(s))
	}
	return s, nil
}

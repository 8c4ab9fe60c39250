package domain

import (
	"strconv"
	"strings"
	"time"
)

// Pace is how an endpoint is sent to. What is zero follows the portal: its
// time-out and retry schedule, DefaultMaxInFlight, no rate.
type Pace struct {
	Timeout     time.Duration // of an attempt
	MaxInFlight int           // concurrent requests
	RateLimit   int           // requests a second
	Schedule    RetrySchedule
}

// Bounds of a pace.
const (
	LongestTimeout = 2 * time.Minute
	MostInFlight   = 100
	HighestRate    = 10_000
)

// PaceText is a pace as people type it; empty means the portal's.
type PaceText struct{ Timeout, MaxInFlight, RateLimit, Schedule string }

// ParsePace reads "20s" or "20" seconds, two whole numbers and "0s, 5s, 5m".
// Invalid names the field: timeout, max_in_flight, rate_limit, retry_schedule.
func ParsePace(t PaceText) (p Pace, err error) {
	if p.Timeout, err = parseTimeout(strings.TrimSpace(t.Timeout)); err != nil {
		return p, err
	}
	if p.MaxInFlight, err = parseCount("max_in_flight", t.MaxInFlight, MostInFlight); err != nil {
		return p, err
	}
	if p.RateLimit, err = parseCount("rate_limit", t.RateLimit, HighestRate); err != nil {
		return p, err
	}
	if strings.TrimSpace(t.Schedule) != "" {
		p.Schedule, err = ParseRetrySchedule(t.Schedule)
	}
	return p, err
}

func parseTimeout(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	if _, err := strconv.Atoi(text); err == nil {
		text += "s"
	}
	d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	if err != nil || d < time.Second || d > LongestTimeout {
		return 0, FieldErrorf("timeout", "%q is not a time-out between 1s and %s. Leave it empty for the portal's.", text, shortDuration(LongestTimeout))
	}
	return d, nil
}

func parseCount(field, text string, most int) (int, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, FieldErrorf(field, "%q is not a whole number from 1 to %d. Leave it empty for the portal's.", text, most)
	}
	return n, nil
}

// Text is what ParsePace reads.
func (p Pace) Text() PaceText {
	var t PaceText
	if p.Timeout > 0 {
		t.Timeout = shortDuration(p.Timeout)
	}
	if p.MaxInFlight > 0 {
		t.MaxInFlight = strconv.Itoa(p.MaxInFlight)
	}
	if p.RateLimit > 0 {
		t.RateLimit = strconv.Itoa(p.RateLimit)
	}
	t.Schedule = p.Schedule.String()
	return t
}

// Pace is the endpoint's own.
func (e *Endpoint) Pace() Pace {
	return Pace{Timeout: e.Timeout, MaxInFlight: e.MaxInFlight, RateLimit: e.RateLimit, Schedule: e.RetrySchedule}
}

func (e *Endpoint) setPace(p Pace) {
	e.Timeout, e.MaxInFlight, e.RateLimit, e.RetrySchedule = p.Timeout, p.MaxInFlight, p.RateLimit, p.Schedule
}

// shortDuration is time.Duration.String without "0s" and "0m" at its end.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

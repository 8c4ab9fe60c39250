package domain

import (
	"net/http"
	"time"
)

// An endpoint that nothing gets through to is warned of, slowed down and, after
// days, disabled.
//
//	well ──strikes in a row──▶ open: nothing is sent until PausedUntil
//	  ▲                          │
//	  └──the probe is answered── half open: one request at a time ──a strike──▶ open, for longer
//
// Deliveries that wait meanwhile use up no attempts.
const (
	// StrikesToOpen is how many strikes in a row stop the requests.
	StrikesToOpen = 10
	// FirstPause is how long; each failed probe doubles it, up to LongestPause.
	FirstPause   = 5 * time.Second
	LongestPause = time.Minute
	// ThrottlePause is how long an endpoint that says it is overloaded is left
	// alone when it does not say for how long.
	ThrottlePause = 2 * time.Second

	// WarnAfter and DisableAfter of nothing but failures.
	WarnAfter    = 24 * time.Hour
	DisableAfter = 5 * 24 * time.Hour
	// FewestFailures is how often it was tried before an endpoint is disabled:
	// as often as the default schedule tries one delivery.
	FewestFailures = 10
)

// Pauses are the lengths of the breaker's pauses, one after the other; the last
// one repeats.
func Pauses() []time.Duration {
	var all []time.Duration
	for p := FirstPause; p < LongestPause; p *= 2 {
		all = append(all, p)
	}
	return append(all, LongestPause)
}

// Strikes tells whether the attempt says that the endpoint is not well: no
// answer at all, an answer of 500 or above, 408 or 429. An endpoint that
// refuses an event with another 4xx is well.
func (a *Attempt) Strikes() bool {
	switch a.ErrorClass {
	case ErrDNS, ErrConnect, ErrTLS, ErrTimeout, ErrProtocol:
		return true
	}
	return a.StatusCode >= 500 || a.StatusCode == http.StatusRequestTimeout || a.StatusCode == http.StatusTooManyRequests
}

// Throttles tells whether the endpoint asks to be sent to more slowly (Standard
// Webhooks, "Deliverability and reliability": 429, 502 and 504).
func (a *Attempt) Throttles() bool {
	switch a.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// Pause is how long a throttling endpoint is left alone: as long as it asked
// for, within bounds.
func Pause(retryAfter time.Duration) time.Duration {
	if retryAfter <= 0 {
		return ThrottlePause
	}
	return min(max(retryAfter, time.Second), LongestPause)
}

// ShouldWarn tells whether nothing has got through for a day although it was
// tried again and again.
func (e *Endpoint) ShouldWarn(now time.Time) bool {
	return e.Active && e.FailingSince != nil && e.LastFailureAt != nil && e.Failures > 1 &&
		now.Sub(*e.FailingSince) >= WarnAfter && now.Sub(*e.LastFailureAt) < WarnAfter
}

// ShouldDisable tells whether attempts have failed for five days, all of them.
// Time without attempts proves nothing: the last failure must be that much
// later than the first, and there must have been a few.
func (e *Endpoint) ShouldDisable() bool {
	return e.Active && e.FailingSince != nil && e.LastFailureAt != nil && e.Failures >= FewestFailures &&
		e.LastFailureAt.Sub(*e.FailingSince) >= DisableAfter
}

// HeldBack tells whether requests wait for the end of a pause, or go out one at a
// time after it.
func (e *Endpoint) HeldBack() bool { return e.Active && e.PausedUntil != nil }

// Throttled tells whether they do because it asked for it, not because nothing
// gets through.
func (e *Endpoint) Throttled() bool { return e.HeldBack() && e.Strikes < StrikesToOpen }

// Probe ends a pause at now, so that one request goes out to see: somebody asked
// for it by hand. It returns false when there is no pause to end.
func (e *Endpoint) Probe(now time.Time) bool {
	if e.PausedUntil == nil || !e.PausedUntil.After(now) {
		return false
	}
	e.PausedUntil = &now
	return true
}

package domain_test

import (
	"net/http"
	"testing"
	"time"

	"doorito/domain"
)

func TestWhatAnAttemptSaysOfItsEndpoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attempt           domain.Attempt
		strikes, throttle bool
	}{
		{domain.Attempt{StatusCode: http.StatusNoContent}, false, false},
		{domain.Attempt{StatusCode: http.StatusBadRequest, ErrorClass: domain.ErrStatus}, false, false},
		{domain.Attempt{StatusCode: http.StatusFound, ErrorClass: domain.ErrStatus}, false, false},
		{domain.Attempt{StatusCode: http.StatusRequestTimeout, ErrorClass: domain.ErrStatus}, true, false},
		{domain.Attempt{StatusCode: http.StatusTooManyRequests, ErrorClass: domain.ErrStatus}, true, true},
		{domain.Attempt{StatusCode: http.StatusInternalServerError, ErrorClass: domain.ErrStatus}, true, false},
		{domain.Attempt{StatusCode: http.StatusBadGateway, ErrorClass: domain.ErrStatus}, true, true},
		{domain.Attempt{StatusCode: http.StatusGatewayTimeout, ErrorClass: domain.ErrStatus}, true, true},
		{domain.Attempt{ErrorClass: domain.ErrDNS}, true, false},
		{domain.Attempt{ErrorClass: domain.ErrTimeout}, true, false},
		{domain.Attempt{ErrorClass: domain.ErrBlocked}, false, false},
		{domain.Attempt{ErrorClass: domain.ErrInternal}, false, false},
	} {
		if c.attempt.Strikes() != c.strikes || c.attempt.Throttles() != c.throttle {
			t.Errorf("%d %s: strikes %t, throttles %t", c.attempt.StatusCode, c.attempt.ErrorClass, c.attempt.Strikes(), c.attempt.Throttles())
		}
	}
}

func TestAPauseIsWhatWasAskedForWithinBounds(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{
		0: domain.ThrottlePause, time.Millisecond: time.Second, 7 * time.Second: 7 * time.Second, time.Hour: domain.LongestPause,
	} {
		if got := domain.Pause(asked); got != want {
			t.Errorf("%s asked for, %s given", asked, got)
		}
	}
}

func TestOnlyFailuresThatGoOnForFiveDaysDisable(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		last          time.Duration // after since
		failures      int
		now           time.Duration
		warn, disable bool
	}{
		{0, 1, 25 * time.Hour, false, false},
		{0, 1, 240 * time.Hour, false, false},
		{23 * time.Hour, 5, 23 * time.Hour, false, false},
		{20 * time.Hour, 5, 25 * time.Hour, true, false},
		{20 * time.Hour, 5, 100 * time.Hour, false, false},
		{119 * time.Hour, 50, 121 * time.Hour, true, false},
		{120 * time.Hour, 9, 121 * time.Hour, true, false},
		{120 * time.Hour, 10, 121 * time.Hour, true, true},
		{120 * time.Hour, 50, 200 * time.Hour, false, true},
	} {
		last := since.Add(c.last)
		e := &domain.Endpoint{Active: true, FailingSince: &since, LastFailureAt: &last, Failures: c.failures}
		if e.ShouldWarn(since.Add(c.now)) != c.warn || e.ShouldDisable() != c.disable {
			t.Errorf("last %s, now %s: warn %t, disable %t", c.last, c.now, e.ShouldWarn(since.Add(c.now)), e.ShouldDisable())
		}
	}
}

package api

import (
	"strconv"

	"doorito/domain"
)

// paceJSON is how an endpoint is sent to; null follows the portal.
type paceJSON struct {
	Timeout       *string `json:"timeout"` // "20s"
	MaxInFlight   *int    `json:"max_in_flight"`
	RateLimit     *int    `json:"rate_limit"`     // requests a second
	RetrySchedule *string `json:"retry_schedule"` // "0s, 5s, 5m"
}

func newPaceJSON(p domain.Pace) paceJSON {
	t := p.Text()
	return paceJSON{Timeout: textOrNull(t.Timeout), MaxInFlight: orNull(p.MaxInFlight), RateLimit: orNull(p.RateLimit), RetrySchedule: textOrNull(t.Schedule)}
}

func (p paceJSON) pace() (domain.Pace, error) {
	var t domain.PaceText
	if p.Timeout != nil {
		t.Timeout = *p.Timeout
	}
	if p.MaxInFlight != nil {
		t.MaxInFlight = strconv.Itoa(*p.MaxInFlight)
	}
	if p.RateLimit != nil {
		t.RateLimit = strconv.Itoa(*p.RateLimit)
	}
	if p.RetrySchedule != nil {
		t.Schedule = *p.RetrySchedule
	}
	return domain.ParsePace(t)
}

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

package web

import (
	"fmt"
	"strings"
	"time"

	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports/usecase"
)

// endpointStats are an endpoint's numbers of the last 24 hours, and what waits.
func endpointStats(d *usecase.EndpointDetail, now time.Time) []Stat {
	e, h := d.Endpoint, d.Health
	tried := h.Delivered + h.Failed
	success := Stat{Icon: "circle-check", Label: "Success", Value: successOf(h), Note: "nothing sent in 24 hours"}
	answer := Stat{Icon: "gauge", Label: "Time to answer", Value: "–", Note: "no answer in 24 hours"}
	if tried > 0 {
		success.Unit, success.Note = "%", fmt.Sprintf("%s of %s got through", groupInt(h.Delivered), counted(tried, "attempt"))
	}
	if h.P95 > 0 {
		answer.Value, answer.Unit = valueAndUnit(h.P50)
		answer.Strong, answer.Note = formatDuration(h.P95), "at p95, p50 above"
	}
	waiting := Stat{Icon: "clock", Label: "Waiting", Value: capped(h.Pending), Note: "nothing is owed"}
	switch {
	case h.Pending > 0 && e.HeldBack():
		waiting.Note = "held back, none is lost"
	case h.Pending > 0:
		waiting.Note = "deliveries still owed"
	}
	last := Stat{Icon: "check", Label: "Last success", Value: "–", Note: "none yet"}
	if e.LastSuccessAt != nil {
		last.Value, last.Note = relative(*e.LastSuccessAt, now), e.LastSuccessAt.UTC().Format("2 Jan, 15:04:05 UTC")
	}
	if e.FailingSince != nil && e.Failures > 0 {
		last.Strong, last.Note = counted(e.Failures, "failure"), "since, the first "+relative(*e.FailingSince, now)
	}
	return []Stat{success, answer, waiting, last}
}

// valueAndUnit cuts "48 ms" in two; what has several units stays whole.
func valueAndUnit(d time.Duration) (value, unit string) {
	text := formatDuration(d)
	if value, unit, ok := strings.Cut(text, " "); ok && !strings.Contains(unit, " ") {
		return value, unit
	}
	return text, ""
}

// endpointBanner says what is wrong with an endpoint, since when, and what comes
// next; nil when it is well.
func endpointBanner(d *usecase.EndpointDetail, now time.Time) *list.Banner {
	e := d.Endpoint
	switch {
	case !e.Active && e.DisabledAt != nil:
		return &list.Banner{State: "warning", Icon: "power-off", Strong: "Switched off since " + dayAndTime(*e.DisabledAt) + ".", Text: e.DisabledReason + " Nothing is sent here until you switch it on."}
	case e.Throttled() && (e.ClientCert == nil || !e.ClientCert.Expired(now)):
		return &list.Banner{State: "slowed", Icon: "gauge", Strong: "This receiver asked for less.", Text: nextRequest(e, now) + " What waits uses up no attempts."}
	case e.ClientCert != nil && e.ClientCert.Expired(now), e.FailingSince == nil:
		return certBanner(e, "This receiver's client certificate", now)
	}
	b := &list.Banner{State: "failed", Icon: "triangle-alert", Strong: "Nothing has got through since " + dayAndTime(*e.FailingSince) + "."}
	next := "Doorito keeps trying and disables this endpoint on " + dayAndTime(e.FailingSince.Add(domain.DisableAfter)) + "."
	if now.Sub(*e.FailingSince) > domain.DisableAfter {
		next = "Doorito keeps trying; it disables this endpoint once enough attempts have failed."
	}
	if e.HeldBack() {
		next = nextRequest(e, now) + " " + next
	}
	b.Text = next + " Files are safe; only this receiver waits."
	return b
}

// nextRequest says when something is sent again to an endpoint that is held back.
func nextRequest(e *domain.Endpoint, now time.Time) string {
	if e.PausedUntil.After(now) {
		return "The next request goes out at " + e.PausedUntil.UTC().Format("15:04:05 UTC") + ", alone; the others follow once it gets an answer."
	}
	return "Requests go out one at a time until one gets an answer."
}

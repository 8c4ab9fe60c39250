package engine

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"doorito/app/files"
	"doorito/domain"
	"doorito/ports"
)

// Courier makes one attempt: it writes the request, signs it, sends it and
// records the result on the delivery. It touches no database.
type Courier struct {
	Sender   ports.Sender
	Keys     *domain.Keyring
	Clock    ports.Clock
	IDs      ports.IDs
	Log      *slog.Logger
	BaseURL  string
	Timeout  time.Duration // of an attempt, unless the endpoint has its own
	Schedule domain.RetrySchedule
	Jitter   func() float64 // in [-1, 1]
}

// Job is a claimed delivery with all that an attempt needs.
type Job struct {
	Delivery *domain.Delivery
	Event    *domain.Event
	Endpoint *domain.Endpoint
	Serial   int // link serial of the event's file
}

// Body returns the bytes to sign and send: the event's payload with data.url;
// a sample of such an event has the one that was typed.
func (c *Courier) Body(e *domain.Event, serial int) ([]byte, error) {
	if !e.Type.CarriesURL() || e.TargetID != nil {
		return e.Payload, nil
	}
	return domain.WithURL(e.Payload, files.DownloadLink(c.BaseURL, c.Keys, e.AggregateID, serial))
}

// Attempt sends once and records the outcome on the job's delivery. ok is
// false when ctx ended first: then nothing is recorded and the lease should be
// released.
func (c *Courier) Attempt(ctx context.Context, j Job) (r ports.DeliveryResult, ok bool) {
	start := c.Clock.Now()
	a := &domain.Attempt{
		ID: c.IDs.New(), DeliveryID: j.Delivery.ID, EndpointID: j.Endpoint.ID,
		Number: j.Delivery.AttemptsMade + 1, StartedAt: start, URL: j.Endpoint.URL,
	}
	var res ports.SendResult
	var req ports.SendRequest
	body, err := c.Body(j.Event, j.Serial)
	if err == nil {
		req, a.RequestHeaders, err = c.request(j, start, body)
	}
	if err != nil {
		c.Log.Error("attempt not sent", "delivery_id", j.Delivery.ID, "error", err)
		res = ports.SendResult{ErrorClass: domain.ErrInternal, ErrorText: "Doorito could not sign this request. The log says why."}
	} else {
		res = c.Sender.Send(ctx, req)
		if ctx.Err() != nil && res.StatusCode == 0 {
			return ports.DeliveryResult{}, false
		}
	}
	a.StatusCode, a.ResponseHeaders, a.ResponseBody, a.Truncated = res.StatusCode, res.Headers, res.Body, res.Truncated
	a.Phases, a.ErrorClass, a.ErrorText = res.Phases, res.ErrorClass, res.ErrorText
	if a.ErrorClass == domain.ErrNone && !a.OK() {
		a.ErrorClass, a.ErrorText = domain.ErrStatus, "The endpoint answered "+domain.StatusText(a.StatusCode)+"."
	}
	now := c.Clock.Now()
	j.Delivery.Record(a, c.ScheduleOf(j.Endpoint), c.Jitter(), retryAfter(res.Headers, now), now)
	return ports.DeliveryResult{Delivery: j.Delivery, Attempt: a}, true
}

// ScheduleOf is an endpoint's own retry schedule, or that of the settings.
func (c *Courier) ScheduleOf(e *domain.Endpoint) domain.RetrySchedule {
	if len(e.RetrySchedule) > 0 {
		return e.RetrySchedule
	}
	return c.Schedule
}

func (c *Courier) timeout(e *domain.Endpoint) time.Duration {
	if e.Timeout > 0 {
		return e.Timeout
	}
	return c.Timeout
}

// retryAfter reads Retry-After (RFC 9110, section 10.2.3): seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if sec, err := strconv.Atoi(v); err == nil {
		return time.Duration(min(max(sec, 0), 30*24*3600)) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

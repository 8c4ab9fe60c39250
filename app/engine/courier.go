package engine

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

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

// Body returns the bytes to sign and send: the event's payload with data.url.
func (c *Courier) Body(e *domain.Event, serial int) ([]byte, error) {
	if !e.Type.CarriesURL() {
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
	body, err := c.Body(j.Event, j.Serial)
	if err == nil {
		a.RequestHeaders, err = c.headers(j, start, body)
	}
	if err != nil {
		c.Log.Error("attempt not sent", "delivery_id", j.Delivery.ID, "error", err)
		res = ports.SendResult{ErrorClass: domain.ErrInternal, ErrorText: "Doorito could not sign this request. The log says why."}
	} else {
		res = c.Sender.Send(ctx, ports.SendRequest{URL: j.Endpoint.URL, Headers: a.RequestHeaders, Body: body, Timeout: c.timeout(j.Endpoint)})
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
	j.Delivery.Record(a, c.Schedule, c.Jitter(), retryAfter(res.Headers, now), now)
	return ports.DeliveryResult{Delivery: j.Delivery, Attempt: a}, true
}

func (c *Courier) timeout(e *domain.Endpoint) time.Duration {
	if e.Timeout > 0 {
		return e.Timeout
	}
	return c.Timeout
}

// headers writes both families (behaviour.md, "Webhook request"). The hex
// family is keyed with the oldest live secret, until it is retired.
func (c *Courier) headers(j Job, at time.Time, body []byte) (http.Header, error) {
	h := http.Header{}
	for k, v := range j.Endpoint.Headers {
		h.Set(k, v)
	}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Doorito")
	h.Set("X-Webhook-Event", string(j.Event.Type))
	h.Set("X-Webhook-Delivery", j.Delivery.ID.String())
	h.Set("Webhook-Id", j.Event.ID.String())
	h.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	var sigs []string
	for i, s := range j.Endpoint.LiveSecrets(at) {
		secret, err := c.Keys.Open(s.Sealed, s.ID.String())
		if err != nil {
			return nil, err
		}
		sig, err := domain.SignStandard(secret, j.Event.ID.String(), at, body)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			h.Set("X-Webhook-Signature", domain.SignHex(secret, body))
		}
		sigs = append(sigs, sig)
	}
	if len(sigs) == 0 {
		return nil, domain.Errorf(domain.Internal, "The endpoint %s has no live secret.", j.Endpoint.ID)
	}
	h.Set("Webhook-Signature", strings.Join(sigs, " "))
	return h, nil
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

// SealSecret makes a fresh signing secret for an endpoint.
func SealSecret(keys *domain.Keyring, ids ports.IDs, rnd io.Reader, now time.Time) (domain.EndpointSecret, string, error) {
	plain, err := domain.NewSecret(rnd)
	if err != nil {
		return domain.EndpointSecret{}, "", err
	}
	id := ids.New()
	sealed, err := keys.Seal(plain, id.String(), rnd)
	return domain.EndpointSecret{ID: id, Sealed: sealed, CreatedAt: now}, plain, err
}

// fileID of an event that is about a file.
func fileID(e *domain.Event) (uuid.UUID, bool) {
	return e.AggregateID, e.Type.CarriesURL()
}

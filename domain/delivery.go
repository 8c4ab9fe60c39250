package domain

import (
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// DeliveryStatus of one event at one endpoint.
type DeliveryStatus string

const (
	DeliveryPending   DeliveryStatus = "pending"
	DeliveryDelivered DeliveryStatus = "delivered"
	DeliveryFailed    DeliveryStatus = "failed"
	DeliveryCancelled DeliveryStatus = "cancelled"
)

// DeliveryStatuses in the order in which they are shown.
var DeliveryStatuses = []DeliveryStatus{DeliveryPending, DeliveryDelivered, DeliveryFailed, DeliveryCancelled}

// Delivery is what is owed to one endpoint for one event.
type Delivery struct {
	ID             uuid.UUID
	EventID        uuid.UUID
	EndpointID     uuid.UUID
	EventType      EventType
	Subject        string // what the event is about, for lists: a file's name, a batch's label
	Status         DeliveryStatus
	Attempts       int // since the last reopening
	AttemptsMade   int // ever; numbers the attempts
	NextAttemptAt  time.Time
	LeaseToken     *uuid.UUID // who is sending it now
	LeaseUntil     *time.Time
	LastAttemptAt  *time.Time
	LastStatusCode int
	LastErrorClass ErrorClass
	LastError      string
	DeliveredAt    *time.Time
	EndpointName   string // filled by reads
	EndpointURL    string // filled by reads
	HeldBack       bool   // its endpoint is; filled by reads
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// NewDelivery is due at once.
func NewDelivery(id uuid.UUID, e *Event, ep *Endpoint, subject string, now time.Time) *Delivery {
	return &Delivery{
		ID: id, EventID: e.ID, EndpointID: ep.ID, EventType: e.Type, Subject: subject,
		Status: DeliveryPending, NextAttemptAt: now, CreatedAt: now, UpdatedAt: now,
	}
}

// ErrorClass says in one word why an attempt failed.
type ErrorClass string

const (
	ErrNone     ErrorClass = ""
	ErrDNS      ErrorClass = "dns"      // the host name was not found
	ErrConnect  ErrorClass = "connect"  // refused, reset or unreachable
	ErrTLS      ErrorClass = "tls"      // certificate or handshake
	ErrTimeout  ErrorClass = "timeout"  // a phase took too long
	ErrBlocked  ErrorClass = "blocked"  // the address is not allowed
	ErrStatus   ErrorClass = "status"   // an answer other than 2xx
	ErrProtocol ErrorClass = "protocol" // not HTTP, or broken off in the answer
	ErrInternal ErrorClass = "internal" // our fault, e.g. a secret that cannot be opened
)

// Phases are the parts of an attempt's duration; a phase that did not happen is 0.
type Phases struct {
	DNS, Connect, TLS, FirstByte, Total time.Duration
}

// Attempt is one try, kept with what was sent and what came back.
type Attempt struct {
	ID              uuid.UUID
	DeliveryID      uuid.UUID
	EndpointID      uuid.UUID
	Number          int
	StartedAt       time.Time
	Phases          Phases
	URL             string
	StatusCode      int // 0 when no answer came
	RequestHeaders  http.Header
	ResponseHeaders http.Header
	ResponseBody    []byte // at most 64 KiB
	Truncated       bool   // the body was longer
	ErrorClass      ErrorClass
	ErrorText       string

	EndpointName string // these three are filled by lists, for showing
	EventType    EventType
	Subject      string
}

// OK tells whether the endpoint took it: only 2xx is success.
func (a *Attempt) OK() bool {
	return a.ErrorClass == ErrNone && a.StatusCode >= 200 && a.StatusCode <= 299
}

// Record takes over the result of an attempt: delivered, failed when the
// schedule is exhausted, else pending at the next step. jitter is in [-1, 1];
// retryAfter is what the endpoint asked for, 0 for nothing. 410 ends it.
func (d *Delivery) Record(a *Attempt, s RetrySchedule, jitter float64, retryAfter time.Duration, now time.Time) {
	d.Attempts++
	d.AttemptsMade = a.Number
	d.LeaseToken, d.LeaseUntil = nil, nil
	at := a.StartedAt
	d.LastAttemptAt, d.LastStatusCode, d.LastErrorClass, d.LastError, d.UpdatedAt = &at, a.StatusCode, a.ErrorClass, a.ErrorText, now
	switch {
	case a.OK():
		d.Status, d.DeliveredAt = DeliveryDelivered, &now
	case a.StatusCode == http.StatusGone || d.Attempts >= len(s):
		d.Status = DeliveryFailed
	default:
		d.NextAttemptAt = now.Add(s.Wait(d.Attempts, jitter, retryAfter))
	}
}

// Reopen makes a delivery due again from the start of the schedule (redeliver,
// retry failed). A pending one is only brought forward; a leased one is being
// sent right now and is a conflict.
func (d *Delivery) Reopen(now time.Time) error {
	if d.LeaseUntil != nil && d.LeaseUntil.After(now) && d.Status == DeliveryPending {
		return Errorf(Conflict, "This delivery is being sent right now. Look again in a moment.")
	}
	d.Status, d.Attempts, d.NextAttemptAt, d.UpdatedAt = DeliveryPending, 0, now, now
	d.DeliveredAt, d.LeaseToken, d.LeaseUntil = nil, nil, nil
	return nil
}

// StatusText is a status code with its name: "502 Bad Gateway".
func StatusText(code int) string {
	if t := http.StatusText(code); t != "" {
		return fmt.Sprintf("%d %s", code, t)
	}
	return fmt.Sprintf("%d", code)
}

package api

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports/usecase"
)

// deliveryFullJSON is what is owed to one endpoint, with its state.
type deliveryFullJSON struct {
	ID             uuid.UUID  `json:"id"`
	EventID        uuid.UUID  `json:"event_id"`
	EndpointID     uuid.UUID  `json:"endpoint_id"`
	EndpointName   string     `json:"endpoint_name"`
	EventType      string     `json:"event_type"`
	Subject        string     `json:"subject"`
	Status         string     `json:"status"`
	Attempts       int        `json:"attempts"`      // since it was last reopened
	AttemptsMade   int        `json:"attempts_made"` // ever
	NextAttemptAt  *time.Time `json:"next_attempt_at"`
	LastAttemptAt  *time.Time `json:"last_attempt_at"`
	LastStatusCode *int       `json:"last_status_code"`
	LastErrorClass string     `json:"last_error_class"`
	LastError      string     `json:"last_error"`
	DeliveredAt    *time.Time `json:"delivered_at"`
	CreatedAt      time.Time  `json:"created_at"`
}

// deliveryDetailJSON adds what was sent and what came back, newest first.
type deliveryDetailJSON struct {
	deliveryFullJSON
	Body        json.RawMessage `json:"body"`
	AttemptList []attemptJSON   `json:"attempt_list"`
}

type attemptJSON struct {
	Number            int                 `json:"number"`
	StartedAt         time.Time           `json:"started_at"`
	OK                bool                `json:"ok"`
	URL               string              `json:"url"`
	StatusCode        *int                `json:"status_code"`
	ErrorClass        string              `json:"error_class"`
	Error             string              `json:"error"`
	Milliseconds      phasesJSON          `json:"milliseconds"`
	RequestHeaders    map[string][]string `json:"request_headers"`
	ResponseHeaders   map[string][]string `json:"response_headers"`
	ResponseBody      string              `json:"response_body"`
	ResponseTruncated bool                `json:"response_truncated"`
}

type phasesJSON struct {
	DNS       float64 `json:"dns"`
	Connect   float64 `json:"connect"`
	TLS       float64 `json:"tls"`
	FirstByte float64 `json:"first_byte"`
	Total     float64 `json:"total"`
}

func newDeliveryFullJSON(d *domain.Delivery) deliveryFullJSON {
	out := deliveryFullJSON{
		ID: d.ID, EventID: d.EventID, EndpointID: d.EndpointID, EndpointName: d.EndpointName, EventType: string(d.EventType), Subject: d.Subject,
		Status: string(d.Status), Attempts: d.Attempts, AttemptsMade: d.AttemptsMade, LastAttemptAt: d.LastAttemptAt, LastStatusCode: orNull(d.LastStatusCode),
		LastErrorClass: string(d.LastErrorClass), LastError: d.LastError, DeliveredAt: d.DeliveredAt, CreatedAt: d.CreatedAt,
	}
	if d.Status == domain.DeliveryPending {
		out.NextAttemptAt = &d.NextAttemptAt
	}
	return out
}

func newDeliveryDetailJSON(d *usecase.DeliveryDetail) deliveryDetailJSON {
	out := deliveryDetailJSON{deliveryFullJSON: newDeliveryFullJSON(d.Delivery), Body: d.Body, AttemptList: make([]attemptJSON, len(d.Attempts))}
	for i, a := range d.Attempts {
		out.AttemptList[i] = newAttemptJSON(a)
	}
	return out
}

func newAttemptJSON(a *domain.Attempt) attemptJSON {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	p := a.Phases
	return attemptJSON{
		Number: a.Number, StartedAt: a.StartedAt, OK: a.OK(), URL: a.URL, StatusCode: orNull(a.StatusCode), ErrorClass: string(a.ErrorClass), Error: a.ErrorText,
		Milliseconds:   phasesJSON{ms(p.DNS), ms(p.Connect), ms(p.TLS), ms(p.FirstByte), ms(p.Total)},
		RequestHeaders: headersJSON(a.RequestHeaders), ResponseHeaders: headersJSON(a.ResponseHeaders),
		ResponseBody: strings.ToValidUTF8(string(a.ResponseBody), "\uFFFD"), ResponseTruncated: a.Truncated,
	}
}

func headersJSON(h map[string][]string) map[string][]string {
	if h == nil {
		return map[string][]string{}
	}
	return h
}

func orNull(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

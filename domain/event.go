package domain

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// EventType is what happened; receivers choose by it.
type EventType string

const (
	EventFileStored       EventType = "file.stored"
	EventFileExpiring     EventType = "file.expiring"
	EventFileProcessed    EventType = "file.processed"
	EventFileDeleted      EventType = "file.deleted"
	EventFileFailed       EventType = "file.failed"
	EventBatchCompleted   EventType = "batch.completed"
	EventEndpointFailing  EventType = "endpoint.failing"
	EventEndpointDisabled EventType = "endpoint.disabled"
	EventPing             EventType = "ping"
)

// EventTypes that an endpoint can choose, in the order of the form.
var EventTypes = []EventType{
	EventFileStored, EventFileExpiring, EventFileProcessed, EventFileDeleted, EventFileFailed,
	EventBatchCompleted, EventEndpointFailing, EventEndpointDisabled,
}

// EventStatus is the sum over an event's deliveries.
type EventStatus string

const (
	EventPending   EventStatus = "pending"
	EventDelivered EventStatus = "delivered"
	EventFailed    EventStatus = "failed"
)

// EventStatuses in the order in which they are shown.
var EventStatuses = []EventStatus{EventPending, EventDelivered, EventFailed}

// Event is a row of the outbox. Payload is the exact body that is signed and
// sent, but for data.url, which is made for each attempt.
type Event struct {
	ID             uuid.UUID // set by AssignID before it is appended
	AggregateType  string    // file, batch, endpoint
	AggregateID    uuid.UUID
	Type           EventType
	Payload        []byte
	Status         EventStatus
	IdempotencyKey string // unique with Type
	Attempts       int
	MaxAttempts    int
	NextAttemptAt  *time.Time
	RelayedAt      *time.Time
	DeliveredAt    *time.Time
	ErrorMessage   string
	TargetID       *uuid.UUID // set on a ping: only this endpoint
	BatchLabel     string     // of the file's batch; filled by the relay when a filter asks for it
	LinkSerial     int        // of the file it is about; filled where events are read to be sent
	CreatedAt      time.Time
	UpdatedAt      time.Time
	data           any
	read           *eventFacts // what filters look at
}

// envelope is the body's outer form; its field order is part of the bytes.
type envelope struct {
	ID        uuid.UUID `json:"id"`
	Type      EventType `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      any       `json:"data"`
}

func newEvent(aggregate string, id uuid.UUID, t EventType, key string, data any, now time.Time) *Event {
	return &Event{
		AggregateType: aggregate, AggregateID: id, Type: t, Status: EventPending,
		IdempotencyKey: key, CreatedAt: now, UpdatedAt: now, data: data,
	}
}

// AssignID gives the event its id and writes the payload, which carries it.
func (e *Event) AssignID(id uuid.UUID) error {
	e.ID = id
	p, err := json.Marshal(envelope{ID: id, Type: e.Type, Timestamp: e.CreatedAt.UTC(), Data: e.data})
	if err != nil {
		return WrapError(Internal, err, "The event %s has no JSON form.", e.Type)
	}
	e.Payload = p
	return nil
}

// NewPing is the test event an admin sends to one endpoint.
func NewPing(endpoint *Endpoint, fresh uuid.UUID, now time.Time) *Event {
	data := struct {
		EndpointID string `json:"endpoint_id"`
		Message    string `json:"message"`
	}{endpoint.ID.String(), "A test event from Doorito. Nothing happened, nothing to do."}
	e := newEvent("endpoint", endpoint.ID, EventPing, "ping:"+fresh.String(), data, now)
	target := endpoint.ID
	e.TargetID = &target
	return e
}

// NewEndpointEvent tells of an endpoint's health: EventEndpointFailing or
// EventEndpointDisabled, with the reason.
func NewEndpointEvent(t EventType, endpoint *Endpoint, reason string, fresh uuid.UUID, now time.Time) *Event {
	data := struct {
		EndpointID string `json:"endpoint_id"`
		Name       string `json:"name"`
		URL        string `json:"url"`
		Reason     string `json:"reason"`
	}{endpoint.ID.String(), endpoint.Name, endpoint.URL, reason}
	return newEvent("endpoint", endpoint.ID, t, string(t)+":"+fresh.String(), data, now)
}

// CarriesURL tells whether bodies of this type get data.url at sending.
func (t EventType) CarriesURL() bool {
	switch t {
	case EventFileStored, EventFileExpiring, EventFileProcessed:
		return true
	}
	return false
}

// WithURL returns the body with data.url set to link. The rest stays byte for
// byte: the field is put in front of data's first one.
func WithURL(payload []byte, link string) ([]byte, error) {
	const open = `"data":{`
	i := strings.Index(string(payload), open)
	if i < 0 {
		return nil, Errorf(Internal, "An event body has no data object.")
	}
	quoted, err := json.Marshal(link)
	if err != nil {
		return nil, WrapError(Internal, err, "The link has no JSON form.")
	}
	i += len(open)
	if i == len(payload) {
		return nil, Errorf(Internal, "An event body ends in its data object.")
	}
	out := make([]byte, 0, len(payload)+len(quoted)+8)
	out = append(out, payload[:i]...)
	out = append(out, `"url":`...)
	out = append(out, quoted...)
	if payload[i] != '}' {
		out = append(out, ',')
	}
	return append(out, payload[i:]...), nil
}

// ParseEventPattern checks one entry of an endpoint's event types: a known
// type, or a family such as `file.*`.
func ParseEventPattern(s string) (string, error) {
	s = strings.TrimSpace(s)
	for _, t := range EventTypes {
		family, _, _ := strings.Cut(string(t), ".")
		if s == string(t) || s == family+".*" {
			return s, nil
		}
	}
	return "", FieldErrorf("event_types", "%q is not an event type. Use %s, or a family such as file.*.", s, joinTypes())
}

func joinTypes() string {
	words := make([]string, len(EventTypes))
	for i, t := range EventTypes {
		words[i] = string(t)
	}
	return strings.Join(words, ", ")
}

// matchPattern: `file.*` covers every type of its family.
func matchPattern(pattern string, t EventType) bool {
	if family, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(string(t), family)
	}
	return pattern == string(t)
}

func (e *Event) String() string { return fmt.Sprintf("%s %s", e.Type, e.ID) }

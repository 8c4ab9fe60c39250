package api

import (
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

var eventFilters = map[string]filterCheck{"status": isOneOf(domain.EventStatuses), "type": isAnything, "aggregate": isID}

// eventFullJSON is a row of the outbox.
type eventFullJSON struct {
	ID            uuid.UUID  `json:"id"`
	Type          string     `json:"type"`
	Status        string     `json:"status"`
	AggregateType string     `json:"aggregate_type"`
	AggregateID   uuid.UUID  `json:"aggregate_id"`
	Attempts      int        `json:"attempts"`
	NextAttemptAt *time.Time `json:"next_attempt_at"`
	CreatedAt     time.Time  `json:"created_at"`
	RelayedAt     *time.Time `json:"relayed_at"`
	DeliveredAt   *time.Time `json:"delivered_at"`
	Error         string     `json:"error"`
}

// eventDetailJSON adds the payload, without data.url, and the deliveries.
type eventDetailJSON struct {
	eventFullJSON
	Payload    json.RawMessage    `json:"payload"`
	Deliveries []deliveryFullJSON `json:"deliveries"`
}

func newEventFullJSON(e *domain.Event) eventFullJSON {
	return eventFullJSON{
		ID: e.ID, Type: string(e.Type), Status: string(e.Status), AggregateType: e.AggregateType, AggregateID: e.AggregateID, Attempts: e.Attempts,
		NextAttemptAt: e.NextAttemptAt, CreatedAt: e.CreatedAt, RelayedAt: e.RelayedAt, DeliveredAt: e.DeliveredAt, Error: e.ErrorMessage,
	}
}

// eventList answers with what happened.
func (h *handlers) eventList(c *fiber.Ctx) error {
	q, err := listQuery(c, eventFilters)
	if err != nil {
		return err
	}
	page, err := h.Deliveries.ListEvents(c.UserContext(), fiberx.Actor(c), q)
	if err != nil {
		return err
	}
	place := func(e *domain.Event) ports.Cursor { return ports.Cursor{At: e.CreatedAt, ID: e.ID} }
	return sendPage(c, page, place, newEventFullJSON)
}

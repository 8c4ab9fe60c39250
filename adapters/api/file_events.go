package api

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// eventJSON is one thing that happened to a file, and whether the endpoints
// know. Deliveries are for admins: they name endpoints.
type eventJSON struct {
	ID          uuid.UUID      `json:"id"`
	Type        string         `json:"type"`
	Status      string         `json:"status"`
	CreatedAt   time.Time      `json:"created_at"`
	DeliveredAt *time.Time     `json:"delivered_at"`
	Deliveries  []deliveryJSON `json:"deliveries,omitempty"`
}

type deliveryJSON struct {
	ID            uuid.UUID  `json:"id"`
	EndpointID    uuid.UUID  `json:"endpoint_id"`
	Status        string     `json:"status"`
	Attempts      int        `json:"attempts"`
	NextAttemptAt *time.Time `json:"next_attempt_at"`
}

// fileEvents answers with the events of a file, oldest first.
func (h *handlers) fileEvents(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	d, err := h.Files.Detail(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"items": eventsJSON(d)})
}

func eventsJSON(d *usecase.FileDetail) []eventJSON {
	out := make([]eventJSON, len(d.Events))
	for i, e := range d.Events {
		out[i] = eventJSON{ID: e.ID, Type: string(e.Type), Status: string(e.Status), CreatedAt: e.CreatedAt, DeliveredAt: e.DeliveredAt}
		for _, x := range d.Deliveries {
			if x.EventID == e.ID {
				out[i].Deliveries = append(out[i].Deliveries, newDeliveryJSON(x))
			}
		}
	}
	slices.Reverse(out)
	return out
}

func newDeliveryJSON(d *domain.Delivery) deliveryJSON {
	out := deliveryJSON{ID: d.ID, EndpointID: d.EndpointID, Status: string(d.Status), Attempts: d.Attempts}
	if d.Status == domain.DeliveryPending {
		out.NextAttemptAt = &d.NextAttemptAt
	}
	return out
}

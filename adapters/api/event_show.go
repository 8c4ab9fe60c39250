package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// eventShow answers with one event, its payload and its deliveries.
func (h *handlers) eventShow(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	d, err := h.Deliveries.FindEvent(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	out := eventDetailJSON{eventFullJSON: newEventFullJSON(d.Event), Payload: d.Event.Payload, Deliveries: make([]deliveryFullJSON, len(d.Deliveries))}
	for i, x := range d.Deliveries {
		out.Deliveries[i] = newDeliveryFullJSON(x)
	}
	return c.JSON(out)
}

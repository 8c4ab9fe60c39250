package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

var deliveryFilters = map[string]filterCheck{
	"status": isOneOf(domain.DeliveryStatuses), "endpoint": isID, "event": isID, "type": isAnything, "class": isAnything, "code": isAnything,
}

// deliveryList answers with what is or was owed.
func (h *handlers) deliveryList(c *fiber.Ctx) error {
	q, err := listQuery(c, deliveryFilters)
	if err != nil {
		return err
	}
	page, err := h.Deliveries.List(c.UserContext(), fiberx.Actor(c), q)
	if err != nil {
		return err
	}
	place := func(d *domain.Delivery) ports.Cursor { return ports.Cursor{At: d.CreatedAt, ID: d.ID} }
	return sendPage(c, page, place, newDeliveryFullJSON)
}

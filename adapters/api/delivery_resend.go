package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
)

// deliveryResend makes a delivery due at once, whatever its state: 202. 409
// while it is being sent, or when its endpoint is switched off.
func (h *handlers) deliveryResend(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if _, err := h.Deliveries.Redeliver(c.UserContext(), fiberx.Actor(c), []uuid.UUID{id}); err != nil {
		return err
	}
	c.Status(fiber.StatusAccepted)
	return h.sendDelivery(c, id)
}

// deliveryCancel ends a delivery that is pending; 409 for any other.
func (h *handlers) deliveryCancel(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if _, err := h.Deliveries.Cancel(c.UserContext(), fiberx.Actor(c), []uuid.UUID{id}); err != nil {
		return err
	}
	return h.sendDelivery(c, id)
}

func (h *handlers) sendDelivery(c *fiber.Ctx, id uuid.UUID) error {
	d, err := h.Deliveries.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(newDeliveryDetailJSON(d))
}

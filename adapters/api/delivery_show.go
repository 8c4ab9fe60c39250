package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// deliveryShow answers with one delivery, its body and its attempts.
func (h *handlers) deliveryShow(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	return h.sendDelivery(c, id)
}

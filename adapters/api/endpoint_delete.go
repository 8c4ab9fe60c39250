package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// endpointDelete removes an endpoint with its deliveries: 204.
func (h *handlers) endpointDelete(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := h.Endpoints.Delete(c.UserContext(), fiberx.Actor(c), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

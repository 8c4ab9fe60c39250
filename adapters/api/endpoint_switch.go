package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// endpointSwitch switches an endpoint on or off; off cancels what is pending.
func (h *handlers) endpointSwitch(on bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := fiberx.ParseID(c.Params("id"))
		if err != nil {
			return err
		}
		e, err := h.Endpoints.SetActive(c.UserContext(), fiberx.Actor(c), id, on)
		if err != nil {
			return err
		}
		return c.JSON(newEndpointJSON(e, h.Clock.Now()))
	}
}

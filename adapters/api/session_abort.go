package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// sessionAbort ends an unfinished upload; its bytes go, its file is failed: 204.
func (h *handlers) sessionAbort(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := h.Sessions.Abort(c.UserContext(), fiberx.Actor(c), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// fileProcessed takes a stored file: of several at once one gets 200, the
// others 409.
func (h *handlers) fileProcessed(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	f, err := h.Consumer.Process(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(h.fileJSON(fiberx.Actor(c), f))
}

package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
)

// fileDelete answers 204; the bytes are gone then.
func (h *handlers) fileDelete(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if _, err := h.Files.Delete(c.UserContext(), fiberx.Actor(c), []uuid.UUID{id}); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

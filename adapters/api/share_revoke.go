package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
)

// shareRevoke ends a link: 204, for one that was revoked before too. Its row and
// its log stay.
func (h *handlers) shareRevoke(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if _, err := h.Shares.Revoke(c.UserContext(), fiberx.Actor(c), []uuid.UUID{id}); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

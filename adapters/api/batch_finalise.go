package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// batchFinalise closes a batch for new files; doing it again changes nothing.
func (h *handlers) batchFinalise(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	b, err := h.Uploads.FinaliseBatch(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(newBatchJSON(b))
}

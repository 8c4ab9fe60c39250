package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// batchShow answers with one batch and the counts of its files.
func (h *handlers) batchShow(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	b, err := h.Batches.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(newBatchJSON(b))
}

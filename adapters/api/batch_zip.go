package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// batchZIP streams the files of a batch as one archive.
func (h *handlers) batchZIP(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	a, err := h.Archives.OfBatch(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return fiberx.SendArchive(c, a)
}

package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// fileShow answers with one file.
func (h *handlers) fileShow(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	f, err := h.Files.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(h.fileJSON(fiberx.Actor(c), f))
}

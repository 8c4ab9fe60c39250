package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// fileDownload sends a file's bytes to those who may see the file.
func (h *handlers) fileDownload(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	d, err := h.Files.Download(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return fiberx.SendDownload(c, d)
}

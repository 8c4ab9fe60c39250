package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
)

// linkDownload sends a file's bytes to whoever has its link.
func (h *handlers) linkDownload(c *fiber.Ctx) error {
	d, err := h.Files.ByLink(c.UserContext(), utils.CopyString(c.Params("token")))
	if err != nil {
		return err
	}
	return fiberx.SendDownload(c, d)
}

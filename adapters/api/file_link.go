package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// linkJSON is a link that works for whoever has it.
type linkJSON struct {
	URL       string     `json:"url"`
	ExpiresAt *time.Time `json:"expires_at"` // when the file goes; null: never
}

// fileLink answers with the download link; it is asked as a download is, so
// that a link which leads nowhere is not given out.
func (h *handlers) fileLink(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	d, err := h.Files.Download(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(linkJSON{URL: h.Files.Link(fiberx.Actor(c), d.File), ExpiresAt: d.File.ExpiresAt})
}

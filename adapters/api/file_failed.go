package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// fileFailed gives a stored file back with a reason.
func (h *handlers) fileFailed(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	var in struct {
		Reason string `json:"reason"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	f, err := h.Consumer.Fail(c.UserContext(), fiberx.Actor(c), id, in.Reason)
	if err != nil {
		return err
	}
	return c.JSON(h.fileJSON(fiberx.Actor(c), f))
}

package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// sessionComplete makes the file out of the parts and answers with it; also
// when it did so before. 409 names what is missing. It goes on when the client
// hangs up: the session tells how far it is.
func (h *handlers) sessionComplete(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	var in struct {
		SHA256 string `json:"sha256"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	f, err := h.Sessions.Complete(c.UserContext(), fiberx.Actor(c), id, in.SHA256)
	if err != nil {
		return explained(err)
	}
	return c.JSON(h.fileJSON(fiberx.Actor(c), f))
}

package tus

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// terminate ends an upload ("Termination"): 204, and its bytes go. A completed
// one is a file by now, which is deleted like any other. One that is over
// already is 410.
func (h *handlers) terminate(c *fiber.Ctx) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	err = h.Sessions.Abort(c.UserContext(), fiberx.Actor(c), id)
	if domain.IsCode(err, domain.Conflict) {
		err = h.terminateEnded(c, id, err)
	}
	if err != nil {
		return err
	}
	c.Status(fiber.StatusNoContent)
	return nil
}

// terminateEnded looks why Abort refused.
func (h *handlers) terminateEnded(c *fiber.Ctx, id uuid.UUID, refused error) error {
	d, err := h.Sessions.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	if err := h.checkThere(d); err != nil {
		return err
	}
	if d.Session.Status != domain.SessionComplete || d.File == nil {
		return refused
	}
	_, err = h.Files.Delete(c.UserContext(), fiberx.Actor(c), []uuid.UUID{d.File.ID})
	return err
}

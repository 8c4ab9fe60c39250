package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// endpointUpdate changes what the body names.
func (h *handlers) endpointUpdate(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	var in endpointInput
	if err := readJSON(c, &in); err != nil {
		return err
	}
	ctx, actor := c.UserContext(), fiberx.Actor(c)
	d, err := h.Endpoints.Find(ctx, actor, id)
	if err != nil {
		return err
	}
	form, err := in.over(d.Endpoint)
	if err != nil {
		return err
	}
	e, err := h.Endpoints.Update(ctx, actor, id, form)
	if err != nil {
		return err
	}
	return c.JSON(newEndpointJSON(e, h.Clock.Now()))
}

package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// madeEndpointJSON is a new endpoint with its secret, shown this once.
type madeEndpointJSON struct {
	endpointJSON
	Secret string `json:"secret"`
}

// endpointCreate makes an endpoint: 201, with its secret. The same
// Idempotency-Key again answers 200 with both.
func (h *handlers) endpointCreate(c *fiber.Ctx) error {
	var in endpointInput
	if err := readJSON(c, &in); err != nil {
		return err
	}
	form, err := in.over(&domain.Endpoint{})
	if err != nil {
		return err
	}
	e, secret, replayed, err := h.EndpointsOnce.CreateOnce(c.UserContext(), fiberx.Actor(c), form, idempotencyKey(c))
	if err != nil {
		return err
	}
	created(c, "/api/v1/endpoints/"+e.ID.String(), replayed)
	return c.JSON(madeEndpointJSON{newEndpointJSON(e, h.Clock.Now()), secret})
}

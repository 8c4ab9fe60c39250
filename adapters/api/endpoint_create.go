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

// endpointCreate makes an endpoint: 201, with its secret.
func (h *handlers) endpointCreate(c *fiber.Ctx) error {
	var in endpointInput
	if err := readJSON(c, &in); err != nil {
		return err
	}
	e, secret, err := h.Endpoints.Create(c.UserContext(), fiberx.Actor(c), in.over(&domain.Endpoint{}))
	if err != nil {
		return err
	}
	created(c, "/api/v1/endpoints/"+e.ID.String(), false)
	return c.JSON(madeEndpointJSON{newEndpointJSON(e, h.Clock.Now()), secret})
}

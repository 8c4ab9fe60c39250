package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var endpointFilters = map[string]filterCheck{"active": isTruth}

func isTruth(name, v string) error {
	if v != "true" && v != "false" {
		return domain.FieldErrorf(name, "%s is true or false, not %q.", name, v)
	}
	return nil
}

// endpointList answers with the endpoints.
func (h *handlers) endpointList(c *fiber.Ctx) error {
	q, err := listQuery(c, endpointFilters)
	if err != nil {
		return err
	}
	page, err := h.Endpoints.List(c.UserContext(), fiberx.Actor(c), q)
	if err != nil {
		return err
	}
	now := h.Clock.Now()
	place := func(e usecase.EndpointHealth) ports.Cursor {
		return ports.Cursor{At: e.Endpoint.CreatedAt, ID: e.Endpoint.ID}
	}
	return sendPage(c, page, place, func(e usecase.EndpointHealth) endpointJSON { return newHealthyEndpointJSON(e, now) })
}

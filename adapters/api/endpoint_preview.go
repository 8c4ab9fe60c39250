package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// previewJSON are the events that would have been sent, of the last ones.
type previewJSON struct {
	Matched int             `json:"matched"`
	Of      int             `json:"of"`
	Events  []eventFullJSON `json:"events"`
}

// endpointPreview tries event types and conditions on the last 100 events, and
// changes nothing.
func (h *handlers) endpointPreview(c *fiber.Ctx) error {
	var in struct {
		EventTypes []string   `json:"event_types"`
		Filter     filterJSON `json:"filter"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	p, err := h.Filters.Preview(c.UserContext(), fiberx.Actor(c), domain.EndpointForm{EventTypes: in.EventTypes, Filter: in.Filter.filter()})
	if err != nil {
		return err
	}
	out := previewJSON{Matched: len(p.Matched), Of: p.Of, Events: make([]eventFullJSON, len(p.Matched))}
	for i, e := range p.Matched {
		out.Events[i] = newEventFullJSON(e)
	}
	return c.JSON(out)
}

package api

import (
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// endpointSample sends an event of a type that never happened, with data of the
// caller's or made up, now, and answers with what came of it.
func (h *handlers) endpointSample(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	var in struct {
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	t := domain.EventType(in.Type)
	if len(in.Data) == 0 || string(in.Data) == "null" {
		in.Data = domain.SampleData(t, h.Clock.Now())
	}
	d, err := h.Endpoints.Sample(c.UserContext(), fiberx.Actor(c), id, t, in.Data)
	if err != nil {
		return err
	}
	return c.JSON(newDeliveryDetailJSON(d))
}

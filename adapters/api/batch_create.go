package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
)

// batchCreate makes a batch: 201. The same Idempotency-Key again answers 200
// with the batch that is there, 409 when it asks for another label.
func (h *handlers) batchCreate(c *fiber.Ctx) error {
	var in struct {
		Label string `json:"label"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	b, made, err := h.Uploads.CreateBatch(c.UserContext(), fiberx.Actor(c), in.Label, idempotencyKey(c))
	if err != nil {
		return err
	}
	created(c, "/api/v1/batches/"+b.ID.String(), !made)
	return c.JSON(newBatchJSON(b))
}

package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// maxIdempotencyKey in bytes.
const maxIdempotencyKey = 255

// batchCreate makes a batch: 201. The same Idempotency-Key again answers 200
// with the batch that is there.
func (h *handlers) batchCreate(c *fiber.Ctx) error {
	var in struct {
		Label string `json:"label"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	key := utils.CopyString(c.Get("Idempotency-Key"))
	if len(key) > maxIdempotencyKey {
		return domain.FieldErrorf("Idempotency-Key", "An Idempotency-Key has at most %d characters; this one has %d.", maxIdempotencyKey, len(key))
	}
	b, created, err := h.Uploads.CreateBatch(c.UserContext(), fiberx.Actor(c), in.Label, key)
	if err != nil {
		return err
	}
	if created {
		c.Location("/api/v1/batches/" + b.ID.String())
		c.Status(fiber.StatusCreated)
	}
	return c.JSON(newBatchJSON(b))
}

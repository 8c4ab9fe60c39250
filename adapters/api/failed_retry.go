package api

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
)

// reopenedJSON is how many deliveries are due again.
type reopenedJSON struct {
	Reopened int `json:"reopened"`
}

// endpointRetry makes every failed delivery of an endpoint due again: 202, 409
// when there is none.
func (h *handlers) endpointRetry(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	n, err := h.Deliveries.RetryEndpoint(c.UserContext(), fiberx.Actor(c), id)
	return reopened(c, n, err)
}

// eventRetry makes the failed deliveries of an event due again: 202, 409 when
// there is none.
func (h *handlers) eventRetry(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	n, err := h.Deliveries.RetryEvents(c.UserContext(), fiberx.Actor(c), []uuid.UUID{id})
	return reopened(c, n, err)
}

func reopened(c *fiber.Ctx, n int, err error) error {
	if err != nil {
		return err
	}
	c.Status(fiber.StatusAccepted)
	return c.JSON(reopenedJSON{n})
}

package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

var batchFilters = map[string]filterCheck{"status": isOneOf(domain.BatchStatuses)}

// batchList answers with the batches that the actor sees.
func (h *handlers) batchList(c *fiber.Ctx) error {
	q, err := listQuery(c, batchFilters)
	if err != nil {
		return err
	}
	page, err := h.Batches.List(c.UserContext(), fiberx.Actor(c), q)
	if err != nil {
		return err
	}
	place := func(b *domain.Batch) ports.Cursor { return ports.Cursor{At: b.CreatedAt, ID: b.ID} }
	return sendPage(c, page, place, newBatchJSON)
}

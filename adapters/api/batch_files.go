package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

var batchFileFilters = map[string]filterCheck{"status": isOneOf(domain.FileStatuses), "type": isAnything}

// batchFiles answers with the files of one batch.
func (h *handlers) batchFiles(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	q, err := listQuery(c, batchFileFilters)
	if err != nil {
		return err
	}
	if _, err := h.Batches.Find(c.UserContext(), fiberx.Actor(c), id); err != nil {
		return err
	}
	q.Filters["batch"] = []string{id.String()}
	return h.sendFiles(c, q)
}

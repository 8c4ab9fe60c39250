package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

var fileFilters = map[string]filterCheck{
	"status": isOneOf(domain.FileStatuses), "batch": isID, "owner": isID, "type": isAnything,
}

// fileList answers with the files that the actor sees.
func (h *handlers) fileList(c *fiber.Ctx) error {
	q, err := listQuery(c, fileFilters)
	if err != nil {
		return err
	}
	a := fiberx.Actor(c)
	if mine := a.OwnerFilter(); len(q.Filters["owner"]) > 0 && mine != nil {
		return domain.Errorf(domain.Forbidden, "Only admins see the files of others. Leave owner out.")
	}
	return h.sendFiles(c, q)
}

func (h *handlers) sendFiles(c *fiber.Ctx, q ports.ListQuery) error {
	page, err := h.Files.List(c.UserContext(), fiberx.Actor(c), q)
	if err != nil {
		return err
	}
	place := func(f *domain.File) ports.Cursor { return ports.Cursor{At: f.CreatedAt, ID: f.ID} }
	return sendPage(c, page, place, h.fileJSON)
}

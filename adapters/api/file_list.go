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
	if err := mayAskOwner(fiberx.Actor(c), q); err != nil {
		return err
	}
	return h.sendFiles(c, q)
}

// mayAskOwner is Forbidden for who sees nothing of others anyway.
func mayAskOwner(a domain.Actor, q ports.ListQuery) error {
	if len(q.Filters["owner"]) > 0 && a.OwnerFilter() != nil {
		return domain.Errorf(domain.Forbidden, "Only admins see what is of others. Leave owner out.")
	}
	return nil
}

func (h *handlers) sendFiles(c *fiber.Ctx, q ports.ListQuery) error {
	page, err := h.Files.List(c.UserContext(), fiberx.Actor(c), q)
	if err != nil {
		return err
	}
	place := func(f *domain.File) ports.Cursor { return ports.Cursor{At: f.CreatedAt, ID: f.ID} }
	a := fiberx.Actor(c)
	return sendPage(c, page, place, func(f *domain.File) fileJSON { return h.fileJSON(a, f) })
}

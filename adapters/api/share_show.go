package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

// shareShow answers with one link.
func (h *handlers) shareShow(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	l, err := h.Shares.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(h.shareJSON(l))
}

var accessFilters = map[string]filterCheck{"outcome": isOneOf(domain.ShareOutcomes)}

// shareAccesses answers with a link's log.
func (h *handlers) shareAccesses(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	q, err := listQuery(c, accessFilters)
	if err != nil {
		return err
	}
	page, err := h.Shares.Log(c.UserContext(), fiberx.Actor(c), id, q)
	if err != nil {
		return err
	}
	place := func(a *domain.ShareAccess) ports.Cursor { return ports.Cursor{At: a.At, ID: a.ID} }
	return sendPage(c, page, place, newAccessJSON)
}

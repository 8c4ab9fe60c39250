package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

var sessionFilters = map[string]filterCheck{"status": isOneOf(domain.SessionStatuses), "batch": isID, "owner": isID}

// sessionList answers with the upload sessions that the actor sees.
func (h *handlers) sessionList(c *fiber.Ctx) error {
	q, err := listQuery(c, sessionFilters)
	if err != nil {
		return err
	}
	a := fiberx.Actor(c)
	if err := mayAskOwner(a, q); err != nil {
		return err
	}
	page, err := h.Sessions.List(c.UserContext(), a, q)
	if err != nil {
		return err
	}
	place := func(d *usecase.SessionDetail) ports.Cursor {
		return ports.Cursor{At: d.Session.CreatedAt, ID: d.Session.ID}
	}
	return sendPage(c, page, place, listedSession)
}

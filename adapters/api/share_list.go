package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

var (
	shareFilters   = map[string]filterCheck{"state": isOneOf(domain.ShareStates), "kind": isOneOf(domain.ShareKinds), "creator": isID}
	shareOfFilters = map[string]filterCheck{"state": isOneOf(domain.ShareStates), "creator": isID}
)

// shareList answers with the links that one made; with everybody's for admins.
func (h *handlers) shareList(c *fiber.Ctx) error {
	q, err := listQuery(c, shareFilters)
	if err != nil {
		return err
	}
	page, err := h.Shares.List(c.UserContext(), fiberx.Actor(c), q)
	if err != nil {
		return err
	}
	return h.sendShares(c, page)
}

// sharesOf answers with the links to a file or a batch, whoever made them.
func (h *handlers) sharesOf(kind domain.ShareKind) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := fiberx.ParseID(c.Params("id"))
		if err != nil {
			return err
		}
		q, err := listQuery(c, shareOfFilters)
		if err != nil {
			return err
		}
		of := h.Shares.OfFile
		if kind == domain.ShareOfBatch {
			of = h.Shares.OfBatch
		}
		page, err := of(c.UserContext(), fiberx.Actor(c), id, q)
		if err != nil {
			return err
		}
		return h.sendShares(c, page)
	}
}

func (h *handlers) sendShares(c *fiber.Ctx, page ports.Page[*domain.ShareLink]) error {
	place := func(l *domain.ShareLink) ports.Cursor { return ports.Cursor{At: l.CreatedAt, ID: l.ID} }
	return sendPage(c, page, place, h.shareJSON)
}

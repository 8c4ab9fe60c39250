package api

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
)

var replayFilters = map[string]filterCheck{"status": isOneOf(domain.ReplayStatuses), "endpoint": isID}

// replayList answers with replays.
func (h *handlers) replayList(c *fiber.Ctx) error {
	q, err := listQuery(c, replayFilters)
	if err != nil {
		return err
	}
	page, err := h.Replays.List(c.UserContext(), fiberx.Actor(c), q)
	if err != nil {
		return err
	}
	place := func(r *domain.Replay) ports.Cursor { return ports.Cursor{At: r.CreatedAt, ID: r.ID} }
	return sendPage(c, page, place, newReplayJSON)
}

// replayShow answers with one replay.
func (h *handlers) replayShow(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	r, err := h.Replays.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(newReplayJSON(r))
}

// replayCancel stops a running replay; 409 when it has ended.
func (h *handlers) replayCancel(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	r, err := h.Replays.Cancel(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(newReplayJSON(r))
}

package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// fileExtend keeps a file for more hours, or for good.
func (h *handlers) fileExtend(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	var in struct {
		Hours *int `json:"hours"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if in.Hours == nil || *in.Hours < 0 || *in.Hours > domain.MaxExtendHours {
		return domain.FieldErrorf("hours", "hours is a whole number from 0, which keeps the file for good, to %d.", domain.MaxExtendHours)
	}
	f, err := h.Keeper.Extend(c.UserContext(), fiberx.Actor(c), id, time.Duration(*in.Hours)*time.Hour)
	if err != nil {
		return err
	}
	return c.JSON(h.fileJSON(fiberx.Actor(c), f))
}

// fileExpire ends a file's time now. What comes back is deleted, or still
// stored with its time over: then it is held until its receivers have it.
func (h *handlers) fileExpire(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	f, err := h.Keeper.Expire(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return c.JSON(h.fileJSON(fiberx.Actor(c), f))
}

package tus

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// headDraft tells how far an upload is ("Offset Retrieval"): 204.
func (h *handlers) headDraft(c *fiber.Ctx, d dialect) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if err := d.onlyAddressed(c, hOffset, d.completenessName(), hLength); err != nil {
		return err
	}
	id, err := idOf(c)
	if err != nil {
		return err
	}
	found, err := h.Sessions.Find(c.UserContext(), fiberx.Actor(c), id)
	if err == nil {
		err = h.checkThere(found)
	}
	if err == nil {
		found, err = h.still(c, found)
	}
	if err != nil {
		return d.refused(err)
	}
	s := found.Session
	setCount(c, hOffset, offsetOf(found))
	d.setComplete(c, isDone(s))
	if s.TotalSize != nil {
		setCount(c, hLength, *s.TotalSize)
	}
	h.setLimits(c, d, s)
	if isDone(s) {
		setReprDigest(c, found.File)
	}
	c.Status(fiber.StatusNoContent)
	return nil
}

// still ends whoever else writes the upload, as the draft recommends
// ("Concurrency"): an offset that is told must be the one to go on from, even
// when bytes of a connection that died are still under way.
func (h *handlers) still(c *fiber.Ctx, found *usecase.SessionDetail) (*usecase.SessionDetail, error) {
	a := fiberx.Actor(c)
	for range 3 {
		s := found.Session
		if s.Status != domain.SessionInProgress || s.Mode != domain.ModeSequential || a.Require(domain.ScopeUpload) != nil {
			return found, nil
		}
		_, err := h.Sessions.Append(c.UserContext(), a, s.ID, usecase.AppendInput{Offset: s.BytesReceived, Body: strings.NewReader(""), Hold: true})
		if err != nil && !domain.IsCode(err, domain.Conflict) {
			return nil, err
		}
		again, ferr := h.Sessions.Find(c.UserContext(), a, s.ID)
		if ferr != nil || err == nil {
			return again, ferr
		}
		found = again // it went on meanwhile
	}
	return found, h.checkThere(found)
}

// terminateDraft cancels an upload ("Upload Cancellation"), as tus does.
func (h *handlers) terminateDraft(c *fiber.Ctx, d dialect) error {
	if err := d.onlyAddressed(c, hOffset, d.completenessName()); err != nil {
		return err
	}
	return d.refused(h.terminate(c))
}

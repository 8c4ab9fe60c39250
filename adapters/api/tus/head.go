package tus

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// head tells how far an upload is ("HEAD"): durable bytes alone. 410 for one
// that ended without a file, or whose file is gone.
func (h *handlers) head(c *fiber.Ctx) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	d, err := h.Sessions.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	if err := h.checkThere(d); err != nil {
		return err
	}
	s := d.Session
	// A final upload's offset means something when it is finished.
	if s.Kind != domain.SessionFinal || s.Status == domain.SessionComplete {
		setCount(c, hOffset, offsetOf(d))
	}
	if s.TotalSize != nil {
		setCount(c, hLength, *s.TotalSize)
	} else {
		c.Set(hDeferLength, "1")
	}
	repeat(c, s)
	setExpires(c, s)
	setFile(c, s)
	c.Status(fiber.StatusOK)
	return nil
}

// checkThere returns Expired for an upload that is over and for a completed one
// whose file was deleted.
func (h *handlers) checkThere(d *usecase.SessionDetail) error {
	if d.File != nil && d.Session.Status == domain.SessionComplete && d.File.Status == domain.FileDeleted {
		return domain.Errorf(domain.Expired, "The file of this upload was deleted. Start a new one.")
	}
	if err := d.Session.CheckOpen(h.Clock.Now()); domain.IsCode(err, domain.Expired) {
		return err
	}
	return nil
}

// offsetOf is the contiguous durable prefix. A session written in parts has one
// too, up to the first part that is missing.
func offsetOf(d *usecase.SessionDetail) int64 {
	s := d.Session
	if s.Mode != domain.ModeParts || s.IsWhole() {
		return s.BytesReceived
	}
	var end int64
	for _, p := range d.Parts {
		if p.Offset != end {
			break
		}
		end += p.Size
	}
	return end
}

// repeat gives back what the client declared, word for word. A session that
// came through another door has metadata of its own making, so what is no
// header of ours is not repeated.
func repeat(c *fiber.Ctx, s *domain.UploadSession) {
	if text := s.Metadata[hMetadata]; text != "" {
		if _, err := parseMetadata(text); err == nil {
			c.Set(hMetadata, text)
		}
	}
	if text := s.Metadata[hConcat]; text != "" {
		if kind, _, err := parseConcat(text); err == nil && kind == s.Kind {
			c.Set(hConcat, text)
		}
	}
}

package tus

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// patch writes more bytes at the upload's offset ("PATCH"): 204 with the new
// one.
func (h *handlers) patch(c *fiber.Ctx) error {
	w, total, err := readPatch(c)
	if err != nil {
		return err
	}
	s, err := h.applyPatch(c, w, total)
	if err != nil {
		return err
	}
	setCount(c, hOffset, s.BytesReceived)
	setExpires(c, s)
	setFile(c, s)
	c.Status(fiber.StatusNoContent)
	return nil
}

func readPatch(c *fiber.Ctx) (w write, total *int64, err error) {
	if w.id, err = idOf(c); err != nil {
		return w, nil, err
	}
	if !isOffsetType(c) {
		return w, nil, wrongType()
	}
	offset, err := count(c, hOffset)
	if err != nil {
		return w, nil, err
	}
	if offset == nil {
		return w, nil, domain.FieldErrorf(hOffset, "Upload-Offset is missing. Send where these bytes begin; HEAD says it.")
	}
	w.offset = *offset
	if total, err = count(c, hLength); err != nil {
		return w, nil, err
	}
	w.body, w.size = fiberx.Body(c)
	w.sum, err = readChecksum(c, w.size)
	return w, total, err
}

func (h *handlers) applyPatch(c *fiber.Ctx, w write, total *int64) (*domain.UploadSession, error) {
	last := false
	if total != nil {
		var err error
		if last, err = h.checkLength(c, w, *total); err != nil {
			return nil, err
		}
	}
	if last {
		return h.appendLast(c, w, *total)
	}
	s, err := h.append(c, w)
	if domain.IsCode(err, domain.Conflict) {
		return nil, h.conflict(c, w, err)
	}
	return s, err
}

// checkLength looks at an Upload-Length in a PATCH: true when it declares a
// deferred one. Once set it cannot change.
func (h *handlers) checkLength(c *fiber.Ctx, w write, total int64) (declares bool, err error) {
	d, err := h.Sessions.Find(c.UserContext(), fiberx.Actor(c), w.id)
	if err != nil {
		return false, err
	}
	s := d.Session
	switch {
	case s.Kind == domain.SessionFinal:
		return false, finalIsFixed()
	case s.TotalSize != nil && *s.TotalSize != total:
		return false, domain.Errorf(domain.Conflict, "The size of this upload is %d bytes and cannot become %d. Leave out Upload-Length.", *s.TotalSize, total)
	case s.TotalSize != nil:
		return false, nil
	case w.offset != offsetOf(d):
		return false, domain.Errorf(domain.Conflict, "The upload is at %d bytes, not at %d. Go on from there.", offsetOf(d), w.offset)
	case h.MaxSize > 0 && total > h.MaxSize:
		return false, h.tooLarge()
	case total < w.offset:
		return false, domain.FieldErrorf(hLength, "%d bytes are here already, so the upload cannot have %d. Send its real length.", w.offset, total)
	case w.size > total-w.offset:
		return false, tooMuch()
	}
	return true, nil
}

// conflict finds what the protocol says instead: 403 for a final upload
// ("Concatenation"), 410 for one that was terminated when complete
// ("Termination").
func (h *handlers) conflict(c *fiber.Ctx, w write, conflict error) error {
	d, err := h.Sessions.Find(c.UserContext(), fiberx.Actor(c), w.id)
	if err != nil {
		return conflict
	}
	if d.Session.Kind == domain.SessionFinal {
		return finalIsFixed()
	}
	if err := h.checkThere(d); err != nil {
		return err
	}
	return conflict
}

func finalIsFixed() error {
	return domain.Errorf(domain.Forbidden, "A final upload is made of its partial uploads and takes no bytes. Start a new one.")
}

package tus

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// patchDraft appends bytes ("Upload Append"). While they come, 104 tells how
// many are durable.
func (h *handlers) patchDraft(c *fiber.Ctx, d dialect) error {
	w, err := h.readDraftAppend(c, d)
	if err != nil {
		return d.refused(err)
	}
	w.say = d.interim(c)
	s, err := h.writeDraft(c, d, w)
	if err != nil {
		return d.refused(err)
	}
	h.setLimits(c, d, s)
	status := fiber.StatusCreated
	if d.version > 6 && !isDone(s) {
		status = fiber.StatusNoContent
	}
	return h.acknowledge(c, d, s, status)
}

// readDraftAppend reads the request but for its bytes, and compares it with
// where the upload is.
func (h *handlers) readDraftAppend(c *fiber.Ctx, d dialect) (draftWrite, error) {
	var w draftWrite
	var err error
	if w.id, err = idOf(c); err != nil {
		return w, err
	}
	kind, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
	if d.version >= 6 && !utils.EqualFold(strings.TrimSpace(kind), partialType) {
		return w, domain.Errorf(domain.UnsupportedType, "An upload goes on with %s. Send that Content-Type.", partialType)
	}
	var ok bool
	if w.offset, ok = integerItem(c, hOffset); !ok {
		return w, domain.FieldErrorf(hOffset, "Upload-Offset is missing or no number of bytes. Send where these bytes begin; HEAD says it.")
	}
	complete := d.completeness(c)
	if complete == nil && d.version > 6 {
		return w, domain.FieldErrorf(hComplete, "Upload-Complete says whether these are the last bytes: ?1 or ?0. Send one of these.")
	}
	// Up to version 6 only bytes with more to come must say so.
	w.complete = complete == nil || *complete
	w.body, w.size = fiberx.Body(c)
	if w.sum, err = contentDigest(c); err != nil {
		return w, err
	}
	return w, h.checkAppend(c, d, &w)
}

// checkAppend refuses what does not fit to the upload.
func (h *handlers) checkAppend(c *fiber.Ctx, d dialect, w *draftWrite) error {
	found, err := h.Sessions.Find(c.UserContext(), fiberx.Actor(c), w.id)
	if err != nil {
		return err
	}
	if err := h.checkThere(found); err != nil {
		return err
	}
	s, at := found.Session, offsetOf(found)
	setCount(c, hOffset, at)
	h.setLimits(c, d, s)
	if isDone(s) {
		d.setComplete(c, true)
		if d.version > 7 && w.size != 0 {
			return inconsistent("This upload is complete with %d bytes. Start a new one.", at)
		}
		return completed()
	}
	if w.offset != at {
		return mismatch(at, w.offset)
	}
	total, err := w.declaredTotal(c)
	switch {
	case err != nil:
		return err
	case total == nil:
	case s.TotalSize != nil && *s.TotalSize != *total:
		return inconsistent("The size of this upload is %d bytes and cannot become %d. Send bytes up to there.", *s.TotalSize, *total)
	case *total < at:
		return inconsistent("%d bytes are here already, so the upload cannot have %d. Send its real length.", at, *total)
	case h.MaxSize > 0 && *total > h.MaxSize:
		return h.tooLarge()
	}
	if s.TotalSize != nil {
		total = s.TotalSize
	} else {
		w.total = total
	}
	if total != nil && w.size > *total-at {
		return inconsistent("%d bytes more are over the upload's size of %d bytes. Send as many as declared.", w.size, *total)
	}
	return nil
}

// draftWrite is one request's bytes.
type draftWrite struct {
	write
	complete bool   // they are the last ones
	total    *int64 // the size that they declare
	say      informer
}

// declaredTotal is the upload's size as this request tells it ("Length"): by
// Upload-Length, or by the length of a body that is the last. Both must agree.
func (w *draftWrite) declaredTotal(c *fiber.Ctx) (*int64, error) {
	if n, ok := integerItem(c, hLength); ok {
		return w.agree(&n)
	}
	return w.agree(nil)
}

// agree compares what Upload-Length says, if anything, with the body.
func (w *draftWrite) agree(total *int64) (*int64, error) {
	if !w.complete || w.size < 0 {
		return total, nil
	}
	end := w.offset + w.size
	if end < 0 { // more than any number
		return nil, tooMuch()
	}
	if total != nil && *total != end {
		return nil, inconsistent("Upload-Length says %d bytes, but with this body the upload ends after %d. Send its real length.", *total, end)
	}
	return &end, nil
}

// writeDraft hands the bytes over, and completes the upload when they are the
// last ones.
func (h *handlers) writeDraft(c *fiber.Ctx, d dialect, w draftWrite) (*domain.UploadSession, error) {
	in := usecase.AppendInput{Offset: w.offset, Size: w.size, Body: w.body, Total: w.total, Hold: !w.complete, Saved: w.say.saved()}
	if w.sum != nil {
		in.Checksum, in.Sum = w.sum, w.sum.Want
	}
	s, err := h.Sessions.Append(c.UserContext(), fiberx.Actor(c), w.id, in)
	if err != nil {
		return nil, h.draftFailure(c, d, w, s, err)
	}
	if !w.complete || isDone(s) || s.Kind != domain.SessionWhole {
		return s, nil
	}
	if s.TotalSize != nil { // the end came early, of a body in chunks
		setCount(c, hOffset, s.BytesReceived)
		return nil, inconsistent("The last byte came after %d of %d bytes. Send the rest.", s.BytesReceived, *s.TotalSize)
	}
	if s, err = h.Sessions.DeclareSize(c.UserContext(), fiberx.Actor(c), w.id, s.BytesReceived); err != nil {
		return nil, h.draftFailure(c, d, w, nil, err)
	}
	return s, nil
}

// draftFailure finds the draft's words for a failed write, and tells what is
// durable.
func (h *handlers) draftFailure(c *fiber.Ctx, d dialect, w draftWrite, s *domain.UploadSession, failed error) error {
	if s != nil {
		setCount(c, hOffset, s.BytesReceived)
	}
	found, err := h.Sessions.Find(c.UserContext(), fiberx.Actor(c), w.id)
	if err != nil {
		return failed
	}
	now := found.Session
	if isOpen(now) {
		setCount(c, hOffset, offsetOf(found))
	}
	switch {
	case domain.IsCode(failed, domain.Conflict) && isOpen(now) && offsetOf(found) != w.offset:
		return mismatch(offsetOf(found), w.offset)
	case domain.IsCode(failed, domain.TooLarge) && now.TotalSize != nil && isOpen(now):
		return h.overLength(c, d, now)
	case isField(failed, fieldChecksum):
		return domain.FieldErrorf("Content-Digest", "The bytes do not match their digest, so they were dropped. Send them again.")
	case now.IsWhole() && !isOpen(now): // all is here, and what became of it is no matter of the upload
		d.setComplete(c, true)
	}
	return failed
}

// overLength refuses bytes beyond the declared size. From version 7 on that
// ends the upload ("Upload Append": the resource becomes invalid).
func (h *handlers) overLength(c *fiber.Ctx, d dialect, s *domain.UploadSession) error {
	if d.version > 6 {
		if err := h.Sessions.Abort(c.UserContext(), fiberx.Actor(c), s.ID); err != nil {
			return err
		}
		c.Response().Header.Del(hOffset)
		return inconsistent("More bytes came than the %d that were declared, so the upload was ended. Start a new one.", *s.TotalSize)
	}
	return inconsistent("More bytes came than the %d that were declared. Go on from the offset with as many as declared.", *s.TotalSize)
}

func isField(err error, field string) bool {
	e := asError(err)
	return e != nil && e.Code == domain.Invalid && e.Field == field
}

// acknowledge answers for a body that was taken in whole.
func (h *handlers) acknowledge(c *fiber.Ctx, d dialect, s *domain.UploadSession, status int) error {
	setCount(c, hOffset, s.BytesReceived)
	d.setComplete(c, isDone(s))
	if isDone(s) {
		c.Location(creationPath + s.ID.String())
		if c.Get("Want-Repr-Digest") != "" {
			found, err := h.Sessions.Find(c.UserContext(), fiberx.Actor(c), s.ID)
			if err != nil {
				return err
			}
			setReprDigest(c, found.File)
		}
	}
	c.Status(status)
	return nil
}

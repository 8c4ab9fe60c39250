package tus

import (
	"io"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// creation is what a POST asks for.
type creation struct {
	in       usecase.SessionInput
	partials []uuid.UUID // of a final
	withBody bool        // creation-with-upload
	first    write
}

// create makes an upload ("Creation"), with its first bytes when the request
// brings them ("Creation With Upload"): 201 with Location. The same
// Idempotency-Key again answers with the upload made first; when that has bytes
// already, the request's are left aside.
func (h *handlers) create(c *fiber.Ctx) error {
	w, err := h.readCreation(c)
	if err != nil {
		return err
	}
	if w.in.Kind == domain.SessionFinal {
		return h.join(c, w)
	}
	w.open()
	s, made, err := h.Sessions.Create(c.UserContext(), fiberx.Actor(c), w.in)
	if err != nil {
		return err
	}
	if w.withBody {
		w.first.body = w.in.First.Body
	}
	if !made {
		c.Set("Idempotent-Replayed", "true")
	}
	c.Location(creationPath + s.ID.String())
	if s, err = h.begin(c, w, s); err != nil {
		return err
	}
	if w.withBody || !made {
		setCount(c, hOffset, s.BytesReceived)
	}
	setExpires(c, s)
	setFile(c, s)
	c.Status(fiber.StatusCreated)
	return nil
}

// open hands the bytes that come along to the use case.
func (w *creation) open() {
	if w.withBody {
		first := w.first.input()
		w.in.First = &first
	}
}

// begin writes the first bytes to a fresh upload, and finishes one of 0 bytes:
// no PATCH will follow. Bytes that do not match their checksum end the upload
// with them, since nobody would go on with it.
func (h *handlers) begin(c *fiber.Ctx, w *creation, s *domain.UploadSession) (*domain.UploadSession, error) {
	if !w.withBody || s.Status != domain.SessionInit {
		return h.finish(c, s)
	}
	w.first.id = s.ID
	got, err := h.append(c, w.first)
	if err == nil {
		return got, nil
	}
	if fiberx.StatusOf(err) == statusMismatch || w.first.sum != nil && w.first.sum.err != nil {
		c.Response().Header.Del(fiber.HeaderLocation)
		if gone := h.Sessions.Abort(c.UserContext(), fiberx.Actor(c), s.ID); gone != nil {
			return nil, gone
		}
	}
	return nil, err
}

// join makes a final upload ("Concatenation").
func (h *handlers) join(c *fiber.Ctx, w *creation) error {
	s, err := h.Sessions.Join(c.UserContext(), fiberx.Actor(c), w.in, w.partials)
	if err != nil {
		return err
	}
	c.Location(creationPath + s.ID.String())
	setExpires(c, s)
	setFile(c, s)
	c.Status(fiber.StatusCreated)
	return nil
}

// readCreation reads the whole request but for its bytes.
func (h *handlers) readCreation(c *fiber.Ctx) (*creation, error) {
	concat, err := one(c, hConcat)
	if err != nil {
		return nil, err
	}
	metadata, err := one(c, hMetadata)
	if err != nil {
		return nil, err
	}
	pairs, err := parseMetadata(metadata)
	if err != nil {
		return nil, err
	}
	w := &creation{}
	if w.in.Kind, w.partials, err = parseConcat(concat); err != nil {
		return nil, err
	}
	if err := describe(&w.in, pairs); err != nil {
		return nil, err
	}
	w.in.IdempotencyKey = utils.CopyString(c.Get("Idempotency-Key"))
	w.in.Declared = map[string]string{}
	for name, value := range map[string]string{hMetadata: metadata, hConcat: concat} {
		if value != "" {
			w.in.Declared[name] = value
		}
	}
	if err := h.readSize(c, &w.in); err != nil {
		return nil, err
	}
	return w, w.readBody(c)
}

// readSize reads Upload-Length or Upload-Defer-Length; one of them, and none
// for a final, whose length is that of its partials.
func (h *handlers) readSize(c *fiber.Ctx, in *usecase.SessionInput) error {
	total, err := count(c, hLength)
	if err != nil {
		return err
	}
	deferred, err := one(c, hDeferLength)
	if err != nil {
		return err
	}
	switch {
	case deferred != "" && deferred != "1":
		return domain.FieldErrorf(hDeferLength, "Upload-Defer-Length is 1 or not there. Send that.")
	case in.Kind == domain.SessionFinal && (total != nil || deferred != ""):
		return domain.FieldErrorf(hLength, "A final upload is as long as its partial uploads. Leave out Upload-Length and Upload-Defer-Length.")
	case in.Kind != domain.SessionFinal && (total == nil) == (deferred == ""):
		return domain.FieldErrorf(hLength, "An upload has either Upload-Length or Upload-Defer-Length: 1. Send one of them.")
	case total != nil && h.MaxSize > 0 && *total > h.MaxSize:
		return h.tooLarge()
	}
	in.Size = total
	return nil
}

func (h *handlers) tooLarge() error {
	return domain.UploadPolicy{MaxSize: h.MaxSize}.CheckSize(h.MaxSize + 1)
}

// readBody looks whether bytes come along.
func (w *creation) readBody(c *fiber.Ctx) error {
	body, size := fiberx.Body(c)
	w.withBody = isOffsetType(c)
	if !w.withBody {
		if size == 0 {
			return nil
		}
		var one [1]byte
		if n, err := body.Read(one[:]); n > 0 || err != io.EOF {
			return wrongType()
		}
		return nil
	}
	if w.in.Kind == domain.SessionFinal && size != 0 {
		return domain.Errorf(domain.Forbidden, "A final upload has the bytes of its partial uploads and takes none of its own. Send no body.")
	}
	if w.in.Size != nil && size > *w.in.Size {
		return tooMuch()
	}
	sum, err := readChecksum(c, size)
	w.first = write{size: size, body: body, sum: sum}
	return err
}

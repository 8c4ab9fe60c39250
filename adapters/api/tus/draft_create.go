package tus

import (
	"encoding/hex"
	"mime"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// createDraft makes an upload and takes what bytes come along ("Upload
// Creation"): 104 with its address as soon as it has one, and 201 when the body
// has ended. The same Idempotency-Key again answers with the upload made first
// and leaves the body aside.
func (h *handlers) createDraft(c *fiber.Ctx, d dialect) error {
	if max := h.limits(d, nil); max != "" {
		c.Set(hLimit, max) // a refusal for size must say it
	}
	in, w, err := h.readDraftCreation(c, d)
	if err != nil {
		return err
	}
	s, made, err := h.Sessions.Create(c.UserContext(), fiberx.Actor(c), in)
	if err != nil {
		return err
	}
	location := creationPath + s.ID.String()
	c.Location(location)
	h.setLimits(c, d, s)
	if !made {
		c.Set("Idempotent-Replayed", "true")
		return h.acknowledge(c, d, s, fiber.StatusCreated)
	}
	w.id, w.say = s.ID, d.interim(c)
	w.say.created(location, h.limits(d, s))
	if s, err = h.writeDraft(c, d, w); err != nil {
		return err
	}
	return h.acknowledge(c, d, s, fiber.StatusCreated)
}

// readDraftCreation reads the whole request but for its bytes.
func (h *handlers) readDraftCreation(c *fiber.Ctx, d dialect) (usecase.SessionInput, draftWrite, error) {
	in := usecase.SessionInput{Kind: domain.SessionWhole, IdempotencyKey: utils.CopyString(c.Get("Idempotency-Key"))}
	complete := d.completeness(c)
	if complete == nil {
		name := d.completenessName()
		return in, draftWrite{}, domain.FieldErrorf(name, "%s says whether these are the last bytes: ?1 or ?0. Send one of these.", name)
	}
	w := draftWrite{complete: *complete}
	w.body, w.size = fiberx.Body(c)
	var err error
	if in.Size, err = w.declaredTotal(c); err != nil {
		return in, w, err
	}
	if in.Size != nil {
		if h.MaxSize > 0 && *in.Size > h.MaxSize {
			return in, w, h.tooLarge()
		}
		if w.size > *in.Size {
			return in, w, inconsistent("%d bytes are more than the %d of Upload-Length. Send its real length.", w.size, *in.Size)
		}
		// One client says of an empty file only that it has no bytes, and never
		// comes back to complete it.
		w.complete = w.complete || *in.Size == 0
	}
	if w.sum, err = contentDigest(c); err != nil {
		return in, w, err
	}
	if sum, ok := digestOf(c, "Repr-Digest", "sha-256"); ok {
		in.SHA256 = hex.EncodeToString(sum)
	}
	return in, w, describeDraft(c, d, &in)
}

// describeDraft fills in what the request says of the file: the headers of the
// representation, which the draft names, and Upload-Metadata, which clients that
// come from tus send.
func describeDraft(c *fiber.Ctx, d dialect, in *usecase.SessionInput) error {
	metadata, err := one(c, hMetadata)
	if err != nil {
		return err
	}
	pairs, err := parseMetadata(metadata)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, p := range pairs {
		known[p.key] = true
	}
	name, err := dispositionName(c.Get(fiber.HeaderContentDisposition))
	if err != nil {
		return err
	}
	if name != "" && !known["filename"] {
		pairs = append(pairs, pair{"filename", name})
	}
	if kind := representationType(c); kind != "" && !known["filetype"] {
		pairs = append(pairs, pair{"filetype", kind})
	}
	sum := in.SHA256
	if err := describe(in, pairs); err != nil {
		return err
	}
	if in.SHA256 == "" {
		in.SHA256 = sum
	}
	in.Declared = map[string]string{hInterop: d.String()}
	if metadata != "" {
		in.Declared[hMetadata] = metadata
	}
	return nil
}

// dispositionName is the filename of a Content-Disposition (RFC 6266).
func dispositionName(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	_, params, err := mime.ParseMediaType(text)
	if err != nil {
		return "", domain.FieldErrorf(fiber.HeaderContentDisposition, "Content-Disposition is like inline; filename=\"a.pdf\". Send it like that, or leave it out.")
	}
	return strings.Clone(params["filename"]), nil
}

// representationType is the Content-Type of the file; "" when it only describes
// the transfer, or says nothing.
func representationType(c *fiber.Ctx) string {
	kind, _, _ := strings.Cut(utils.CopyString(c.Get(fiber.HeaderContentType)), ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); kind {
	case partialType, offsetType, fiber.MIMEApplicationForm:
		return ""
	}
	return kind
}

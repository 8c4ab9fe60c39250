package api

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// fileUpload takes the body as one file named by the last part of the path.
// `?batch=<id>` puts it into a batch, `?path=<folder>` keeps where it lay. The
// same Idempotency-Key again answers with the file made first.
func (h *handlers) fileUpload(c *fiber.Ctx) error {
	in, err := uploadInput(c)
	if err != nil {
		return err
	}
	f, replayed, err := h.Once.UploadOnce(c.UserContext(), fiberx.Actor(c), in, idempotencyKey(c))
	if err != nil {
		return err
	}
	created(c, filePath(f.ID), replayed)
	return c.JSON(h.fileJSON(fiberx.Actor(c), f))
}

func uploadInput(c *fiber.Ctx) (in usecase.UploadInput, err error) {
	if strings.HasPrefix(strings.ToLower(c.Get(fiber.HeaderContentType)), fiber.MIMEMultipartForm) {
		return in, domain.Errorf(domain.UnsupportedType, "This address takes the file itself as the body, not a form. With curl, use -T FILE instead of -F.")
	}
	if in.Name, err = fiberx.UnescapeName(c.Params("name")); err != nil {
		return in, err
	}
	if in.Name == "" {
		return in, domain.FieldErrorf("name", "The address ends without a file name. Send to /api/v1/files/NAME.")
	}
	if in.BatchID, err = optionalID(c.Query("batch")); err != nil {
		return in, err
	}
	// The query's memory belongs to the request; what is stored outlives it.
	if folder := domain.CleanFolder(utils.CopyString(c.Query("path"))); folder != "" {
		in.Metadata = map[string]string{"path": folder}
	}
	in.Body, in.Size = fiberx.Body(c)
	return in, nil
}

// optionalID is nil for "".
func optionalID(s string) (*uuid.UUID, error) {
	if s == "" {
		return nil, nil
	}
	id, err := fiberx.ParseID(s)
	if err != nil {
		return nil, err
	}
	return &id, nil
}

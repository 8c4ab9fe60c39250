package api

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// newSession is what a client says of a file before its first byte.
type newSession struct {
	Filename *string           `json:"filename"`
	Size     *int64            `json:"size_bytes"`
	BatchID  string            `json:"batch_id"`
	Metadata map[string]string `json:"metadata"`
	Path     string            `json:"path"`
	SHA256   string            `json:"sha256"`
}

// sessionCreate makes an upload session: 201. The same Idempotency-Key again
// answers 200 with the session as it is now, 409 when it asks for another file.
func (h *handlers) sessionCreate(c *fiber.Ctx) error {
	in, err := readSession(c)
	if err != nil {
		return err
	}
	a := fiberx.Actor(c)
	s, made, err := h.Sessions.Create(c.UserContext(), a, in)
	if err != nil {
		return named(err)
	}
	d, err := h.Sessions.Find(c.UserContext(), a, s.ID)
	if err != nil {
		return err
	}
	created(c, sessionPath(s.ID), !made)
	return c.JSON(wholeSession(d))
}

func readSession(c *fiber.Ctx) (in usecase.SessionInput, err error) {
	var body newSession
	if err := readJSON(c, &body); err != nil {
		return in, err
	}
	if body.Filename == nil {
		return in, domain.FieldErrorf("filename", "filename is missing. Send the file's name.")
	}
	if body.Size == nil {
		return in, domain.FieldErrorf("size_bytes", "size_bytes is missing. Send how many bytes the file has.")
	}
	in = usecase.SessionInput{
		Kind: domain.SessionWhole, Name: *body.Filename, Size: body.Size, Metadata: body.Metadata,
		SHA256: body.SHA256, IdempotencyKey: idempotencyKey(c),
	}
	if body.BatchID != "" {
		if isID("batch_id", body.BatchID) != nil {
			return in, domain.FieldErrorf("batch_id", "batch_id is an id, not %q.", body.BatchID)
		}
		if in.BatchID, err = optionalID(body.BatchID); err != nil {
			return in, err
		}
	}
	if body.Path == "" {
		body.Path = body.Metadata["path"]
	}
	delete(in.Metadata, "path")
	if folder := domain.CleanFolder(body.Path); folder != "" {
		if in.Metadata == nil {
			in.Metadata = map[string]string{}
		}
		in.Metadata["path"] = folder
	}
	return in, nil
}

// named calls a field as the body does.
func named(err error) error {
	var e *domain.Error
	var full *domain.OverQuota
	if !errors.As(err, &e) || errors.As(err, &full) { // which has a member size beside
		return err
	}
	bodyNames := map[string]string{"name": "filename", "size": "size_bytes"}
	name, ok := bodyNames[e.Field]
	if !ok {
		return err
	}
	out := *e
	out.Field = name
	return &out
}

package api

import (
	"encoding/json"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// shareInput is what a program sends to make a link. How long it works has to
// be said: null for good is a choice, leaving it out is not.
type shareInput struct {
	ExpiresAt    json.RawMessage `json:"expires_at"`
	Password     string          `json:"password"`
	MaxDownloads *int            `json:"max_downloads"`
}

func (in shareInput) to(kind domain.ShareKind, id uuid.UUID) (usecase.ShareInput, error) {
	out := usecase.ShareInput{File: &id, Password: in.Password}
	if kind == domain.ShareOfBatch {
		out.File, out.Batch = nil, &id
	}
	if in.MaxDownloads != nil {
		if out.MaxDownloads = *in.MaxDownloads; out.MaxDownloads < 1 || out.MaxDownloads > domain.MaxShareDownloads {
			return out, domain.FieldErrorf("max_downloads", "max_downloads is a whole number from 1 to %d, or null for any number.", domain.MaxShareDownloads)
		}
	}
	switch string(in.ExpiresAt) {
	case "null":
		return out, nil
	case "":
		return out, domain.FieldErrorf("expires_at", "Say until when the link works: a time such as 2026-05-04T09:30:00Z, or null for no end.")
	}
	var text string
	if err := json.Unmarshal(in.ExpiresAt, &text); err != nil {
		return out, domain.FieldErrorf("expires_at", "expires_at is a text with a time, or null.")
	}
	until, err := parseTime("expires_at", text)
	out.ExpiresAt = &until
	return out, err
}

// shareCreate makes a link to a file or a batch: 201, with its address. The same
// Idempotency-Key again answers 200 without the address, which nobody has any
// more.
func (h *handlers) shareCreate(kind domain.ShareKind) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, err := fiberx.ParseID(c.Params("id"))
		if err != nil {
			return err
		}
		var in shareInput
		if err := readJSON(c, &in); err != nil {
			return err
		}
		asked, err := in.to(kind, id)
		if err != nil {
			return err
		}
		l, token, replayed, err := h.SharesOnce.CreateOnce(c.UserContext(), fiberx.Actor(c), asked, idempotencyKey(c))
		if err != nil {
			return err
		}
		out := madeShareJSON{shareJSON: h.shareJSON(l)}
		if token != "" {
			url := h.BaseURL + fiberx.SharePath(token)
			out.URL = &url
		}
		created(c, "/api/v1/shares/"+l.ID.String(), replayed)
		return c.JSON(out)
	}
}

package web

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// previewFile sends an image or a PDF to be looked at.
func (s *site) previewFile(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	p, err := s.Previews.Preview(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	return sendPreview(c, p)
}

// sendPreview sends what is no text; nil is nothing to send.
func sendPreview(c *fiber.Ctx, p *usecase.Preview) error {
	if p == nil || p.Kind != usecase.PreviewImage && p.Kind != usecase.PreviewPDF {
		return domain.Errorf(domain.NotFound, "This file has no preview. Download it to look at it.")
	}
	return fiberx.SendPreview(c, p)
}

// PreviewView is the section that shows what is in a file.
type PreviewView struct {
	*usecase.Preview
	Name, URL string // of the file; of its bytes to be looked at
}

// previewView is nil for a preview that there is not.
func previewView(f *domain.File, p *usecase.Preview, url string) *PreviewView {
	if p == nil {
		return nil
	}
	return &PreviewView{Preview: p, Name: f.OriginalFilename, URL: url}
}

// previewOf is the preview on a file's page. One that cannot be had is logged
// and left out: the rest of the page is still true.
func (s *site) previewOf(ctx context.Context, a domain.Actor, id uuid.UUID) *usecase.Preview {
	p, err := s.Previews.Preview(ctx, a, id)
	if err != nil {
		s.Logger.Warn("no preview", "file_id", id, "error", err.Error())
		return nil
	}
	return p
}

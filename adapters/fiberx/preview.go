package fiberx

import (
	"github.com/gofiber/fiber/v2"

	"doorito/ports/usecase"
)

// What a preview may do: nothing. Images are sandboxed as well; the viewers that
// browsers have for PDF refuse to open in a sandbox, and keep a document's
// scripts away from the site that it came from by themselves.
const (
	imagePolicy = "sandbox; default-src 'none'; frame-ancestors 'none'"
	pdfPolicy   = "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// SendPreview shows an image or a PDF in the browser, under the type that its
// bytes have and no other. They pass through the portal, from S3 too: objects
// there are attachments, and pages of the portal load from nowhere else.
func SendPreview(c *fiber.Ctx, p *usecase.Preview) error {
	f := p.Download.File
	policy := imagePolicy
	if p.Kind == usecase.PreviewPDF {
		policy = pdfPolicy
	}
	if notModified(c, f) {
		setValidators(c, f)
		c.Status(fiber.StatusNotModified)
		return nil
	}
	if c.Method() != fiber.MethodHead {
		if err := stream(c, p.Download, byteRange{length: f.SizeBytes}); err != nil {
			return err
		}
	}
	c.Set(fiber.HeaderContentType, p.Type)
	c.Set(fiber.HeaderContentDisposition, "inline")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	setValidators(c, f)
	if c.Method() == fiber.MethodHead {
		c.Response().SkipBody = true
		c.Response().Header.SetContentLength(int(f.SizeBytes))
	}
	return nil
}

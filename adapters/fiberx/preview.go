package fiberx

import (
	"github.com/gofiber/fiber/v2"

	"doorito/domain"
	"doorito/ports/usecase"
)

// What a preview may do: nothing. Both are sandboxed, so that even a viewer with
// a hole speaks for no origin. Chromium 156 shows a PDF in a sandbox as it does
// without one; a viewer that will not leaves the download. What the viewer's own
// button saves is allowed.
const (
	imagePolicy = "sandbox; default-src 'none'; frame-ancestors 'none'"
	pdfPolicy   = "sandbox allow-downloads; default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// SendPreview shows an image or a PDF in the browser, under the type that its
// bytes have and no other. They pass through the portal, from S3 too: objects
// there are attachments, and pages of the portal load from nowhere else. The
// file's name is what a viewer calls the tab and saves under.
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
	c.Set(fiber.HeaderContentDisposition, domain.Inline(f.OriginalFilename))
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

package fiberx

import "github.com/gofiber/fiber/v2"

// contentPolicy of our pages: everything from this origin, no inline script or
// style, no frames. Handlers with other needs (the jobs dashboard, downloads)
// set their own.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// harden sets the headers of every answer before the handler runs.
func (s *server) harden(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, contentPolicy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	if s.secure {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

// keepPrivate stops caches from keeping what a signed-in person saw, unless
// the handler decided otherwise.
func keepPrivate(c *fiber.Ctx) {
	if len(c.Response().Header.Peek(fiber.HeaderCacheControl)) > 0 {
		return
	}
	if Actor(c).IsKnown() || c.Response().StatusCode() >= fiber.StatusBadRequest {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
}

package fiberx

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"doorito/domain"
)

// formSlack is what a form may be larger than the file in it.
const formSlack = 1 << 20

// expect answers `Expect: 100-continue` (RFC 9110, section 10.1.1): what is
// refused by its header alone is refused before a byte of the body is sent. It
// returns the status, 100 to go on. fasthttp's older ContinueHandler would say
// 417, at which curl sends the whole body after all.
func (s *server) expect(ctx *fasthttp.RequestCtx) int {
	c := s.app.AcquireCtx(ctx)
	defer s.app.ReleaseCtx(c)
	err := overrideMethod(c)
	if err == nil {
		err = s.foresee(c)
	}
	if err == nil {
		return fiber.StatusContinue
	}
	if fail := s.fail(c, err); fail != nil {
		return fiber.StatusInternalServerError
	}
	return c.Response().StatusCode()
}

// foresee returns the error that the body would meet anyway.
func (s *server) foresee(c *fiber.Ctx) error {
	size := int64(c.Request().Header.ContentLength())
	if !s.takesUpload(c) {
		if size > MaxSmallBody {
			return domain.Errorf(domain.TooLarge, "This address takes a body of up to %s; this one has %s. Send less.", domain.FormatBytes(MaxSmallBody), domain.FormatBytes(size))
		}
		return nil
	}
	p := strings.ToLower(c.Path())
	program := strings.HasPrefix(p, "/api/") || isTus(p)
	if program && c.Get(fiber.HeaderAuthorization) == "" && c.Cookies(sessionCookie) == "" {
		return domain.Errorf(domain.Unauthenticated, "Sign in first, or send a token.")
	}
	if s.UploadLimit > 0 && size > s.UploadLimit+formSlack {
		return domain.Errorf(domain.TooLarge, "The file is larger than %s, the most that is taken here. Send a smaller one or split it.", domain.FormatBytes(s.UploadLimit))
	}
	return nil
}

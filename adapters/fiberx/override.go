package fiberx

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	"github.com/valyala/fasthttp"

	"doorito/domain"
)

const headerMethodOverride = "X-HTTP-Method-Override"

// knownMethod answers methods that Fiber does not know as everything else that
// is refused; Fiber itself writes a text of its own, past serve.
func (s *server) knownMethod(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		if slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
			next(ctx)
			return
		}
		c := s.app.AcquireCtx(ctx)
		defer s.app.ReleaseCtx(c)
		s.begin(c)
		s.answer(c, fiber.ErrNotImplemented)
		keepPrivate(c)
		s.logRequest(c, 0)
	}
}

// methodsOfTus are what an override may say.
var methodsOfTus = []string{fiber.MethodOptions, fiber.MethodPost, fiber.MethodHead, fiber.MethodPatch, fiber.MethodDelete}

// isTus tells the addresses of tus, in any case, as Fiber matches them.
func isTus(path string) bool {
	const creation = "/files"
	if len(path) < len(creation) || !utils.EqualFold(path[:len(creation)], creation) {
		return false
	}
	return len(path) == len(creation) || path[len(creation)] == '/'
}

// overrideMethod makes X-HTTP-Method-Override the request's method, for tus
// alone (tus 1.0, "X-HTTP-Method-Override"). It runs before anything looks at
// the method, so the guard, the log, the origin checks and the routes see the
// same request as if it had been sent with that method. Invalid when the header
// names none or several.
func overrideMethod(c *fiber.Ctx) error {
	all := c.Request().Header.PeekAll(headerMethodOverride)
	if len(all) == 0 || !isTus(c.Path()) {
		return nil
	}
	method := strings.ToUpper(string(all[0]))
	if len(all) > 1 || !slices.Contains(methodsOfTus, method) {
		return domain.FieldErrorf(headerMethodOverride, "X-HTTP-Method-Override names one of %s. Send one of these, or leave it out.", strings.Join(methodsOfTus, ", "))
	}
	c.Method(method)
	return nil
}

package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"doorito/adapters/fiberx"
)

// jobsPath is where the Asynq dashboard lives; Deps.Monitor is rooted there.
const jobsPath = "/admin/jobs"

// ownHeaders are set by the Monitor for its page; ours would be added to them,
// and a browser obeys the strictest of two policies.
var ownHeaders = []string{
	fiber.HeaderContentSecurityPolicy, fiber.HeaderXFrameOptions, fiber.HeaderXContentTypeOptions, fiber.HeaderReferrerPolicy,
}

// registerJobs mounts the dashboard for admins. Its requests carry no CSRF token
// of ours, so it stands before that check and refuses other sites by itself.
func (s *site) registerJobs(app *fiber.App) {
	if s.Monitor == nil {
		return
	}
	serve := adaptor.HTTPHandler(s.Monitor)
	show := func(c *fiber.Ctx) error {
		for _, name := range ownHeaders {
			c.Response().Header.Del(name)
		}
		return serve(c)
	}
	for _, path := range []string{jobsPath, jobsPath + "/*"} {
		app.Get(path, fiberx.RequireAdmin, show)
		app.Post(path, fiberx.RequireAdmin, show)
		app.Delete(path, fiberx.RequireAdmin, show)
	}
}

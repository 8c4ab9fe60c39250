package web

import (
	"bytes"
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"doorito/adapters/fiberx"
)

// jobsPath is where the Asynq dashboard lives; its Monitor is rooted there.
const jobsPath = "/admin/jobs"

// jobsPolicy is for the Asynq dashboard, which styles and scripts inline. It is
// a page of its own: nothing of ours is loaded in it.
const jobsPolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// wayBack is put into its page, which has no link to ours.
var wayBack = []byte(`<body><a href="/app/" style="position:fixed;right:16px;bottom:16px;z-index:9999;padding:8px 14px;border-radius:6px;` +
	`background:#27201b;color:#f9f7f3;font:600 14px/1.2 system-ui,sans-serif;text-decoration:none;box-shadow:0 2px 10px rgba(0,0,0,.3)">&#8592; Back to Doorito</a>`)

// registerJobs mounts the dashboard for admins. Its own requests carry no CSRF
// token of ours; cross-origin ones are refused by their headers.
func (s *site) registerJobs(app *fiber.App) {
	if s.Monitor == nil {
		return
	}
	guarded := http.NewCrossOriginProtection().Handler(s.Monitor)
	serve := adaptor.HTTPHandler(guarded)
	show := func(c *fiber.Ctx) error {
		if err := serve(c); err != nil {
			return err
		}
		c.Set(fiber.HeaderContentSecurityPolicy, jobsPolicy)
		c.Set(fiber.HeaderCacheControl, "no-store")
		if kind := c.Response().Header.ContentType(); bytes.HasPrefix(kind, []byte("text/html")) {
			page := bytes.Replace(c.Response().Body(), []byte("<body>"), wayBack, 1)
			c.Response().SetBodyRaw(page)
		}
		return nil
	}
	for _, path := range []string{jobsPath, jobsPath + "/*"} {
		app.Get(path, fiberx.RequireAdmin, show)
		app.Post(path, fiberx.RequireAdmin, show)
		app.Delete(path, fiberx.RequireAdmin, show)
	}
}

package web

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/admin"
	"doorito/ports"
)

// AdminIndexPage lists all models.
type AdminIndexPage struct {
	Page
	Models []AdminModel
}

// AdminModel is one kind of thing, with how many there are.
type AdminModel struct{ Title, URL, Icon, About, Count string }

// registerAdmin adds the pages under /admin/.
func (s *site) registerAdmin(app *fiber.App) {
	in := app.Group("/admin", fiberx.RequireSignIn, fiberx.CSRF)
	users, schedules, audit := s.users(), s.schedules(), s.audit()
	in.Get("/", fiberx.RequireAdmin, func(c *fiber.Ctx) error {
		var models []AdminModel
		for _, count := range []func() (AdminModel, error){
			func() (AdminModel, error) { return modelOf(c, users) },
			func() (AdminModel, error) { return modelOf(c, schedules) },
			func() (AdminModel, error) { return modelOf(c, audit) },
		} {
			m, err := count()
			if err != nil {
				return err
			}
			models = append(models, m)
		}
		models = append(models, []AdminModel{
			{Title: "Files", URL: "/app/files/", Icon: "files", About: "What people handed in."},
			{Title: "Batches", URL: "/app/batches/", Icon: "layers", About: "What was handed in together."},
			{Title: "Outbox events", URL: "/app/events/", Icon: "radio", About: "What receivers are told; failed ones can be retried."},
			{Title: "Deliveries", URL: "/app/deliveries/", Icon: "send", About: "What is owed to each endpoint, with every attempt."},
			{Title: "Endpoints", URL: "/app/endpoints/", Icon: "webhook", About: "Who is told."},
			{Title: "API tokens", URL: "/app/tokens/?owner=all", Icon: "key-round", About: "What programs come in with."},
		}...)
		return render(c, "pages/admin_index", "", AdminIndexPage{Page: s.page(c, "All models", "models"), Models: models})
	})
	serveAdmin(s, in, users)
	in.Get("/schedules/preview", fiberx.RequireAdmin, s.previewSchedule)
	serveAdmin(s, in, schedules)
	serveAdmin(s, in, audit)
}

func modelOf[T, D any](c *fiber.Ctx, r *admin.Resource[T, D]) (AdminModel, error) {
	page, err := r.List.Source(c.UserContext(), fiberx.Actor(c), ports.ListQuery{Limit: 1})
	return AdminModel{Title: r.List.Title, URL: r.List.Path, Icon: r.Icon, About: r.About, Count: cappedAt(page.Total, page.Capped)}, err
}

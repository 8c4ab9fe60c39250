package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/admin"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/atonce"
)

// AdminIndexPage lists all models.
type AdminIndexPage struct {
	Page
	Models []AdminModel
}

// AdminModel is one kind of thing, with how many there are.
type AdminModel struct{ Title, URL, Icon, About, Count string }

// model counts one kind of thing.
type model func(ctx context.Context, a domain.Actor) (AdminModel, error)

// countsAtOnce is how many kinds are counted at a time.
const countsAtOnce = 3

// registerAdmin adds the pages under /admin/.
func (s *site) registerAdmin(app *fiber.App) {
	in := app.Group("/admin", fiberx.RequireSignIn, fiberx.CSRF)
	var models []model
	in.Get("/", fiberx.RequireAdmin, func(c *fiber.Ctx) error { return s.showAdmin(c, models) })
	in.Get("/schedules/preview", fiberx.RequireAdmin, s.previewSchedule)
	models = []model{
		serveAdmin(s, in, s.users()),
		serveAdmin(s, in, s.invitations()),
		serveAdmin(s, in, s.allFiles()),
		serveAdmin(s, in, s.allBatches()),
		serveAdmin(s, in, s.uploadSessions()),
		serveAdmin(s, in, s.uploadParts()),
		serveAdmin(s, in, s.outboxEvents()),
		serveAdmin(s, in, s.receivers()),
		serveAdmin(s, in, s.owedDeliveries()),
		serveAdmin(s, in, s.attempts()),
		serveAdmin(s, in, s.allShares()),
		serveAdmin(s, in, s.allTokens()),
		serveAdmin(s, in, s.schedules()),
		serveAdmin(s, in, s.audit()),
	}
}

func (s *site) showAdmin(c *fiber.Ctx, models []model) error {
	page := AdminIndexPage{Page: s.page(c, "All models", "models"), Models: make([]AdminModel, len(models))}
	ctx, actor := c.UserContext(), fiberx.Actor(c)
	counts := make([]func() error, len(models))
	for i, count := range models {
		counts[i] = func() (err error) {
			page.Models[i], err = count(ctx, actor)
			return err
		}
	}
	if err := atonce.Do(countsAtOnce, counts...); err != nil {
		return err
	}
	return render(c, "pages/admin_index", "", page)
}

func modelOf[T, D any](r *admin.Resource[T, D]) model {
	return func(ctx context.Context, a domain.Actor) (AdminModel, error) {
		page, err := r.List.Source(ctx, a, ports.ListQuery{Limit: 1})
		return AdminModel{Title: r.List.Title, URL: r.List.Path, Icon: r.Icon, About: r.About, Count: cappedAt(page.Total, page.Capped)}, err
	}
}

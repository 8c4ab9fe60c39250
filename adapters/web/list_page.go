package web

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
)

// ListPage is every list.
type ListPage struct {
	Page
	List *list.View
}

// serveList adds a resource's page and its bulk actions.
func serveList[T any](s *site, in fiber.Router, path string, r *list.Resource[T], guards ...fiber.Handler) {
	show := func(c *fiber.Ctx) error { return showList(s, c, r) }
	in.Get(path, append(guards[:len(guards):len(guards)], show)...)
	if len(r.Actions) > 0 {
		do := func(c *fiber.Ctx) error { return doList(c, r) }
		in.Post(path, append(guards[:len(guards):len(guards)], do)...)
	}
}

func showList[T any](s *site, c *fiber.Ctx, r *list.Resource[T]) error {
	v, err := r.Show(c.UserContext(), fiberx.Actor(c), string(c.Request().URI().QueryString()), s.Clock.Now())
	if err != nil {
		return err
	}
	p := ListPage{Page: s.page(c, r.Title, r.Name), List: v}
	if r.AdminOnly {
		p.Crumbs = append([]Crumb{{Label: "Webhooks", URL: "/app/endpoints/"}}, p.Crumbs...)
	}
	return render(c, "pages/list", "list", p)
}

func doList[T any](c *fiber.Ctx, r *list.Resource[T]) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	out, err := r.Do(c.UserContext(), fiberx.Actor(c), form)
	if err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
		return seeOther(c, list.CheckBack(r.Path, form.Get("back"), r.Filters))
	}
	say(c, Toast{Kind: "ok", Text: out.Text})
	return seeOther(c, out.Back)
}

package web

import (
	"context"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

// AdminPage is one thing: its form or its facts, what belongs to it, and the
// newest lines of its history.
type AdminPage struct {
	Page
	Object       *admin.View
	HistoryCount string
	History      []HistoryLine
	Changes      []admin.Change // what it tells was changed, if it tells such things
}

// AdminDeletePage asks before one is deleted.
type AdminDeletePage struct {
	Page
	Object                                   *admin.View
	Goes                                     []admin.Consequence
	Stays, Instead, Sure, SureError, Refused string
}

// adminPages are the handlers of one resource.
type adminPages[T, D any] struct {
	*site
	r *admin.Resource[T, D]
}

// serveAdmin adds all pages that the resource has, and returns its line on the
// index.
func serveAdmin[T, D any](s *site, in fiber.Router, r *admin.Resource[T, D]) model {
	p := &adminPages[T, D]{s, r}
	base := strings.TrimPrefix(r.List.Path, "/admin")
	guard := fiberx.RequireAdmin
	in.Get(base, guard, p.list)
	if len(r.List.Actions) > 0 {
		in.Post(base, guard, func(c *fiber.Ctx) error { return doList(c, r.List) })
	}
	in.Get(base+"export.csv", guard, p.export)
	in.Get(base+"export.json", guard, p.export)
	if r.Form != nil {
		if r.Form.Add != nil {
			in.Get(base+"add/", guard, p.newOne)
			in.Post(base+"add/", guard, p.add)
		}
		if r.Form.Save != nil {
			in.Post(base+":id/", guard, p.save)
		}
	}
	if r.Find != nil {
		in.Get(base+":id/", guard, p.show)
	}
	if r.Object != "" {
		in.Get(base+":id/history/", guard, p.history)
	}
	if r.Delete != nil {
		in.Get(base+":id/delete/", guard, p.askDelete)
		in.Post(base+":id/delete/", guard, p.delete)
	}
	for _, act := range r.Actions {
		in.Post(base+":id/do/"+act.Name, guard, func(c *fiber.Ctx) error { return p.do(c, act) })
	}
	return modelOf(r)
}

func (p *adminPages[T, D]) env() list.Env { return list.Env{Now: p.Clock.Now(), Admin: true} }

func (p *adminPages[T, D]) crumbs(c *fiber.Ctx, title string, more ...Crumb) Page {
	nav := p.r.Nav
	if nav == "" {
		nav = "models"
	}
	return p.page(c, title, nav, append([]Crumb{{Label: "Admin", URL: "/admin/"}}, more...)...)
}

// list shows the list; its rows carry its state along to their pages.
func (p *adminPages[T, D]) list(c *fiber.Ctx) error {
	v, err := p.r.List.Show(c.UserContext(), fiberx.Actor(c), string(c.Request().URI().QueryString()), p.Clock.Now())
	if err != nil {
		return err
	}
	if v.Back != "" {
		for _, row := range v.Rows {
			for i := range row.Cells {
				if strings.HasPrefix(row.Cells[i].URL, v.Path) {
					row.Cells[i].URL += "?list=" + url.QueryEscape(v.Back)
				}
			}
		}
	}
	return render(c, "pages/list", "list", ListPage{Page: p.crumbs(c, p.r.List.Title), List: v})
}

// export streams the whole list.
func (p *adminPages[T, D]) export(c *fiber.Ctx) error {
	format, kind := list.FormatCSV, "text/csv; charset=utf-8; header=present"
	if strings.HasSuffix(c.Path(), ".json") {
		format, kind = list.FormatJSON, fiber.MIMEApplicationJSON
	}
	now := p.Clock.Now()
	rows, err := p.r.List.Export(context.WithoutCancel(c.UserContext()), fiberx.Actor(c), string(c.Request().URI().QueryString()), format, now)
	if err != nil {
		return err
	}
	return fiberx.SendStream(c, p.r.List.Many+"-"+now.UTC().Format("2006-01-02")+"."+format, kind, rows)
}

func (p *adminPages[T, D]) find(c *fiber.Ctx) (D, uuid.UUID, error) {
	var none D
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return none, id, err
	}
	d, err := p.r.Find(c.UserContext(), fiberx.Actor(c), id)
	return d, id, err
}

func (p *adminPages[T, D]) show(c *fiber.Ctx) error {
	d, _, err := p.find(c)
	if err != nil {
		return err
	}
	v := p.r.Show(d, p.env(), c.Query("list"))
	v.Secret = p.takeOnce(c, v.Own)
	return p.showView(c, v, d)
}

// showView renders the page, as it is or with what was typed.
func (p *adminPages[T, D]) showView(c *fiber.Ctx, v *admin.View, d D) error {
	page := AdminPage{Page: p.crumbs(c, v.Title, Crumb{Label: p.r.List.Title, URL: v.BackURL}), Object: v}
	if p.r.Object != "" {
		lines, err := p.lines(c, p.r.ID(d), ports.ListQuery{Limit: 5})
		if err != nil {
			return err
		}
		page.History, page.HistoryCount = lines.lines, lines.total
	}
	if p.r.Changes != nil {
		page.Changes = p.r.Changes(d)
	}
	return render(c, "pages/admin_object", "object", page)
}

func (p *adminPages[T, D]) newOne(c *fiber.Ctx) error {
	v := p.r.ShowAdd(c.Query("list"))
	return p.showAdd(c, v)
}

func (p *adminPages[T, D]) showAdd(c *fiber.Ctx, v *admin.View) error {
	return render(c, "pages/admin_add", "", AdminPage{Page: p.crumbs(c, v.Title, Crumb{Label: p.r.List.Title, URL: v.BackURL}), Object: v})
}

func (p *adminPages[T, D]) add(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	made, err := p.r.Form.Add(c.UserContext(), fiberx.Actor(c), form)
	if isAdminFormError(err) {
		v := p.r.ShowAdd(form.Get("list"))
		v.Typed(form, fieldOf(err), messageOf(err))
		c.Status(fiberx.StatusOf(err))
		return p.showAdd(c, v)
	}
	if err != nil {
		return err
	}
	say(c, Toast{Kind: "ok", Text: made.Text})
	own := p.r.List.Path + made.ID.String() + "/"
	switch {
	case made.Secret != "":
		return p.showOnce(c, own, made.Secret)
	case form.Get("go") != "":
		return seeOther(c, own+listQuery(form.Get("list")))
	}
	return seeOther(c, p.r.BackTo(form.Get("list")))
}

func (p *adminPages[T, D]) save(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	d, id, err := p.find(c)
	if err != nil {
		return err
	}
	seen, err := admin.Seen(form)
	if err == nil {
		err = p.r.Form.Save(c.UserContext(), fiberx.Actor(c), id, form, seen)
	}
	if isAdminFormError(err) {
		v := p.r.Show(d, p.env(), form.Get("list"))
		v.Typed(form, fieldOf(err), messageOf(err))
		c.Status(fiberx.StatusOf(err))
		return p.showView(c, v, d)
	}
	if err != nil {
		return err
	}
	say(c, Toast{Kind: "ok", Text: "Saved."})
	if form.Get("go") != "" {
		return seeOther(c, p.r.OwnPath(d)+listQuery(form.Get("list")))
	}
	return seeOther(c, p.r.BackTo(form.Get("list")))
}

// isAdminFormError tells whether the form can show it.
func isAdminFormError(err error) bool {
	return domain.IsCode(err, domain.Invalid) || domain.IsCode(err, domain.Conflict)
}

func listQuery(query string) string {
	if query == "" {
		return ""
	}
	return "?list=" + url.QueryEscape(query)
}

func (p *adminPages[T, D]) do(c *fiber.Ctx, act admin.Action[D]) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	d, _, err := p.find(c)
	if err != nil {
		return err
	}
	own := p.r.OwnPath(d)
	done, err := act.Start(c.UserContext(), fiberx.Actor(c), d, form.Get("value"))
	if err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
		return seeOther(c, own)
	}
	say(c, Toast{Kind: "ok", Text: done.Text})
	if done.Secret != "" {
		return p.showOnce(c, own, done.Secret)
	}
	return seeOther(c, own)
}

func (p *adminPages[T, D]) askDelete(c *fiber.Ctx) error {
	d, _, err := p.find(c)
	if err != nil {
		return err
	}
	return p.showDelete(c, d, c.Query("list"), "")
}

func (p *adminPages[T, D]) showDelete(c *fiber.Ctx, d D, back, mistyped string) error {
	v := p.r.Show(d, p.env(), back)
	del := p.r.Delete
	page := AdminDeletePage{
		Page:   p.crumbs(c, "Delete", Crumb{Label: p.r.List.Title, URL: v.BackURL}, Crumb{Label: v.Title, URL: v.Own}),
		Object: v, Goes: del.Goes(d), Stays: del.Stays, Sure: del.Sure(d), SureError: mistyped,
	}
	if del.Instead != nil {
		page.Instead = del.Instead(d)
	}
	if del.Refuse != nil {
		if e := del.Refuse(fiberx.Actor(c), d); e != nil {
			page.Refused = e.Message
		}
	}
	return render(c, "pages/admin_delete", "", page)
}

func (p *adminPages[T, D]) delete(c *fiber.Ctx) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	d, id, err := p.find(c)
	if err != nil {
		return err
	}
	if sure := p.r.Delete.Sure(d); strings.TrimSpace(form.Get("sure")) != sure {
		c.Status(fiber.StatusBadRequest)
		return p.showDelete(c, d, form.Get("list"), "Nothing was deleted. Type "+sure+" exactly.")
	}
	text, err := p.r.Delete.Run(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
		return seeOther(c, p.r.OwnPath(d))
	}
	say(c, Toast{Kind: "ok", Text: text})
	return seeOther(c, p.r.BackTo(form.Get("list")))
}

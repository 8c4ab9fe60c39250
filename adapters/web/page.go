package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// Page is what every page's struct embeds: what the layout shows.
type Page struct {
	Title      string
	Nav        string // key of the sidebar's line
	Crumbs     []Crumb
	User       *User // nil when nobody is signed in
	Theme      string
	CSRF       string
	RequestID  string
	Version    string
	Toasts     []Toast
	Host       string
	Relay      Relay
	Storage    Storage
	Attention  int
	PendingDot bool
}

// Crumb is a step of the breadcrumb; the last has no URL.
type Crumb struct{ Label, URL string }

// User is who is signed in, for showing.
type User struct {
	Name, Email, Initials, Role string
	IsAdmin                     bool
	MayUpload                   bool
}

// Toast tells the result of what was done last. Kind is ok or error.
type Toast struct{ Kind, Text, URL, URLText string }

// Relay is the line on the health of deliveries; Text "" hides it.
type Relay struct {
	OK   bool
	Text string
}

// Storage is how much is kept; TotalBytes 0 means that nobody knows the whole.
type Storage struct{ UsedBytes, TotalBytes int64 }

// lateRelay is from when on due work counts as late.
const lateRelay = 15 * time.Second

// maxCrumb and maxLastCrumb are how many characters of a step stay, so that the
// steps leave each other room; the heading has the whole.
const (
	maxCrumb     = 32
	maxLastCrumb = 48
)

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// page fills what the layout needs. A pulse that cannot be had is logged and
// left out: it is not what the visitor came for.
func (s *site) page(c *fiber.Ctx, title, nav string, crumbs ...Crumb) Page {
	for i := range crumbs {
		crumbs[i].Label = clip(crumbs[i].Label, maxCrumb)
	}
	p := Page{
		Title: title, Nav: nav, Crumbs: append(crumbs, Crumb{Label: clip(title, maxLastCrumb)}), Theme: theme(c),
		RequestID: fiberx.RequestID(c), Version: s.Version, Host: s.host, Toasts: takeToasts(c),
	}
	signed := fiberx.Signed(c)
	if signed == nil {
		return p
	}
	p.CSRF, p.User = fiberx.PageToken(c), userOf(signed.Actor)
	pulse, err := s.Dashboard.Pulse(c.UserContext(), signed.Actor)
	if err != nil {
		s.Logger.Warn("pulse failed", "request_id", p.RequestID, "error", err.Error())
		return p
	}
	p.Attention, p.Storage.UsedBytes = pulse.Attention, pulse.StoredBytes
	if !signed.Actor.IsAdmin() { // admins see what all have
		p.Storage.TotalBytes = signed.Actor.Allowance.Quota
	}
	p.PendingDot = pulse.EndpointBad && p.User.IsAdmin
	p.Relay = Relay{OK: true, Text: "on time"}
	if pulse.RelayLate > lateRelay {
		p.Relay = Relay{Text: formatDuration(pulse.RelayLate.Truncate(time.Second)) + " late"}
	}
	return p
}

func userOf(a domain.Actor) *User {
	u := &User{Name: a.Name, Email: a.Email, Role: string(a.Role), IsAdmin: a.IsAdmin(), MayUpload: a.May(domain.MayUpload)}
	for _, word := range strings.Fields(a.Name) {
		for _, r := range word {
			u.Initials += strings.ToUpper(string(r))
			break
		}
		if len([]rune(u.Initials)) == 2 {
			break
		}
	}
	return u
}

// theme is what the visitor chose; "" follows the system.
func theme(c *fiber.Ctx) string {
	switch t := c.Cookies("theme"); t {
	case "light", "dark":
		return utils.CopyString(t)
	}
	return ""
}

// hostOf is the name of the portal as people know it.
func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Host
}

// isPart tells whether HTMX asks for a part of this page by the id of its
// target, so that the layout can be left out.
func isPart(c *fiber.Ctx, id string) bool {
	return c.Get("HX-Request") == "true" && c.Get("HX-Target") == id && c.Get("HX-History-Restore-Request") != "true"
}

// soonDue is from when on a delivery that waits is watched closely.
const soonDue = 10 * time.Second

// every is how often a live part asks again: closely while something is moving,
// now and then while it waits for its time.
func every(moving bool) string {
	if moving {
		return "2s"
	}
	return "20s"
}

// anyDue tells whether one of the deliveries is being sent or about to be.
func anyDue(ds []*domain.Delivery, now time.Time) bool {
	return slices.ContainsFunc(ds, func(d *domain.Delivery) bool {
		return d.Status == domain.DeliveryPending && d.NextAttemptAt.Sub(now) < soonDue
	})
}

// readForm reads what a form of ours sent; 400 when it cannot be read.
func readForm(c *fiber.Ctx) (url.Values, error) {
	form, err := url.ParseQuery(string(c.Body()))
	if err != nil {
		return nil, fiber.ErrBadRequest
	}
	return form, nil
}

// render shows a whole page, or the part of it that HTMX asked for.
func render(c *fiber.Ctx, name, part string, data any) error {
	c.Set(fiber.HeaderVary, "HX-Request, HX-Target")
	c.Set(fiber.HeaderCacheControl, "no-store")
	if part != "" && isPart(c, part) {
		return c.Render(name, data, noLayout)
	}
	return c.Render(name, data, layoutApp)
}

package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
	"doorito/domain"
)

// CertFormPage sets the client certificate of an endpoint.
type CertFormPage struct {
	Page
	Endpoint    *domain.Endpoint
	Certificate string // what was typed; the key is never shown again
	Errors      map[string]string
}

// certBanner warns of a client certificate that has expired or soon will; nil
// when there is nothing to say.
func certBanner(e *domain.Endpoint, whose string, now time.Time) *list.Banner {
	if !e.Active || !e.ClientCert.EndsSoon(now) {
		return nil
	}
	b := &list.Banner{
		State: "slowed", Icon: "hourglass", Strong: whose + " " + certEnd(e.ClientCert, now) + ".",
		Text: "From then on a receiver that checks it refuses every delivery.", URL: "/app/endpoints/" + e.ID.String() + "/certificate/", URLText: "Set a renewed one",
	}
	if e.ClientCert.Expired(now) {
		b.State, b.Icon, b.Text = "failed", "triangle-alert", "A receiver that checks it refuses every delivery. They are kept and tried again."
	}
	return b
}

// certEnd is when a certificate ends, in words.
func certEnd(c *domain.ClientCert, now time.Time) string {
	if c.Expired(now) {
		return "expired on " + dayAndTime(c.NotAfter)
	}
	return "expires in " + counted(int(c.NotAfter.Sub(now).Hours()/24), "day") + ", on " + dayAndTime(c.NotAfter)
}

func (s *site) newCert(c *fiber.Ctx) error {
	e, err := s.endpointOf(c)
	if err != nil {
		return err
	}
	return s.certForm(c, e, "", nil)
}

func (s *site) certForm(c *fiber.Ctx, e *domain.Endpoint, typed string, err error) error {
	crumb := Crumb{Label: e.Name, URL: "/app/endpoints/" + e.ID.String() + "/"}
	p := CertFormPage{Page: s.page(c, "Client certificate", "endpoints", append(endpointCrumbs(), crumb)...), Endpoint: e, Certificate: typed, Errors: map[string]string{}}
	if err != nil {
		c.Status(fiberx.StatusOf(err))
		field := fieldOf(err)
		if field != "certificate" && field != "private_key" {
			field = ""
		}
		p.Errors[field] = messageOf(err)
	}
	return render(c, "pages/endpoint_cert", "", p)
}

func (s *site) setCert(c *fiber.Ctx) error {
	e, err := s.endpointOf(c)
	if err != nil {
		return err
	}
	cert := c.FormValue("certificate")
	_, err = s.Keys.SetClientCert(c.UserContext(), fiberx.Actor(c), e.ID, cert, c.FormValue("private_key"))
	if isFormError(err) {
		return s.certForm(c, e, cert, err)
	}
	if err != nil {
		return err
	}
	say(c, Toast{Kind: "ok", Text: "Saved. The next connection shows it."})
	return seeOther(c, "/app/endpoints/"+e.ID.String()+"/")
}

func (s *site) removeCert(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := s.Keys.RemoveClientCert(c.UserContext(), fiberx.Actor(c), id); err != nil {
		return err
	}
	say(c, Toast{Kind: "ok", Text: "Removed. The next connection shows no certificate."})
	return seeOther(c, "/app/endpoints/"+id.String()+"/")
}

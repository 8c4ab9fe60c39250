package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// SamplePage sends an event of any type with data that can be edited.
type SamplePage struct {
	Page
	Endpoint         *domain.Endpoint
	Tabs             []SampleTab
	Type, Data       string
	DataError, Error string
}

// SampleTab chooses a type.
type SampleTab struct {
	Type, URL string
	On        bool
}

func (s *site) newSample(c *fiber.Ctx) error {
	e, err := s.endpointOf(c)
	if err != nil {
		return err
	}
	t := domain.EventType(utils.CopyString(c.Query("type", string(domain.EventFileStored))))
	if !slices.Contains(domain.EventTypes, t) {
		return domain.FieldErrorf("type", "%q is not an event type.", t)
	}
	return s.samplePage(c, e, t, string(domain.SampleData(t, s.Clock.Now())), nil)
}

func (s *site) samplePage(c *fiber.Ctx, e *domain.Endpoint, t domain.EventType, data string, err error) error {
	own := "/app/endpoints/" + e.ID.String() + "/"
	p := SamplePage{
		Page: s.page(c, "Sample event", "endpoints", append(endpointCrumbs(), Crumb{Label: e.Name, URL: own})...), Endpoint: e, Type: string(t), Data: data,
	}
	for _, other := range domain.EventTypes {
		p.Tabs = append(p.Tabs, SampleTab{Type: string(other), URL: own + "sample/?type=" + string(other), On: other == t})
	}
	if err != nil {
		c.Status(fiberx.StatusOf(err))
		if fieldOf(err) == "data" {
			p.DataError = messageOf(err)
		} else {
			p.Error = messageOf(err)
		}
	}
	return render(c, "pages/sample", "", p)
}

// sendSample sends it now; the delivery's page shows the answer.
func (s *site) sendSample(c *fiber.Ctx) error {
	e, err := s.endpointOf(c)
	if err != nil {
		return err
	}
	t, data := domain.EventType(utils.CopyString(c.FormValue("type"))), utils.CopyString(c.FormValue("data"))
	d, err := s.Endpoints.Sample(c.UserContext(), fiberx.Actor(c), e.ID, t, []byte(data))
	if isFormError(err) || domain.IsCode(err, domain.Unavailable) {
		return s.samplePage(c, e, t, data, err)
	}
	if err != nil {
		return err
	}
	return seeOther(c, deliveryURL(d.Delivery))
}

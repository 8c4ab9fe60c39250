package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// EndpointFormPage adds or edits an endpoint.
type EndpointFormPage struct {
	Page
	Heading, Action, Cancel, Do string
	Name, URL                   string
	Families                    []EventFamily
	Filter                      FilterFields
	Headers                     []HeaderFields
	Pace                        domain.PaceText
	Preview                     FilterPreview
	Errors                      map[string]string // by field; "" is of the whole form
}

// EventFamily is file.*, batch.* or endpoint.* with its types.
type EventFamily struct {
	Name, Pattern, Label string
	On                   bool
	Types                []EventChoice
}

// EventChoice is one type of event with what it tells.
type EventChoice struct {
	Type, Text string
	On         bool
}

// EndpointCreatedPage shows the secret of a new endpoint, the only time that it
// is shown unasked.
type EndpointCreatedPage struct {
	Page
	Endpoint *domain.Endpoint
	Secret   string
	Guide    []GuideTab
}

var eventTexts = map[domain.EventType]string{
	domain.EventFileStored:       "A file arrived and can be fetched.",
	domain.EventFileExpiring:     "A file expires soon.",
	domain.EventFileProcessed:    "A receiver marked a file processed.",
	domain.EventFileDeleted:      "A file was deleted, or expired.",
	domain.EventFileFailed:       "A file was refused or marked failed.",
	domain.EventBatchCompleted:   "All files of a batch are here, or failed.",
	domain.EventEndpointFailing:  "Another endpoint does not answer.",
	domain.EventEndpointDisabled: "Another endpoint was disabled.",
}

var familyLabels = map[string]string{"file": "Every file event", "batch": "Every batch event", "endpoint": "Every endpoint event"}

// eventFamilies groups the types that an endpoint can choose.
func eventFamilies(chosen []string) []EventFamily {
	var out []EventFamily
	for _, t := range domain.EventTypes {
		name, _, _ := strings.Cut(string(t), ".")
		if len(out) == 0 || out[len(out)-1].Name != name {
			pattern := name + ".*"
			out = append(out, EventFamily{Name: name, Pattern: pattern, Label: familyLabels[name], On: slices.Contains(chosen, pattern)})
		}
		f := &out[len(out)-1]
		f.Types = append(f.Types, EventChoice{Type: string(t), Text: eventTexts[t], On: slices.Contains(chosen, string(t))})
	}
	return out
}

func endpointCrumbs() []Crumb {
	return []Crumb{{Label: "Webhooks", URL: "/app/endpoints/"}, {Label: "Endpoints", URL: "/app/endpoints/"}}
}

func (s *site) newEndpoint(c *fiber.Ctx) error {
	return s.endpointForm(c, nil, endpointInput{}, nil)
}

// endpointForm shows the form; e is nil for a new endpoint, err what was wrong.
func (s *site) endpointForm(c *fiber.Ctx, e *domain.Endpoint, in endpointInput, err error) error {
	f := in.form
	p := EndpointFormPage{Name: f.Name, URL: f.URL, Families: eventFamilies(f.EventTypes), Filter: in.filter, Headers: headerFields(e, f.Headers), Pace: in.pace, Errors: map[string]string{}}
	if e == nil {
		p.Page = s.page(c, "Add endpoint", "endpoints", endpointCrumbs()...)
		p.Heading, p.Action, p.Cancel, p.Do = "Add endpoint", "/app/endpoints/new/", "/app/endpoints/", "Add endpoint"
	} else {
		own := "/app/endpoints/" + e.ID.String() + "/"
		p.Page = s.page(c, "Edit", "endpoints", append(endpointCrumbs(), Crumb{Label: e.Name, URL: own})...)
		p.Heading, p.Action, p.Cancel, p.Do = "Edit "+e.Name, own+"edit/", own, "Save changes"
	}
	if err != nil {
		c.Status(fiberx.StatusOf(err))
		p.Errors[formField(err)] = messageOf(err)
	}
	var perr error
	if p.Preview, perr = s.preview(c, f); perr != nil {
		return perr
	}
	return render(c, "pages/endpoint_form", "", p)
}

// formFields are those that show their own mistakes.
var formFields = []string{"name", "url", "event_types", "content_types", "min_size", "max_size", "uploaders", "batch_label", "metadata", "headers", "timeout", "max_in_flight", "rate_limit", "retry_schedule"}

// formField is where the form shows a mistake; "" at its top.
func formField(err error) string {
	field, _, _ := strings.Cut(fieldOf(err), ".")
	if !slices.Contains(formFields, field) {
		return ""
	}
	return field
}

// endpointInput is what was typed: the form, and its conditions as text.
type endpointInput struct {
	form   domain.EndpointForm
	filter FilterFields
	pace   domain.PaceText
	try    bool // only show what would match
}

func readEndpointForm(c *fiber.Ctx) (in endpointInput, err error) {
	form, err := readForm(c)
	if err != nil {
		return in, err
	}
	in.filter, in.try = readFilter(form), form.Get("try") != ""
	in.form = domain.EndpointForm{Name: form.Get("name"), URL: form.Get("url"), EventTypes: form["event_types"], Headers: readHeaders(form)}
	in.pace = domain.PaceText{Timeout: form.Get("timeout"), MaxInFlight: form.Get("max_in_flight"), RateLimit: form.Get("rate_limit"), Schedule: form.Get("retry_schedule")}
	if in.form.Filter, err = in.filter.parse(); err != nil {
		return in, err
	}
	pace, err := domain.ParsePace(in.pace)
	in.form.Pace = &pace
	return in, err
}

func (s *site) createEndpoint(c *fiber.Ctx) error {
	in, err := readEndpointForm(c)
	if in.try && (err == nil || isFormError(err)) {
		return s.endpointForm(c, nil, in, err)
	}
	var e *domain.Endpoint
	secret := ""
	if err == nil {
		e, secret, err = s.Endpoints.Create(c.UserContext(), fiberx.Actor(c), in.form)
	}
	if isFormError(err) {
		return s.endpointForm(c, nil, in, err)
	}
	if err != nil {
		return err
	}
	return s.showOnce(c, "/app/endpoints/"+e.ID.String()+"/created/", secret)
}

// endpointCreated shows a new endpoint's secret, and the endpoint when that was
// shown.
func (s *site) endpointCreated(c *fiber.Ctx) error {
	e, err := s.endpointOf(c)
	if err != nil {
		return err
	}
	own := "/app/endpoints/" + e.ID.String() + "/"
	secret := s.takeOnce(c, own+"created/")
	if secret == "" {
		return seeOther(c, own)
	}
	p := EndpointCreatedPage{Page: s.page(c, e.Name, "endpoints", endpointCrumbs()...), Endpoint: e, Secret: secret, Guide: verifyGuide()}
	return render(c, "pages/endpoint_created", "", p)
}

// isFormError tells what the form itself can show from what needs a page.
func isFormError(err error) bool {
	return domain.IsCode(err, domain.Invalid) || domain.IsCode(err, domain.Conflict)
}

func (s *site) editEndpoint(c *fiber.Ctx) error {
	e, err := s.endpointOf(c)
	if err != nil {
		return err
	}
	f := domain.EndpointForm{Name: e.Name, URL: e.URL, EventTypes: e.EventTypes, Filter: e.Filter}
	return s.endpointForm(c, e, endpointInput{form: f, filter: filterFields(e.Filter), pace: e.Pace().Text()}, nil)
}

func (s *site) updateEndpoint(c *fiber.Ctx) error {
	e, err := s.endpointOf(c)
	if err != nil {
		return err
	}
	in, err := readEndpointForm(c)
	if in.try && (err == nil || isFormError(err)) {
		return s.endpointForm(c, e, in, err)
	}
	if err == nil {
		_, err = s.Endpoints.Update(c.UserContext(), fiberx.Actor(c), e.ID, in.form)
	}
	if isFormError(err) {
		return s.endpointForm(c, e, in, err)
	}
	if err != nil {
		return err
	}
	say(c, Toast{Kind: "ok", Text: "Saved. The next attempt uses it."})
	return seeOther(c, "/app/endpoints/"+e.ID.String()+"/")
}

func (s *site) endpointOf(c *fiber.Ctx) (*domain.Endpoint, error) {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return nil, err
	}
	d, err := s.Endpoints.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return nil, err
	}
	return d.Endpoint, nil
}

package web

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// FilterFields are the conditions of an endpoint as a person types them.
type FilterFields struct {
	ContentTypes, MinSize, MaxSize, Uploaders, BatchLabel, Metadata string
}

// HeaderFields is one row of custom headers. Known ones have a value that is
// not shown.
type HeaderFields struct {
	Number        int
	Name, Value   string
	Known, Remove bool
}

// FilterPreview says what conditions would have let through.
type FilterPreview struct {
	Matched, Of int
	Latest      []PreviewLine
	Error       string
}

// PreviewLine is an event that matched.
type PreviewLine struct {
	Type, Subject, URL string
}

// previewLines is how many of the matching events are named.
const previewLines = 4

// freshRows is how many empty rows for headers the form offers.
const freshRows = 2

func readFilter(form url.Values) FilterFields {
	return FilterFields{
		ContentTypes: form.Get("content_types"), MinSize: form.Get("min_size"), MaxSize: form.Get("max_size"),
		Uploaders: form.Get("uploaders"), BatchLabel: form.Get("batch_label"), Metadata: form.Get("metadata"),
	}
}

func filterFields(f domain.Filter) FilterFields {
	out := FilterFields{ContentTypes: strings.Join(f.ContentTypes, ", "), Uploaders: strings.Join(f.Uploaders, "\n"), BatchLabel: f.BatchLabel}
	if f.MinSize > 0 {
		out.MinSize = domain.ExactBytes(f.MinSize)
	}
	if f.MaxSize > 0 {
		out.MaxSize = domain.ExactBytes(f.MaxSize)
	}
	rules := make([]string, len(f.Metadata))
	for i, m := range f.Metadata {
		rules[i] = m.String()
	}
	out.Metadata = strings.Join(rules, "\n")
	return out
}

func (f FilterFields) parse() (out domain.Filter, err error) {
	out = domain.Filter{ContentTypes: strings.Split(f.ContentTypes, ","), Uploaders: strings.Split(f.Uploaders, "\n"), BatchLabel: f.BatchLabel}
	for _, rule := range nonEmpty(strings.Split(f.Metadata, "\n")) {
		out.Metadata = append(out.Metadata, domain.ParseMetadataRule(rule))
	}
	if out.MinSize, err = domain.ParseBytes("min_size", f.MinSize); err != nil {
		return out, err
	}
	out.MaxSize, err = domain.ParseBytes("max_size", f.MaxSize)
	return out, err
}

func nonEmpty(lines []string) []string {
	return slices.DeleteFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "" })
}

// readHeaders reads the rows, each a name with a value; header_remove names
// those that go.
func readHeaders(form url.Values) []domain.HeaderChange {
	var out []domain.HeaderChange
	values := form["header_value"]
	for i, name := range form["header_name"] {
		h := domain.HeaderChange{Name: name, Remove: slices.Contains(form["header_remove"], name)}
		if i < len(values) {
			h.Value = values[i]
		}
		out = append(out, h)
	}
	return out
}

// headerFields are the endpoint's headers, with what was typed, and empty rows.
func headerFields(e *domain.Endpoint, typed []domain.HeaderChange) []HeaderFields {
	var rows []HeaderFields
	known := map[string]int{}
	if e != nil {
		for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
			known[name] = len(rows)
			rows = append(rows, HeaderFields{Name: name, Known: true})
		}
	}
	for _, h := range typed {
		if i, ok := known[h.Name]; ok {
			rows[i].Value, rows[i].Remove = h.Value, h.Remove
		} else if h.Name != "" || h.Value != "" {
			rows = append(rows, HeaderFields{Name: h.Name, Value: h.Value})
		}
	}
	rows = append(rows, make([]HeaderFields, freshRows)...)
	for i := range rows {
		rows[i].Number = i + 1
	}
	return rows
}

// preview tries the form on past events; what cannot be read is told in its
// place.
func (s *site) preview(c *fiber.Ctx, f domain.EndpointForm) (FilterPreview, error) {
	got, err := s.Filters.Preview(c.UserContext(), fiberx.Actor(c), domain.EndpointForm{EventTypes: f.EventTypes, Filter: f.Filter})
	if isFormError(err) {
		return FilterPreview{Error: messageOf(err)}, nil
	}
	if err != nil {
		return FilterPreview{}, err
	}
	p := FilterPreview{Matched: len(got.Matched), Of: got.Of}
	for _, ev := range got.Matched[:min(previewLines, len(got.Matched))] {
		p.Latest = append(p.Latest, PreviewLine{Type: string(ev.Type), Subject: eventSubject(ev), URL: "/app/events/" + ev.ID.String() + "/"})
	}
	return p, nil
}

// previewEndpoint answers with what the form would have let through.
func (s *site) previewEndpoint(c *fiber.Ctx) error {
	in, err := readEndpointForm(c)
	p := FilterPreview{}
	switch {
	case isFormError(err):
		p.Error = messageOf(err)
	case err != nil:
		return err
	default:
		if p, err = s.preview(c, in.form); err != nil {
			return err
		}
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Render("partials/filter_preview", p, noLayout)
}

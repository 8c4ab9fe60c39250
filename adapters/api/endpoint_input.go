package api

import (
	"maps"
	"slices"

	"doorito/domain"
)

// endpointInput is what a program sends to make or change an endpoint. What is
// left out stays as it is.
type endpointInput struct {
	URL        *string            `json:"url"`
	Name       *string            `json:"name"`
	EventTypes *[]string          `json:"event_types"`
	Filter     *filterJSON        `json:"filter"`
	Headers    map[string]*string `json:"headers"` // null removes
	Pace       *paceJSON          `json:"pace"`
}

// over puts the input over what is there.
func (in endpointInput) over(e *domain.Endpoint) (domain.EndpointForm, error) {
	f := domain.EndpointForm{Name: e.Name, URL: e.URL, EventTypes: e.EventTypes, Filter: e.Filter}
	if in.URL != nil {
		f.URL = *in.URL
	}
	if in.Name != nil {
		f.Name = *in.Name
	}
	if in.EventTypes != nil {
		f.EventTypes = *in.EventTypes
	}
	if in.Filter != nil {
		f.Filter = in.Filter.filter()
	}
	for _, name := range slices.Sorted(maps.Keys(in.Headers)) {
		h := domain.HeaderChange{Name: name, Remove: in.Headers[name] == nil}
		if !h.Remove {
			h.Value = *in.Headers[name]
		}
		f.Headers = append(f.Headers, h)
	}
	if in.Pace == nil {
		return f, nil
	}
	pace, err := in.Pace.pace()
	f.Pace = &pace
	return f, err
}

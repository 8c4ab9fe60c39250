package web

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

// errorWords says why an attempt failed, for lists and menus.
var errorWords = []struct {
	class domain.ErrorClass
	word  string
}{
	{domain.ErrDNS, "host not found"},
	{domain.ErrConnect, "no connection"},
	{domain.ErrTLS, "TLS failed"},
	{domain.ErrTimeout, "timeout"},
	{domain.ErrBlocked, "address blocked"},
	{domain.ErrStatus, "refused with a status"},
	{domain.ErrProtocol, "answer broken"},
	{domain.ErrInternal, "fault of the portal"},
}

func errorWord(class domain.ErrorClass) string {
	for _, e := range errorWords {
		if e.class == class {
			return e.word
		}
	}
	return string(class)
}

func (s *site) deliveriesList() *list.Resource[*domain.Delivery] {
	return &list.Resource[*domain.Delivery]{
		Name: "deliveries", Title: "Deliveries", One: "delivery", Many: "deliveries", Path: "/app/deliveries/",
		SearchHint: "File, batch or id", AdminOnly: true, Columns: deliveryColumns(), Filters: s.deliveryFilters(),
		Source: s.Deliveries.List,
		ID:     func(d *domain.Delivery) uuid.UUID { return d.ID },
		Label:  func(d *domain.Delivery) string { return fmt.Sprintf("%s to %s", subjectOf(d), d.EndpointName) },
		Cursor: func(d *domain.Delivery) ports.Cursor { return ports.Cursor{At: d.CreatedAt, ID: d.ID} },
		Note:   "newest first, steady while new ones arrive",
		Actions: []list.Action{{
			Name: "redeliver", Label: "Send again…", Icon: "rotate-cw", Verb: "Send again", Keep: "Leave them",
			Confirm: "They are due at once, from the start of the retry schedule. A receiver that has them already gets them twice, under the same webhook-id.",
			Run: func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
				n, err := s.Deliveries.Redeliver(ctx, a, ids)
				return counted(n, "delivery") + " on the way again", err
			},
		}, {
			Name: "cancel", Label: "Cancel…", Icon: "ban", Verb: "Cancel", Keep: "Keep them", Danger: true,
			Confirm: "Those that wait are not sent any more. They can be sent again by hand later.",
			Run: func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
				n, err := s.Deliveries.Cancel(ctx, a, ids)
				return counted(n, "delivery") + " cancelled", err
			},
		}},
		Buttons: []list.Button{{Label: "What is stuck", Icon: "clock", URL: "/app/deliveries/stuck/"}, {Label: "Replays", Icon: "rotate-cw", URL: "/app/replays/"}},
		Empty: list.Empty{
			Art: "listen", Title: "Nothing was owed yet", Text: "A delivery is one event for one endpoint. Add an endpoint, then upload a file, and watch it arrive here.",
			URL: "/app/endpoints/", URLText: "Go to endpoints", Icon: "webhook",
		},
	}
}

// subjectOf is what a delivery is about; a ping is about nothing.
func subjectOf(d *domain.Delivery) string {
	switch {
	case d.Subject != "":
		return d.Subject
	case d.EventType == domain.EventPing:
		return "Test event"
	}
	return string(d.EventType)
}

func deliveryURL(d *domain.Delivery) string { return "/app/deliveries/" + d.ID.String() + "/" }

func deliveryColumns() []list.Column[*domain.Delivery] {
	return []list.Column[*domain.Delivery]{
		{Key: "subject", Label: "About", Class: "grow", Cell: func(d *domain.Delivery, _ list.Env) list.Cell { return list.Link(subjectOf(d), deliveryURL(d)) }},
		{Key: "type", Label: "Event", Class: "hide", Cell: func(d *domain.Delivery, _ list.Env) list.Cell { return list.Tag(string(d.EventType)) }},
		{Key: "endpoint", Label: "Endpoint", Class: "grow", Elsewhere: true, Cell: func(d *domain.Delivery, _ list.Env) list.Cell { return list.Link(d.EndpointName, deliveryURL(d)) }},
		{Key: "to", Label: "Endpoint", Class: "dim max-w-48 truncate", CardLabel: "to", Cell: func(d *domain.Delivery, _ list.Env) list.Cell { return list.Text(d.EndpointName) }},
		{Key: "status", Label: "Status", Cell: func(d *domain.Delivery, _ list.Env) list.Cell { return list.Pill(string(d.Status), "", "") }},
		{Key: "tries", Label: "Tries", Class: "num", CardLabel: "tries", Cell: func(d *domain.Delivery, _ list.Env) list.Cell { return list.Tries(d.AttemptsMade, 0) }},
		{Key: "answer", Label: "Last answer", Cell: func(d *domain.Delivery, _ list.Env) list.Cell { return answerCell(d) }},
		{Key: "when", Label: "When", Class: "num dim end", Cell: whenCell},
		{Key: "created", Label: "Created", Class: "num dim end", Cell: func(d *domain.Delivery, _ list.Env) list.Cell { return list.Time(&d.CreatedAt) }},
	}
}

func answerCell(d *domain.Delivery) list.Cell {
	switch {
	case d.LastAttemptAt == nil:
		return list.Faint("none yet")
	case d.LastErrorClass == domain.ErrStatus || d.LastErrorClass == domain.ErrNone && d.Status != domain.DeliveryDelivered && d.LastStatusCode/100 != 2:
		return list.Toned(domain.StatusText(d.LastStatusCode), "error")
	case d.LastErrorClass != domain.ErrNone:
		c := list.Toned(errorWord(d.LastErrorClass), "error")
		c.Title = d.LastError
		return c
	}
	return list.Text(domain.StatusText(d.LastStatusCode))
}

// whenCell is the next attempt of one that waits, else the last.
func whenCell(d *domain.Delivery, e list.Env) list.Cell {
	switch {
	case d.Status == domain.DeliveryPending && d.NextAttemptAt.After(e.Now):
		c := list.Time(&d.NextAttemptAt)
		c.Note = "next"
		return c
	case d.Status == domain.DeliveryPending && d.HeldBack:
		return list.Text("held back")
	case d.Status == domain.DeliveryPending:
		return list.Text("due now")
	case d.LastAttemptAt != nil:
		return list.Time(d.LastAttemptAt)
	}
	return list.Time(&d.UpdatedAt)
}

func (s *site) deliveryFilters() []list.Filter {
	status := list.Filter{Key: "status", Label: "Status", Icon: "circle-dot", Many: true}
	for _, st := range domain.DeliveryStatuses {
		status.Options = append(status.Options, list.Option{Value: string(st), Label: statusWord(st)})
	}
	class := list.Filter{Key: "class", Label: "Failure", Icon: "triangle-alert", Many: true}
	for _, e := range errorWords {
		class.Options = append(class.Options, list.Option{Value: string(e.class), Label: e.word})
	}
	return []list.Filter{
		status,
		{Key: "endpoint", Label: "Endpoint", Icon: "webhook", Many: true, Free: list.IsID, Load: s.endpointOptions, Say: func(context.Context, domain.Actor, string) string { return "deleted endpoint" }},
		eventTypeFilter(),
		class,
		codeFilter(),
		list.Created(),
		list.ByID("event", "Event", shortID),
	}
}

func eventTypeFilter() list.Filter {
	f := list.Filter{Key: "type", Label: "Event", Icon: "radio", Many: true}
	for _, t := range append(domain.EventTypes[:len(domain.EventTypes):len(domain.EventTypes)], domain.EventPing) {
		f.Options = append(f.Options, list.Option{Value: string(t), Label: string(t)})
	}
	return f
}

// codeFilter offers the classes of status codes and those that mean something
// of their own; any other code stands in the address.
func codeFilter() list.Filter {
	f := list.Filter{Key: "code", Label: "Status code", Icon: "hash", Many: true, Free: isStatusCode}
	for _, o := range [][2]string{
		{"2xx", "2xx taken"}, {"3xx", "3xx redirect"}, {"4xx", "4xx refused"}, {"5xx", "5xx broken"}, {"0", "no answer"},
		{"401", ""}, {"403", ""}, {"404", ""}, {"410", ""}, {"429", ""}, {"500", ""}, {"502", ""}, {"503", ""}, {"504", ""},
	} {
		label := o[1]
		if n, err := strconv.Atoi(o[0]); err == nil && n > 0 {
			label = domain.StatusText(n)
		}
		f.Options = append(f.Options, list.Option{Value: o[0], Label: label})
	}
	return f
}

func isStatusCode(v string) error {
	if len(v) != 3 || v[0] < '1' || v[0] > '5' || v[1] < '0' || v[1] > '9' || v[2] < '0' || v[2] > '9' {
		return domain.Errorf(domain.Invalid, "is not a status code")
	}
	return nil
}

// maxEndpointOptions is how many endpoints the menu offers.
const maxEndpointOptions = 100

func (s *site) endpointOptions(ctx context.Context, a domain.Actor) ([]list.Option, error) {
	page, err := s.Overview.ListEndpoints(ctx, a, ports.ListQuery{Limit: maxEndpointOptions})
	if err != nil {
		return nil, err
	}
	out := make([]list.Option, len(page.Items))
	for i, e := range page.Items {
		out[i] = list.Option{Value: e.ID.String(), Label: e.Name}
	}
	return out, nil
}

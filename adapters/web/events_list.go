package web

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

func (s *site) eventsList() *list.Resource[*domain.Event] {
	status := list.Filter{Key: "status", Label: "Status", Icon: "circle-dot", Many: true}
	for _, st := range domain.EventStatuses {
		status.Options = append(status.Options, list.Option{Value: string(st), Label: statusWord(st)})
	}
	return &list.Resource[*domain.Event]{
		Name: "events", Title: "Events", One: "event", Many: "events", Path: "/app/events/",
		SearchHint: "File name or id", AdminOnly: true, Columns: eventColumns(),
		Filters: []list.Filter{status, eventTypeFilter(), list.Created(), list.ByID("aggregate", "About", shortID)},
		Source:  s.Deliveries.ListEvents,
		ID:      func(e *domain.Event) uuid.UUID { return e.ID },
		Label:   func(e *domain.Event) string { return string(e.Type) + " " + eventSubject(e) },
		Cursor:  func(e *domain.Event) ports.Cursor { return ports.Cursor{At: e.CreatedAt, ID: e.ID} },
		Note:    "newest first, steady while new ones arrive",
		Actions: []list.Action{{
			Name: "retry", Label: "Retry failed…", Icon: "rotate-cw", Verb: "Retry", Keep: "Leave them",
			Confirm: "The failed deliveries of these events are due at once, with attempts back to 0. Those that got through are left alone.",
			Run: func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
				n, err := s.Deliveries.RetryEvents(ctx, a, ids)
				if n == 0 {
					return "None of these events has a failed delivery. Nothing to retry.", err
				}
				return counted(n, "event") + " on the way again", err
			},
		}},
		Empty: list.Empty{
			Art: "listen", Title: "Nothing has happened yet", Text: "Every file that arrives, expires or goes writes an event in the same transaction. Upload one and look here again.",
			URL: "/app/upload/", URLText: "Upload files", Icon: "upload",
		},
	}
}

func eventColumns() []list.Column[*domain.Event] {
	return []list.Column[*domain.Event]{
		{Key: "subject", Label: "About", Class: "grow", Cell: func(e *domain.Event, _ list.Env) list.Cell {
			return list.Link(eventSubject(e), "/app/events/"+e.ID.String()+"/")
		}},
		{Key: "type", Label: "Event", Cell: func(e *domain.Event, _ list.Env) list.Cell { return list.Tag(string(e.Type)) }},
		{Key: "status", Label: "Status", Cell: func(e *domain.Event, _ list.Env) list.Cell { return list.Pill(string(e.Status), "", "") }},
		{Key: "error", Label: "Last failure", Class: "hide max-w-64 truncate", Cell: func(e *domain.Event, _ list.Env) list.Cell {
			if e.ErrorMessage == "" {
				return list.Faint("–")
			}
			return list.Toned(e.ErrorMessage, "error")
		}},
		{Key: "id", Label: "Id", Class: "hide", Cell: func(e *domain.Event, _ list.Env) list.Cell { return list.ID(e.ID.String(), "", "event id") }},
		{Key: "created", Label: "Created", Class: "num dim end", Cell: func(e *domain.Event, _ list.Env) list.Cell { return list.Time(&e.CreatedAt) }},
	}
}

// eventSubject is what the payload says it is about.
func eventSubject(e *domain.Event) string {
	var body struct {
		Data struct {
			File  string `json:"original_filename"`
			Label string `json:"label"`
			Name  string `json:"name"`
		} `json:"data"`
	}
	if json.Unmarshal(e.Payload, &body) == nil {
		for _, s := range []string{body.Data.File, body.Data.Label, body.Data.Name} {
			if s != "" {
				return s
			}
		}
	}
	if e.Type == domain.EventPing {
		return "Test event"
	}
	return e.AggregateType + " " + short(e.AggregateID)
}

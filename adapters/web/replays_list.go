package web

import (
	"github.com/google/uuid"

	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

func (s *site) replaysList() *list.Resource[*domain.Replay] {
	status := list.Filter{Key: "status", Label: "Status", Icon: "circle-dot", Many: true}
	for _, st := range domain.ReplayStatuses {
		status.Options = append(status.Options, list.Option{Value: string(st), Label: statusWord(st)})
	}
	return &list.Resource[*domain.Replay]{
		Name: "deliveries", Title: "Replays", One: "replay", Many: "replays", Path: "/app/replays/",
		SearchHint: "Id", AdminOnly: true, Columns: replayColumns(),
		Filters: []list.Filter{status, {Key: "endpoint", Label: "Endpoint", Icon: "webhook", Many: true, Free: list.IsID, Load: s.endpointOptions}, list.Created()},
		Source:  s.Replays.List,
		ID:      func(r *domain.Replay) uuid.UUID { return r.ID },
		Label:   func(r *domain.Replay) string { return "replay to " + r.EndpointName },
		Cursor:  func(r *domain.Replay) ports.Cursor { return ports.Cursor{At: r.CreatedAt, ID: r.ID} },
		Note:    "newest first",
		Empty: list.Empty{
			Art: "listen", Title: "Nothing was replayed yet", Text: "A replay sends the events of a time window to one endpoint again: after an outage, or to a new receiver. Start one from an endpoint's menu.",
			URL: "/app/endpoints/", URLText: "Go to endpoints", Icon: "webhook",
		},
	}
}

func replayURL(r *domain.Replay) string { return "/app/replays/" + r.ID.String() + "/" }

func replayColumns() []list.Column[*domain.Replay] {
	return []list.Column[*domain.Replay]{
		{Key: "endpoint", Label: "Endpoint", Class: "grow", Cell: func(r *domain.Replay, _ list.Env) list.Cell { return list.Link(r.EndpointName, replayURL(r)) }},
		{Key: "status", Label: "Status", Cell: func(r *domain.Replay, _ list.Env) list.Cell { return list.Pill(string(r.Status), "", "") }},
		{Key: "from", Label: "From", Class: "hide", Cell: func(r *domain.Replay, _ list.Env) list.Cell { return list.Text(dayAndTime(r.From)) }},
		{Key: "to", Label: "To", Class: "hide", Cell: func(r *domain.Replay, _ list.Env) list.Cell { return list.Text(dayAndTime(r.To)) }},
		{Key: "queued", Label: "Sent again", Class: "num", CardLabel: "sent again", Cell: func(r *domain.Replay, _ list.Env) list.Cell { return list.Text(groupInt(r.Queued)) }},
		{Key: "created", Label: "Started", Class: "num dim end", Cell: func(r *domain.Replay, _ list.Env) list.Cell { return list.Time(&r.CreatedAt) }},
	}
}

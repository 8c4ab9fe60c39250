package web

import (
	"context"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports/usecase"
)

type eventDetail = *usecase.EventDetail

// outboxEvents are what receivers are told.
func (s *site) outboxEvents() *admin.Resource[*domain.Event, eventDetail] {
	l := forAdmins(s, s.eventsList(), "/admin/events/", usecase.KindEvents, "status", "type")
	l.Title = "Outbox events"
	return &admin.Resource[*domain.Event, eventDetail]{
		List: l, Icon: "radio", About: "What receivers are told; failed ones can be retried.", Object: "event",
		Find:  s.Deliveries.FindEvent,
		ID:    func(d eventDetail) uuid.UUID { return d.Event.ID },
		Title: func(d eventDetail) string { return eventSubject(d.Event) },
		State: func(d eventDetail, _ list.Env) list.Cell { return list.Pill(string(d.Event.Status), "", "") },
		Meta:  func(d eventDetail, _ list.Env) []string { return []string{string(d.Event.Type)} },
		Warn: func(d eventDetail, _ list.Env) *list.Banner {
			if d.Event.ErrorMessage == "" {
				return nil
			}
			return &list.Banner{State: "failed", Icon: "circle-x", Strong: "The last failure:", Text: d.Event.ErrorMessage}
		},
		Live: func(d eventDetail) string {
			if d.Event.Status != domain.EventPending {
				return ""
			}
			return every(anyDue(d.Deliveries, s.Clock.Now()))
		},
		Facts: eventFacts(),
		Inlines: []admin.Inline[eventDetail]{{
			Title: "Deliveries", Empty: "No endpoint asked for it.",
			Table: func(d eventDetail, e list.Env) *list.View {
				return s.deliveriesList().Table(d.Deliveries, e, "endpoint", "status", "tries", "answer", "when")
			},
			More: func(d eventDetail) (string, string) {
				return "In the list", "/admin/deliveries/?event=" + d.Event.ID.String()
			},
		}},
		Actions: []admin.Action[eventDetail]{{
			Name: "retry", Label: "Retry failed…", Icon: "rotate-cw", Do: "Retry", Keep: "Leave it",
			Title: func(eventDetail) string { return "Retry the failed deliveries of this event?" },
			Text: func(eventDetail) string {
				return "They are due at once, with attempts back to 0. Those that got through are left alone."
			},
			When: func(d eventDetail) bool { return d.Event.Status == domain.EventFailed },
			Run: func(ctx context.Context, a domain.Actor, d eventDetail) (admin.Done, error) {
				n, err := s.Deliveries.RetryEvents(ctx, a, idsOf(d.Event.ID))
				return admin.Done{Text: counted(n, "delivery") + " on the way again."}, err
			},
		}},
		View: func(d eventDetail) string { return "/app/events/" + d.Event.ID.String() + "/" },
	}
}

func eventFacts() []admin.Fact[eventDetail] {
	return []admin.Fact[eventDetail]{
		{Label: "Event", Cell: func(d eventDetail, _ list.Env) list.Cell { return list.Tag(string(d.Event.Type)) }},
		{Label: "About", Cell: func(d eventDetail, _ list.Env) list.Cell {
			e := d.Event
			return list.ID(e.AggregateID.String(), aboutURL(e), e.AggregateType+" id")
		}},
		{Label: "Tries", Cell: func(d eventDetail, _ list.Env) list.Cell { return list.Tries(d.Event.Attempts, d.Event.MaxAttempts) }},
		{Label: "Next try", Cell: func(d eventDetail, _ list.Env) list.Cell { return list.Time(d.Event.NextAttemptAt) }},
		{Label: "Relayed", Cell: func(d eventDetail, _ list.Env) list.Cell { return list.Time(d.Event.RelayedAt) }},
		{Label: "Delivered", Cell: func(d eventDetail, _ list.Env) list.Cell { return list.Time(d.Event.DeliveredAt) }},
		{Label: "Created", Cell: func(d eventDetail, _ list.Env) list.Cell { return list.Time(&d.Event.CreatedAt) }},
		{Label: "Key", Cell: func(d eventDetail, _ list.Env) list.Cell { return list.Code(d.Event.IdempotencyKey) }},
		{Label: "Id", Cell: func(d eventDetail, _ list.Env) list.Cell { return list.ID(d.Event.ID.String(), "", "event id") }},
	}
}

// aboutURL is the page of what an event is about, "" when that has none.
func aboutURL(e *domain.Event) string {
	switch e.AggregateType {
	case "file":
		return "/admin/files/" + e.AggregateID.String() + "/"
	case "batch":
		return "/admin/batches/" + e.AggregateID.String() + "/"
	case "endpoint":
		return "/admin/endpoints/" + e.AggregateID.String() + "/"
	}
	return ""
}

package web

import (
	"context"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

type deliveryDetail = *usecase.DeliveryDetail

// owedDeliveries are what is owed to endpoints.
func (s *site) owedDeliveries() *admin.Resource[*domain.Delivery, deliveryDetail] {
	return &admin.Resource[*domain.Delivery, deliveryDetail]{
		List: forAdmins(s, s.deliveriesList(), "/admin/deliveries/", usecase.KindDeliveries, "status", "endpoint", "type", "class"),
		Icon: "send", About: "What is owed to each endpoint: send again, or cancel what waits.", Object: "delivery",
		Find:  s.Deliveries.Find,
		ID:    func(d deliveryDetail) uuid.UUID { return d.Delivery.ID },
		Title: func(d deliveryDetail) string { return subjectOf(d.Delivery) + " to " + d.Endpoint.Name },
		State: func(d deliveryDetail, _ list.Env) list.Cell { return list.Pill(string(d.Delivery.Status), "", "") },
		Meta:  func(d deliveryDetail, _ list.Env) []string { return []string{string(d.Delivery.EventType)} },
		Warn: func(d deliveryDetail, _ list.Env) *list.Banner {
			if d.Delivery.LastError == "" || d.Delivery.Status == domain.DeliveryDelivered {
				return nil
			}
			return &list.Banner{State: string(d.Delivery.Status), Icon: statusIcon(d.Delivery.Status), Strong: statusWord(d.Delivery.Status) + ".", Text: d.Delivery.LastError}
		},
		Live: func(d deliveryDetail) string {
			if d.Delivery.Status != domain.DeliveryPending {
				return ""
			}
			return every(anyDue([]*domain.Delivery{d.Delivery}, s.Clock.Now()))
		},
		Facts: deliveryFacts(),
		Inlines: []admin.Inline[deliveryDetail]{{
			Title: "Attempts", Empty: "Nothing was sent yet.",
			Table: func(d deliveryDetail, e list.Env) *list.View {
				return s.attemptsList().Table(d.Attempts, e, "started", "answer", "took")
			},
			More: func(d deliveryDetail) (string, string) {
				return "In the list", "/admin/attempts/?delivery=" + d.Delivery.ID.String()
			},
		}},
		Actions: s.deliveryActions(),
		View:    func(d deliveryDetail) string { return deliveryURL(d.Delivery) },
	}
}

func (s *site) deliveryActions() []admin.Action[deliveryDetail] {
	return []admin.Action[deliveryDetail]{
		{
			Name: "resend", Label: "Send again…", Icon: "rotate-cw", Do: "Send again", Keep: "Leave it",
			Title: func(d deliveryDetail) string { return "Send it to " + d.Endpoint.Name + " again?" },
			Text: func(deliveryDetail) string {
				return "It is due at once, from the start of the retry schedule. A receiver that has it already gets it twice, under the same webhook-id."
			},
			When: func(d deliveryDetail) bool { return d.Endpoint.Active && d.Delivery.LeaseToken == nil },
			Run: func(ctx context.Context, a domain.Actor, d deliveryDetail) (admin.Done, error) {
				_, err := s.Deliveries.Redeliver(ctx, a, idsOf(d.Delivery.ID))
				return admin.Done{Text: "On the way again."}, err
			},
		},
		{
			Name: "cancel", Label: "Cancel…", Icon: "ban", Danger: true, Do: "Cancel delivery", Keep: "Keep it",
			Title: func(d deliveryDetail) string { return "Cancel what waits for " + d.Endpoint.Name + "?" },
			Text:  func(deliveryDetail) string { return "It is not sent any more. It can be sent again by hand later." },
			When:  func(d deliveryDetail) bool { return d.Delivery.Status == domain.DeliveryPending },
			Run: func(ctx context.Context, a domain.Actor, d deliveryDetail) (admin.Done, error) {
				_, err := s.Deliveries.Cancel(ctx, a, idsOf(d.Delivery.ID))
				return admin.Done{Text: "Cancelled."}, err
			},
		},
	}
}

func deliveryFacts() []admin.Fact[deliveryDetail] {
	return []admin.Fact[deliveryDetail]{
		{Label: "Endpoint", Cell: func(d deliveryDetail, _ list.Env) list.Cell {
			return list.Link(d.Endpoint.Name, "/admin/endpoints/"+d.Endpoint.ID.String()+"/")
		}},
		{Label: "Event", Cell: func(d deliveryDetail, _ list.Env) list.Cell {
			return list.Link(string(d.Event.Type), "/admin/events/"+d.Event.ID.String()+"/")
		}},
		{Label: "Tries", Cell: func(d deliveryDetail, _ list.Env) list.Cell {
			return list.Tries(d.Delivery.Attempts, len(d.Schedule))
		}},
		{Label: "Last answer", Cell: func(d deliveryDetail, _ list.Env) list.Cell { return answerCell(d.Delivery) }},
		{Label: "When", Cell: func(d deliveryDetail, e list.Env) list.Cell { return whenCell(d.Delivery, e) }},
		{Label: "Delivered", Cell: func(d deliveryDetail, _ list.Env) list.Cell { return list.Time(d.Delivery.DeliveredAt) }},
		{Label: "Created", Cell: func(d deliveryDetail, _ list.Env) list.Cell { return list.Time(&d.Delivery.CreatedAt) }},
		{Label: "Id", Cell: func(d deliveryDetail, _ list.Env) list.Cell {
			return list.ID(d.Delivery.ID.String(), "", "delivery id")
		}},
	}
}

// attempts have no page of their own: headers and answer are with the delivery.
func (s *site) attempts() *admin.Resource[*domain.Attempt, *domain.Attempt] {
	return &admin.Resource[*domain.Attempt, *domain.Attempt]{
		List: s.attemptsList(), Icon: "activity", About: "Every single request to an endpoint, with its answer and how long it took.",
	}
}

func (s *site) attemptsList() *list.Resource[*domain.Attempt] {
	class := list.Filter{Key: "class", Label: "Outcome", Icon: "triangle-alert", Many: true, Counted: true, Options: []list.Option{{Value: "ok", Label: "taken", State: "delivered"}}}
	for _, e := range errorWords {
		class.Options = append(class.Options, list.Option{Value: string(e.class), Label: e.word, State: "failed"})
	}
	return &list.Resource[*domain.Attempt]{
		Name: "attempts", Title: "Attempts", One: "attempt", Many: "attempts", Path: "/admin/attempts/", AdminOnly: true,
		SearchHint: "Failure, delivery or id", Exports: true,
		Filters: []list.Filter{
			class,
			{Key: "endpoint", Label: "Endpoint", Icon: "webhook", Many: true, Counted: true, Free: list.IsID, Load: s.endpointOptions, Name: func(string) string { return "deleted endpoint" }},
			codeFilter(),
			list.Created(),
			list.ByID("delivery", "Delivery", shortID),
		},
		Columns: attemptColumns(),
		Source:  s.Overview.ListAttempts,
		Tally:   s.tallyOf(usecase.KindAttempts),
		ID:      func(t *domain.Attempt) uuid.UUID { return t.ID },
		Label:   func(t *domain.Attempt) string { return "attempt " + groupInt(t.Number) },
		Cursor:  func(t *domain.Attempt) ports.Cursor { return ports.Cursor{At: t.StartedAt, ID: t.ID} },
		Note:    "newest first",
		Empty: list.Empty{
			Art: "listen", Title: "Nothing was sent yet", Text: "Each request to an endpoint is kept here for a while, with its answer.",
			URL: "/app/endpoints/", URLText: "Go to endpoints", Icon: "webhook",
		},
	}
}

func attemptColumns() []list.Column[*domain.Attempt] {
	return []list.Column[*domain.Attempt]{
		{Key: "subject", Label: "About", Class: "grow", Cell: func(t *domain.Attempt, _ list.Env) list.Cell {
			about := t.Subject
			if about == "" {
				about = "Test event"
			}
			return list.Link(about, "/app/deliveries/"+t.DeliveryID.String()+"/")
		}},
		{Key: "event", Label: "Event", Class: "hide", Cell: func(t *domain.Attempt, _ list.Env) list.Cell { return list.Tag(string(t.EventType)) }},
		{Key: "endpoint", Label: "Endpoint", Class: "dim max-w-48 truncate", CardLabel: "to", Cell: func(t *domain.Attempt, _ list.Env) list.Cell { return list.Text(t.EndpointName) }},
		{Key: "number", Label: "Try", Class: "num", CardLabel: "try", Cell: func(t *domain.Attempt, _ list.Env) list.Cell { return list.Tries(t.Number, 0) }},
		{Key: "answer", Label: "Answer", Cell: attemptAnswer},
		{Key: "took", Label: "Took", Class: "num dim", CardLabel: "took", Cell: func(t *domain.Attempt, _ list.Env) list.Cell { return list.Text(formatDuration(t.Phases.Total)) }},
		{Key: "at", Label: "When", Class: "num dim end", Cell: func(t *domain.Attempt, _ list.Env) list.Cell { return list.Time(&t.StartedAt) }},
		{Key: "started", Label: "Try", Class: "grow", Elsewhere: true, Cell: func(t *domain.Attempt, _ list.Env) list.Cell {
			c := list.Time(&t.StartedAt)
			c.Note = "try " + groupInt(t.Number) + ","
			return c
		}},
	}
}

func attemptAnswer(t *domain.Attempt, _ list.Env) list.Cell {
	switch {
	case t.OK():
		return list.Text(domain.StatusText(t.StatusCode))
	case t.ErrorClass == domain.ErrStatus:
		return list.Toned(domain.StatusText(t.StatusCode), "error")
	}
	c := list.Toned(errorWord(t.ErrorClass), "error")
	c.Title = t.ErrorText
	return c
}

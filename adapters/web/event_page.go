package web

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports/usecase"
)

// EventPage is one event of the outbox with its deliveries.
type EventPage struct {
	Page
	*usecase.EventDetail
	Subject    string
	SubjectURL string
	Payload    []Token
	Text       string
	Table      *list.View
	Delivered  int
	Failed     int
	Live       bool
	Every      string
}

func (s *site) showEvent(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	d, err := s.Deliveries.FindEvent(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	p := EventPage{
		Page:        s.page(c, "Event "+short(id), "events", Crumb{Label: "Webhooks", URL: "/app/endpoints/"}, Crumb{Label: "Events", URL: "/app/events/"}),
		EventDetail: d, Subject: eventSubject(d.Event), SubjectURL: aggregateURL(d.Event),
		Payload: highlight(d.Event.Payload), Text: string(d.Event.Payload),
		Live: d.Event.Status == domain.EventPending,
	}
	for _, del := range d.Deliveries {
		switch del.Status {
		case domain.DeliveryDelivered:
			p.Delivered++
		case domain.DeliveryFailed:
			p.Failed++
		}
	}
	now := s.Clock.Now()
	p.Every = every(len(d.Deliveries) == 0 || anyDue(d.Deliveries, now))
	p.Table = s.deliveriesList().Table(d.Deliveries, list.Env{Now: now, Admin: true}, "endpoint", "status", "tries", "answer", "when")
	return render(c, "pages/event", "event", p)
}

func (s *site) retryEvent(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	n, err := s.Deliveries.RetryEvents(c.UserContext(), fiberx.Actor(c), idsOf(id))
	switch {
	case err != nil:
		if err := sayError(c, err); err != nil {
			return err
		}
	case n == 0:
		say(c, Toast{Kind: "error", Text: "None of its deliveries has failed. Nothing to retry."})
	default:
		say(c, Toast{Kind: "ok", Text: "On the way again."})
	}
	return seeOther(c, "/app/events/"+id.String()+"/")
}

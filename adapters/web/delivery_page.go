package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// DeliveryPage is one delivery with every attempt.
type DeliveryPage struct {
	Page
	*usecase.DeliveryDetail
	Subject    string
	SubjectURL string
	Rail       RetryRail
	Tries      []AttemptView // newest first
	Shown      *AttemptView
	Request    []HeaderLine
	Body       []Token
	BodyText   string
	Response   []HeaderLine
	Answer     []Token
	Binary     bool // the answer is no text
	Curl       string
	Due        bool // due, waiting for a worker
	Live       bool
	Every      string // how often a live page asks again
}

// Ascending are the attempts in their order.
func (p DeliveryPage) Ascending() []AttemptView {
	out := slices.Clone(p.Tries)
	slices.Reverse(out)
	return out
}

func (s *site) showDelivery(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	d, err := s.Deliveries.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	p := DeliveryPage{DeliveryDetail: d, Subject: subjectOf(d.Delivery), Live: d.Delivery.Status == domain.DeliveryPending}
	crumbs := []Crumb{{Label: "Webhooks", URL: "/app/endpoints/"}, {Label: d.Delivery.EndpointName, URL: "/app/endpoints/" + d.Delivery.EndpointID.String() + "/"}}
	p.Page = s.page(c, "Delivery "+short(id), "deliveries", crumbs...)
	now := s.Clock.Now()
	p.Due = p.Live && !d.Delivery.NextAttemptAt.After(now)
	p.Every = every(p.Due || d.Delivery.NextAttemptAt.Sub(now) < soonDue)
	p.Rail = retryRail(d, now)
	if d.Event != nil {
		p.SubjectURL = aggregateURL(d.Event)
	}
	p.Body, p.BodyText = highlight(d.Body), string(d.Body)
	if err := p.choose(c.QueryInt("attempt", 0)); err != nil {
		return err
	}
	return render(c, "pages/delivery", "delivery", p)
}

// choose picks the attempt whose request and answer are shown: that of the
// address, else the newest.
func (p *DeliveryPage) choose(number int) error {
	for i, a := range p.Attempts {
		v := attemptView(a)
		v.URL = deliveryURL(p.Delivery) + "?attempt=" + strconv.Itoa(a.Number)
		v.On = a.Number == number || number == 0 && i == 0
		p.Tries = append(p.Tries, v)
		if v.On {
			p.Shown = &p.Tries[len(p.Tries)-1]
		}
	}
	if p.Shown == nil {
		if number != 0 {
			return domain.FieldErrorf("attempt", "There is no attempt %d. It may have passed its retention.", number)
		}
		return nil
	}
	shown := *p.Shown
	p.Shown = &shown
	p.Request, p.Response = headerLines(shown.RequestHeaders), headerLines(shown.ResponseHeaders)
	text, ok := readable(shown.ResponseBody)
	p.Answer, p.Binary = text, !ok
	p.Curl = curlOf(shown.Attempt.URL, p.Request, p.BodyText)
	return nil
}

// curlOf is the request as a command for a shell. Its timestamp gets old: a
// receiver that checks it refuses the command after five minutes.
func curlOf(url string, headers []HeaderLine, body string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -X POST %s", quoteShell(url))
	for _, h := range headers {
		if h.Name == "content-length" || h.Name == "host" || h.Name == "accept-encoding" {
			continue
		}
		fmt.Fprintf(&b, " \\\n  -H %s", quoteShell(h.Name+": "+h.Value))
	}
	fmt.Fprintf(&b, " \\\n  --data-raw %s", quoteShell(body))
	return b.String()
}

func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// aggregateURL is the page of what an event is about; "" when it has none.
func aggregateURL(e *domain.Event) string {
	switch e.AggregateType {
	case "file":
		return "/app/files/" + e.AggregateID.String() + "/"
	case "batch":
		return "/app/batches/" + e.AggregateID.String() + "/"
	case "endpoint":
		return "/app/endpoints/" + e.AggregateID.String() + "/"
	}
	return ""
}

func (s *site) redeliver(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if _, err := s.Deliveries.Redeliver(c.UserContext(), fiberx.Actor(c), idsOf(id)); err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
	} else {
		say(c, Toast{Kind: "ok", Text: "On the way again."})
	}
	return seeOther(c, "/app/deliveries/"+id.String()+"/")
}

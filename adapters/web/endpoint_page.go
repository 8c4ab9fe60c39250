package web

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// EndpointPage is one endpoint with its health.
type EndpointPage struct {
	Page
	*usecase.EndpointDetail
	Pill      string // state
	StateWord string
	Banner    *list.Banner
	Stats     []Stat
	Attempts  BarChart
	Answers   LineChart
	OK, Bad   int // attempts in 24 hours
	Tabs      []Tab
	Table     *list.View
	AllURL    string
	Secrets   []SecretLine
	Overlaps  []OverlapChoice
	Cert      *CertFacts
	Trail     []TrailStop
	Guide     []GuideTab
	Test      *TestResult
	Owed      string // deliveries that go with it
	Live      bool
}

// TestResult is the answer to a test event.
type TestResult struct {
	OK       bool
	Delivery *domain.Delivery
	Attempt  AttemptView
	Error    string // when it could not even be sent
}

const endpointRows = 8

func (s *site) showEndpoint(c *fiber.Ctx) error {
	p, err := s.endpointPage(c)
	if err != nil {
		return err
	}
	return render(c, "pages/endpoint", "endpoint", p)
}

func (s *site) endpointPage(c *fiber.Ctx) (*EndpointPage, error) {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return nil, err
	}
	actor := fiberx.Actor(c)
	d, err := s.Endpoints.Find(c.UserContext(), actor, id)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	p := &EndpointPage{Page: s.page(c, d.Endpoint.Name, "endpoints", endpointCrumbs()...), EndpointDetail: d, Pill: endpointState(d.EndpointHealth), StateWord: stateWord(d.EndpointHealth), Guide: verifyGuide()}
	p.Attempts, p.Answers = attemptChart(d.Health.Hours, d.Endpoint.FailingSince, now), answerChart(d.Health.Hours, now)
	for _, h := range d.Health.Hours {
		p.OK += h.OK
		p.Bad += h.Failed
	}
	p.Owed = sumCapped(d.Counts)
	p.Banner, p.Stats = endpointBanner(d, now), endpointStats(d, now)
	p.Secrets, p.Overlaps, p.Cert = secretLines(d.Endpoint.LiveSecrets(now), now), overlaps, certFacts(d.Endpoint.ClientCert, now)
	p.Trail = endpointTrail(d.History)
	p.Live = d.Counts[domain.DeliveryPending] > 0 || d.Endpoint.HeldBack()
	return p, s.endpointDeliveries(c, p, now)
}

// endpointDeliveries fills the table of what was sent lately or waits.
func (s *site) endpointDeliveries(c *fiber.Ctx, p *EndpointPage, now time.Time) error {
	e := p.Endpoint
	show := utils.CopyString(c.Query("show"))
	if show == "" && p.Counts[domain.DeliveryPending] > 0 {
		show = string(domain.DeliveryPending)
	}
	path := "/app/endpoints/" + e.ID.String() + "/?show="
	words := map[domain.DeliveryStatus]string{domain.DeliveryPending: "Waiting", domain.DeliveryFailed: "Failed", domain.DeliveryDelivered: "Delivered"}
	p.Tabs = []Tab{{"All", path + "all", p.Owed, show == "all" || show == ""}}
	known := show == "all" || show == ""
	for _, st := range []domain.DeliveryStatus{domain.DeliveryPending, domain.DeliveryFailed, domain.DeliveryDelivered} {
		p.Tabs = append(p.Tabs, Tab{words[st], path + string(st), capped(p.Counts[st]), show == string(st)})
		known = known || show == string(st)
	}
	if !known {
		return domain.FieldErrorf("show", "An endpoint shows pending, failed or delivered deliveries, or all of them.")
	}
	query := map[string][]string{"endpoint": {e.ID.String()}}
	p.AllURL = "/app/deliveries/?endpoint=" + e.ID.String()
	if show != "all" && show != "" {
		query["status"] = []string{show}
		p.AllURL += "&status=" + show
	}
	ds, err := s.Deliveries.List(c.UserContext(), fiberx.Actor(c), ports.ListQuery{Filters: query, Limit: endpointRows})
	if err != nil {
		return err
	}
	p.Table = s.deliveriesList().Table(ds.Items, list.Env{Now: now, Admin: true}, "subject", "type", "status", "tries", "answer", "when")
	return nil
}

// testEndpoint sends a ping and shows the answer in place.
func (s *site) testEndpoint(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	result, err := s.Endpoints.Test(c.UserContext(), fiberx.Actor(c), id)
	var known *domain.Error
	if err != nil && (!errors.As(err, &known) || known.Code != domain.Unavailable) {
		return err
	}
	p, perr := s.endpointPage(c)
	if perr != nil {
		return perr
	}
	p.Live = false
	if err != nil {
		p.Test = &TestResult{Error: known.Message}
		return render(c, "pages/endpoint", "test", p)
	}
	p.Test = &TestResult{Delivery: result.Delivery, OK: result.Delivery.Status == domain.DeliveryDelivered}
	if len(result.Attempts) > 0 {
		p.Test.Attempt = attemptView(result.Attempts[0])
		p.Test.OK = result.Attempts[0].OK()
	}
	return render(c, "pages/endpoint", "test", p)
}

func (s *site) switchEndpoint(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	on := c.FormValue("active") == "true"
	if !on && c.FormValue("active") != "false" {
		return domain.FieldErrorf("active", "An endpoint is switched on (true) or off (false).")
	}
	if _, err := s.Endpoints.SetActive(c.UserContext(), fiberx.Actor(c), id, on); err != nil {
		return err
	}
	text := "Switched off. What was waiting is cancelled."
	if on {
		text = "Switched on. It hears of everything from now on."
	}
	say(c, Toast{Kind: "ok", Text: text})
	return seeOther(c, "/app/endpoints/"+id.String()+"/")
}

func (s *site) deleteEndpoint(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if err := s.Endpoints.Delete(c.UserContext(), fiberx.Actor(c), id); err != nil {
		return err
	}
	say(c, Toast{Kind: "ok", Text: "Endpoint deleted with its deliveries."})
	return seeOther(c, "/app/endpoints/")
}

// Waiting is how many deliveries are cancelled when it is switched off.
func (p *EndpointPage) Waiting() string { return capped(p.Counts[domain.DeliveryPending]) }

// FailedCount is how many deliveries failed for good.
func (p *EndpointPage) FailedCount() string { return capped(p.Counts[domain.DeliveryFailed]) }

// AnyFailed tells whether there is something to send again.
func (p *EndpointPage) AnyFailed() bool {
	return p.Endpoint.Active && p.Counts[domain.DeliveryFailed] > 0
}

// Missed tells whether the endpoint is off and may have missed something.
func (p *EndpointPage) Missed() bool { return !p.Endpoint.Active }

// ReplayRate is that of catching up, in deliveries a second.
func (p *EndpointPage) ReplayRate() int { return domain.DefaultReplayRate }

// sumCapped adds counts, each of which may have stopped at ports.CountCap.
func sumCapped(counts map[domain.DeliveryStatus]int) string {
	sum, more := 0, ""
	for _, n := range counts {
		sum += n
		if n >= ports.CountCap {
			more = "+"
		}
	}
	return groupInt(sum) + more
}

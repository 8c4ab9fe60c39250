package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// slowP95 is from when on an answer time is worth a warning.
const slowP95 = time.Second

type endpointRow = usecase.EndpointHealth

func (s *site) endpointsList() *list.Resource[endpointRow] {
	return &list.Resource[endpointRow]{
		Name: "endpoints", Title: "Endpoints", One: "endpoint", Many: "endpoints", Path: "/app/endpoints/",
		SearchHint: "Name or address", AdminOnly: true, Tall: true, Columns: endpointColumns(),
		Filters: []list.Filter{
			{Key: "active", Label: "State", Icon: "power", Options: []list.Option{{Value: "true", Label: "On"}, {Value: "false", Label: "Off"}}},
			list.Created(),
		},
		Source: s.Endpoints.List,
		ID:     func(e endpointRow) uuid.UUID { return e.Endpoint.ID },
		Label:  func(e endpointRow) string { return e.Endpoint.Name },
		Cursor: func(e endpointRow) ports.Cursor { return ports.Cursor{At: e.Endpoint.CreatedAt, ID: e.Endpoint.ID} },
		Buttons: []list.Button{
			{Label: "Receive webhooks", Icon: "code", URL: "/app/endpoints/receive/"},
			{Label: "Add endpoint", Icon: "plus", URL: "/app/endpoints/new/", Primary: true},
		},
		Meta: endpointMeta, Banner: endpointsBanner,
		Legend:     []list.Key{{State: "ok", Text: "Delivered"}, {State: "failed", Text: "Failed"}, {State: "slowed", Text: "Some failed"}},
		LegendText: "One bar is an hour; its height is how many were sent.",
		Note:       "newest first",
		Empty: list.Empty{
			Art: "listen", Title: "Nobody is listening yet",
			Text: "An endpoint is a URL that gets a signed request for every file. Events recorded before you add one are not sent to it.",
			URL:  "/app/endpoints/new/", URLText: "Add endpoint", Icon: "plus",
			Code: "doorito listen --addr 127.0.0.1:9000 --secret \"$SECRET\"",
		},
	}
}

func endpointColumns() []list.Column[endpointRow] {
	return []list.Column[endpointRow]{
		{Key: "name", Label: "Endpoint", Class: "grow", Cell: endpointName},
		{Key: "state", Label: "State", Cell: func(e endpointRow, _ list.Env) list.Cell { return list.Pill(endpointState(e), stateWord(e), "") }},
		{Key: "strip", Label: "Last 24 hours", Class: "hide", Cell: func(e endpointRow, env list.Env) list.Cell {
			return list.Strip(healthStrip(e.Health.Hours, env.Now), stripLabel(e.Endpoint.Name, e.Health))
		}},
		{Key: "success", Label: "Success", Class: "num", CardLabel: "success", Cell: func(e endpointRow, _ list.Env) list.Cell {
			share := successOf(e.Health)
			if share == "–" {
				return list.Faint(share)
			}
			if e.State() == "failed" {
				return list.Toned(share+" %", "error")
			}
			return list.Text(share + " %")
		}},
		{Key: "p95", Label: "p95", Class: "num", CardLabel: "p95", Cell: func(e endpointRow, _ list.Env) list.Cell {
			switch p := e.Health.P95; {
			case p == 0:
				return list.Faint("–")
			case p >= slowP95:
				return list.Toned(formatDuration(p), "warning")
			default:
				return list.Text(formatDuration(p))
			}
		}},
		{Key: "backlog", Label: "Backlog", Class: "num", CardLabel: "backlog", Cell: func(e endpointRow, _ list.Env) list.Cell {
			if e.Health.Pending == 0 {
				return list.Faint("0")
			}
			return list.Text(capped(e.Health.Pending))
		}},
	}
}

// endpointName is the name above the address; a client certificate that ends
// comes before the address.
func endpointName(e endpointRow, env list.Env) list.Cell {
	c := list.TwoLines(e.Endpoint.Name, "/app/endpoints/"+e.Endpoint.ID.String()+"/", bareURL(e.Endpoint.URL), wants(e.Endpoint))
	if cert := e.Endpoint.ClientCert; e.Endpoint.Active && cert.EndsSoon(env.Now) {
		c.Note, c.Tone = "client certificate "+certEnd(cert, env.Now), "warning"
		if cert.Expired(env.Now) {
			c.Tone = "error"
		}
	}
	return c
}

// capped says a count that stopped at ports.CountCap.
func capped(n int) string {
	if n >= ports.CountCap {
		return "10,000+"
	}
	return groupInt(n)
}

// bareURL is an address without its scheme, as people say it.
func bareURL(u string) string {
	_, rest, ok := strings.Cut(u, "://")
	if !ok {
		return u
	}
	return strings.TrimSuffix(rest, "/")
}

// wants is which events an endpoint gets, in a few words.
func wants(e *domain.Endpoint) string {
	words := ""
	switch n := len(e.EventTypes); {
	case n == 0:
		words = "all events"
	case n <= 2:
		words = strings.Join(e.EventTypes, ", ")
	default:
		words = fmt.Sprintf("%s and %d more", e.EventTypes[0], n-1)
	}
	if !e.Filter.IsEmpty() {
		words += ", on conditions"
	}
	return words
}

func endpointMeta(p ports.Page[endpointRow], _ time.Time) []string {
	on, sent, waiting := 0, 0, 0
	for _, e := range p.Items {
		if e.Endpoint.Active {
			on++
		}
		sent += e.Health.Delivered
		waiting += e.Health.Pending
	}
	out := []string{fmt.Sprintf("%s, %d on", counted(p.Total, "receiver"), on)}
	return append(out, groupInt(sent)+" delivered in 24 hours", capped(waiting)+" waiting")
}

// endpointsBanner warns of the endpoint that has failed for longest, else of the
// client certificate that ends first.
func endpointsBanner(p ports.Page[endpointRow], now time.Time) *list.Banner {
	if b := failingBanner(p); b != nil {
		return b
	}
	var first *domain.Endpoint
	for _, e := range p.Items {
		ep := e.Endpoint
		if ep.Active && ep.ClientCert.EndsSoon(now) && (first == nil || ep.ClientCert.NotAfter.Before(first.ClientCert.NotAfter)) {
			first = ep
		}
	}
	if first == nil {
		return nil
	}
	return certBanner(first, "The client certificate for "+first.Name, now)
}

func failingBanner(p ports.Page[endpointRow]) *list.Banner {
	var worst *domain.Endpoint
	for _, e := range p.Items {
		ep := e.Endpoint
		if ep.Active && ep.FailingSince != nil && (worst == nil || ep.FailingSince.Before(*worst.FailingSince)) {
			worst = ep
		}
	}
	if worst == nil {
		return nil
	}
	return &list.Banner{
		State: "failed", Icon: "triangle-alert", Strong: fmt.Sprintf("Nothing gets through to %s since %s.", worst.Name, dayAndTime(*worst.FailingSince)),
		Text: "It will be disabled on " + dayAndTime(worst.FailingSince.Add(domain.DisableAfter)) + " if nothing gets through. The other endpoints are not held up.",
		URL:  "/app/endpoints/" + worst.ID.String() + "/", URLText: "Look into it",
	}
}

func dayAndTime(t time.Time) string { return t.UTC().Format("Mon 2 Jan, 15:04 UTC") }

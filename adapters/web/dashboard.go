package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports/usecase"
)

// DashboardPage is the first page after signing in.
type DashboardPage struct {
	Page
	Now       time.Time
	Title     string
	Self      string // its own address, with the span
	Spans     []SpanTab
	Latest    string // what the lit bars are
	Stats     []Stat
	Totals    usecase.Totals
	Files     BarChart
	States    []StateShare
	Bytes     BarChart
	Used      LineChart
	Kept      string
	KeptFiles int
	Health    BarChart
	Success   string
	Rate      LineChart
	Answers   LineChart
	P50, P95  time.Duration
	Queue     LineChart
	Waiting   int
	Notices   []Notice
	Recent    []RecentFile
	Endpoints []EndpointLine
	More      int // endpoints beyond those shown
}

// SpanTab is a choice of how far back the page looks.
type SpanTab struct {
	Label, ID, URL string
	On             bool
}

// StateShare is a part of the bar of states, and its line in the legend.
type StateShare struct {
	State    string
	Count    int
	X, Width px
	URL      string
}

// Stat is a number with a line below and a spark on its floor.
type Stat struct {
	Icon, Label, Value, Unit, Strong, Note string
	Spark                                  []int
	State                                  string
}

// Notice is one thing that asks for a hand.
type Notice struct {
	usecase.Attention
	State, Icon string
}

// RecentFile is a line of the files that came in last.
type RecentFile struct {
	File            *domain.File
	Ext             string
	Delivered, Owed int
}

// EndpointLine is an endpoint with its strip.
type EndpointLine struct {
	ID, Name, Success, Label string
	Bars                     []list.Bar
}

const endpointLines = 5

// spanWords name a span: as a title, and what its lit bars are.
var spanWords = map[domain.Span]struct{ tab, title, before, latest string }{
	domain.SpanDay:   {"24 h", "Last 24 hours", "the 24 hours before", "This hour"},
	domain.SpanWeek:  {"7 days", "Seven days", "the seven days before", "Today"},
	domain.SpanMonth: {"30 days", "Thirty days", "the 30 days before", "Today"},
}

func (s *site) showDashboard(c *fiber.Ctx) error {
	span := domain.ParseSpan(c.Query("span"))
	sum, err := s.Dashboard.Summary(c.UserContext(), fiberx.Actor(c), span)
	if err != nil {
		return err
	}
	words := spanWords[span]
	p := DashboardPage{Page: s.page(c, "Dashboard", "dashboard"), Now: sum.Now, Title: words.title, Self: spanURL(span), Latest: words.latest, Totals: sum.Totals}
	admin := p.User != nil && p.User.IsAdmin
	for _, other := range domain.Spans {
		p.Spans = append(p.Spans, SpanTab{Label: spanWords[other].tab, ID: "span-" + string(other), URL: spanURL(other), On: other == span})
	}
	drawn := overOf(sum)
	p.draw(sum, drawn)
	p.Stats = dashboardStats(sum, drawn.sparks(), admin)
	p.States = stateShares(sum)
	for _, a := range sum.Attention {
		p.Notices = append(p.Notices, noticeOf(a))
	}
	for _, f := range sum.Recent {
		d := sum.Delivered[f.ID]
		p.Recent = append(p.Recent, RecentFile{File: f, Ext: ext(f.OriginalFilename, f.ContentType), Delivered: d[0], Owed: d[1]})
	}
	for i, e := range sum.Endpoints {
		if i == endpointLines {
			p.More = len(sum.Endpoints) - endpointLines
			break
		}
		p.Endpoints = append(p.Endpoints, EndpointLine{
			ID: e.Endpoint.ID.String(), Name: e.Endpoint.Name, Success: successOf(e.Health),
			Label: stripLabel(e.Endpoint.Name, e.Health), Bars: healthStrip(e.Health.Hours, sum.Now),
		})
	}
	return render(c, "pages/dashboard", "today", p)
}

// spanURL is the page with a span; the usual one needs no words.
func spanURL(s domain.Span) string {
	if s == domain.ParseSpan("") {
		return "/app/"
	}
	return "/app/?span=" + string(s)
}

func dashboardStats(sum *usecase.Summary, over sparks, admin bool) []Stat {
	t := sum.Totals
	value, unit, _ := strings.Cut(domain.FormatBytes(t.Bytes), " ")
	stats := []Stat{
		{Icon: "file-up", Label: "Files stored", Value: countWords(int64(t.Stored)), State: "live", Spark: over.stored},
		{Icon: "hard-drive", Label: "Bytes received", Value: value, Unit: unit, Spark: over.bytes},
	}
	stats[0].Strong, stats[0].Note = compared(int64(t.Stored), int64(sum.Before.Stored), sum.Span)
	stats[1].Strong, stats[1].Note = compared(t.Bytes, sum.Before.Bytes, sum.Span)
	refused := Stat{Icon: "file-x-2", Label: "Refused", Value: countWords(int64(t.Failed)), State: "failed", Spark: over.refused}
	refused.Strong, refused.Note = compared(int64(t.Failed), int64(sum.Before.Failed), sum.Span)
	if !admin {
		return append(stats, refused, Stat{Icon: "archive", Label: "Files kept", Value: countWords(int64(sum.StoredFiles)), Strong: domain.FormatBytes(sum.StoredBytes), Note: "until they expire"})
	}
	deliveries := Stat{Icon: "send", Label: "Deliveries", Value: countWords(int64(t.Deliveries)), Note: "none yet", Spark: over.delivered}
	if t.Deliveries > 0 {
		deliveries.Strong, deliveries.Note = formatPercent(t.FirstOK, t.Deliveries)+" %", "at the first try"
	}
	failures := Stat{Icon: "triangle-alert", Label: "Failures", Value: countWords(int64(t.Failures)), Note: "attempts that did not get through", State: "failed", Spark: over.failures}
	if worst, n := worstEndpoint(sum); t.Failures > 0 && n > 0 {
		failures.Strong, failures.Note = countWords(int64(n)), "from "+worst+" in 24 hours"
	}
	return append(stats, deliveries, failures)
}

// worstEndpoint is the one with the most failed attempts in its 24 hours.
func worstEndpoint(sum *usecase.Summary) (name string, failed int) {
	for _, e := range sum.Endpoints {
		if e.Health.Failed > failed {
			name, failed = e.Endpoint.Name, e.Health.Failed
		}
	}
	return name, failed
}

// compared says how a number stands against as long a time before.
func compared(now, before int64, span domain.Span) (strong, note string) {
	words := spanWords[span].before
	switch {
	case before == 0 && now == 0:
		return "", "none in " + words + " either"
	case before == 0:
		return "", "none in " + words
	case now == before:
		return "the same", "as in " + words
	}
	change := (now - before) * 100 / before
	switch {
	case change >= 1000:
		return countWords(now/before) + " times", "what came in " + words
	case change > 0:
		return "+" + countWords(change) + " %", "on " + words
	case change < 0:
		return "−" + countWords(-change) + " %", "on " + words
	}
	return "about the same", "as in " + words
}

// stateShares says what became of the files of the span, in parts of 1,000.
func stateShares(sum *usecase.Summary) []StateShare {
	st := sum.States
	all := st.Uploading + st.Stored + st.Processed + st.Failed + st.Deleted
	if all == 0 {
		return nil
	}
	var out []StateShare
	x := 0.0
	for _, s := range []StateShare{
		{State: string(domain.FileProcessed), Count: st.Processed}, {State: string(domain.FileStored), Count: st.Stored}, {State: string(domain.FileUploading), Count: st.Uploading},
		{State: string(domain.FileFailed), Count: st.Failed}, {State: string(domain.FileDeleted), Count: st.Deleted},
	} {
		if s.Count == 0 {
			continue
		}
		w := float64(s.Count) * 1000 / float64(all)
		s.X, s.Width, s.URL = round(x), round(max(w-2, 3)), "/app/files/?status="+s.State+"&created="+string(sum.Span)
		x += w
		out = append(out, s)
	}
	return out
}

func noticeOf(a usecase.Attention) Notice {
	n := Notice{Attention: a, State: "failed", Icon: "triangle-alert"}
	switch a.Kind {
	case usecase.EndpointFailing:
		n.Icon = "webhook"
	case usecase.CertificateExpired:
		n.Icon = "shield"
	case usecase.CertificateExpiring:
		n.State, n.Icon = "slowed", "hourglass"
	case usecase.EndpointDisabled:
		n.State, n.Icon = "disabled", "power-off"
	case usecase.FilesFailed:
		n.Icon = "file-x-2"
	case usecase.FilesExpiring:
		n.State, n.Icon = "pending", "hourglass"
	case usecase.FilesHeld:
		n.State, n.Icon = "slowed", "hourglass"
	case usecase.QuotaFull:
		n.State, n.Icon = "warning", "hard-drive"
	case usecase.BatchesOpen:
		n.State, n.Icon = "pending", "layers"
	case usecase.DeliveriesFailed:
		n.Icon = "send"
	case usecase.ScheduleFailing:
		n.Icon = "calendar-clock"
	case usecase.RelayLate:
		n.State, n.Icon = "warning", "timer"
	}
	return n
}

package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// DashboardPage is the first page after signing in.
type DashboardPage struct {
	Page
	Now       time.Time
	Stats     []Stat
	Week      BarChart
	WeekSum   usecase.DayTotals
	Notices   []Notice
	Recent    []RecentFile
	Endpoints []EndpointLine
	More      int // endpoints beyond those shown
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

func (s *site) showDashboard(c *fiber.Ctx) error {
	sum, err := s.Dashboard.Summary(c.UserContext(), fiberx.Actor(c))
	if err != nil {
		return err
	}
	p := DashboardPage{Page: s.page(c, "Dashboard", "dashboard"), Now: sum.Now, Week: weekChart(sum.FileHours, sum.Now)}
	p.Stats = dashboardStats(sum, p.User != nil && p.User.IsAdmin)
	for _, h := range sum.FileHours {
		p.WeekSum.Stored += h.Stored
		p.WeekSum.Failed += h.Failed
		p.WeekSum.Bytes += h.Bytes
	}
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
			Label: stripLabel(e.Endpoint.Name, e.Health), Bars: healthStrip(e.Hours, sum.Now),
		})
	}
	return render(c, "pages/dashboard", "today", p)
}

func dashboardStats(sum *usecase.Summary, admin bool) []Stat {
	t := sum.Today
	value, unit, _ := strings.Cut(domain.FormatBytes(t.Bytes), " ")
	stats := []Stat{
		{Icon: "file-up", Label: "Files stored", Value: groupDigits(strconv.Itoa(t.Stored)), State: "live", Spark: fileSpark(sum, func(h ports.FileHour) int { return h.Stored })},
		{Icon: "hard-drive", Label: "Bytes received", Value: value, Unit: unit, Strong: domain.FormatBytes(sum.StoredBytes), Note: "kept in all", Spark: fileSpark(sum, func(h ports.FileHour) int { return int(h.Bytes / 1000) })},
	}
	stats[0].Strong, stats[0].Note = compared(t.Stored, sum.LastWeekDay.Stored, sum.Now)
	if !admin {
		return append(stats,
			Stat{Icon: "archive", Label: "Files kept", Value: groupDigits(strconv.Itoa(sum.StoredFiles)), Note: "until they expire"},
			Stat{Icon: "triangle-alert", Label: "Refused", Value: groupDigits(strconv.Itoa(t.Failed)), Note: "today", State: "failed", Spark: fileSpark(sum, func(h ports.FileHour) int { return h.Failed })},
		)
	}
	deliveries := Stat{Icon: "send", Label: "Deliveries", Value: groupDigits(strconv.Itoa(t.Deliveries)), Note: "none yet today", Spark: attemptSpark(sum, func(h ports.AttemptHour) int { return h.OK })}
	if t.Deliveries > 0 {
		deliveries.Strong, deliveries.Note = formatPercent(t.FirstOK, t.Deliveries)+" %", "at the first try"
	}
	failures := Stat{Icon: "triangle-alert", Label: "Failures", Value: groupDigits(strconv.Itoa(t.Failures)), Note: "attempts that did not get through", State: "failed", Spark: attemptSpark(sum, func(h ports.AttemptHour) int { return h.Failed })}
	if worst, n := worstEndpoint(sum); t.Failures > 0 && n > 0 {
		failures.Strong, failures.Note = groupDigits(strconv.Itoa(n)), "from "+worst
	}
	return append(stats, deliveries, failures)
}

// worstEndpoint is the one with the most failed attempts today.
func worstEndpoint(sum *usecase.Summary) (name string, failed int) {
	midnight := sum.Now.Truncate(24 * time.Hour)
	for _, e := range sum.Endpoints {
		n := 0
		for _, h := range e.Hours {
			if !h.Hour.Before(midnight) {
				n += h.Failed
			}
		}
		if n > failed {
			name, failed = e.Endpoint.Name, n
		}
	}
	return name, failed
}

// compared says how a number stands against the same time a week ago.
func compared(today, before int, now time.Time) (strong, note string) {
	day := "on last " + now.UTC().Weekday().String()
	switch {
	case before == 0:
		return "", "none by now last " + now.UTC().Weekday().String()
	case today == before:
		return "the same", "as last " + now.UTC().Weekday().String()
	}
	change := (today - before) * 100 / before
	if change > 0 {
		return "+" + groupDigits(strconv.Itoa(change)) + " %", day
	}
	return "−" + groupDigits(strconv.Itoa(-change)) + " %", day
}

func fileSpark(sum *usecase.Summary, value func(ports.FileHour) int) []int {
	out := make([]int, sum.Now.UTC().Hour()+1)
	midnight, any := sum.Now.Truncate(24*time.Hour), false
	for _, h := range sum.FileHours {
		if i := int(h.Hour.Sub(midnight) / time.Hour); !h.Hour.Before(midnight) && i < len(out) {
			out[i] += value(h)
			any = any || out[i] > 0
		}
	}
	return ifAny(out, any)
}

func attemptSpark(sum *usecase.Summary, value func(ports.AttemptHour) int) []int {
	out := make([]int, sum.Now.UTC().Hour()+1)
	midnight, any := sum.Now.Truncate(24*time.Hour), false
	for _, h := range sum.Attempts {
		if i := int(h.Hour.Sub(midnight) / time.Hour); !h.Hour.Before(midnight) && i < len(out) {
			out[i] += value(h)
			any = any || out[i] > 0
		}
	}
	return ifAny(out, any)
}

// ifAny leaves a spark out that would be a flat line on the floor.
func ifAny(values []int, any bool) []int {
	if !any {
		return nil
	}
	return values
}

func noticeOf(a usecase.Attention) Notice {
	n := Notice{Attention: a, State: "failed", Icon: "triangle-alert"}
	switch a.Kind {
	case "endpoint_failing":
		n.Icon = "webhook"
	case "certificate_expired":
		n.Icon = "shield"
	case "certificate_expiring":
		n.State, n.Icon = "slowed", "hourglass"
	case "endpoint_disabled":
		n.State, n.Icon = "disabled", "power-off"
	case "files_failed":
		n.Icon = "file-x-2"
	case "files_expiring":
		n.State, n.Icon = "pending", "hourglass"
	case "relay_late":
		n.State, n.Icon = "warning", "timer"
	}
	return n
}

package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
)

// AdminHistoryPage is who did what to one thing.
type AdminHistoryPage struct {
	Page
	Object       *admin.View
	HistoryCount string
	History      []HistoryLine
	AuditURL     string // the same in the audit log
	Older        string
}

// HistoryLine is one entry of the audit log.
type HistoryLine struct {
	State, Icon, Actor, Words, IP, URL string
	At                                 time.Time
	Changes                            []admin.Change
}

// historyChanges reads "old → new" apart.
func historyChanges(e *domain.AuditEntry) []admin.Change {
	var out []admin.Change
	for _, field := range slices.Sorted(maps.Keys(e.Changes)) {
		c := admin.Change{Field: strings.ReplaceAll(field, "_", " "), After: e.Changes[field]}
		if before, after, ok := strings.Cut(e.Changes[field], " → "); ok {
			c.Before, c.After, c.Moved = before, after, true
		}
		out = append(out, c)
	}
	return out
}

// auditVerb is what was done, after the name of who did it: "switched off".
func auditVerb(action string) (verb, state, icon string) {
	stop, ok := auditWords[action]
	if !ok {
		return strings.ReplaceAll(action, "_", " "), "none", "scroll-text"
	}
	return strings.ToLower(stop.Text[:1]) + stop.Text[1:], stop.State, stop.Icon
}

func historyLine(e *domain.AuditEntry) HistoryLine {
	h := HistoryLine{Actor: e.ActorName, IP: e.IP, At: e.At, URL: "/admin/audit/" + e.ID.String() + "/", Changes: historyChanges(e)}
	h.Words, h.State, h.Icon = auditVerb(e.Action)
	return h
}

// historyLines is a page of an object's history.
type historyLines struct {
	lines []HistoryLine
	total string
	older *ports.Cursor
}

func (p *adminPages[T, D]) lines(c *fiber.Ctx, id uuid.UUID, q ports.ListQuery) (historyLines, error) {
	q.Filters = map[string][]string{"object": {p.r.Object}, "object_id": {id.String()}}
	page, err := p.Audit.List(c.UserContext(), fiberx.Actor(c), q)
	if err != nil {
		return historyLines{}, err
	}
	out := historyLines{total: groupInt(page.Total)}
	if page.Capped {
		out.total += "+"
	}
	for _, e := range page.Items {
		out.lines = append(out.lines, historyLine(e))
	}
	if page.Older && len(page.Items) > 0 {
		last := page.Items[len(page.Items)-1]
		out.older = &ports.Cursor{At: last.At, ID: last.ID}
	}
	return out, nil
}

func (p *adminPages[T, D]) history(c *fiber.Ctx) error {
	d, id, err := p.find(c)
	if err != nil {
		return err
	}
	state, err := list.ParseState(historyQuery(c), nil)
	if err != nil {
		return err
	}
	lines, err := p.lines(c, id, ports.ListQuery{After: state.After})
	if err != nil {
		return err
	}
	v := p.r.Show(d, p.env(), c.Query("list"))
	page := AdminHistoryPage{
		Page:   p.crumbs(c, "History", Crumb{Label: p.r.List.Title, URL: v.BackURL}, Crumb{Label: v.Title, URL: v.Own}),
		Object: v, History: lines.lines, HistoryCount: lines.total,
		AuditURL: "/admin/audit/?object=" + p.r.Object + "&object_id=" + id.String(),
	}
	if lines.older != nil {
		page.Older = v.Own + "history/?after=" + strconv.FormatInt(lines.older.At.UnixMicro(), 10) + "-" + lines.older.ID.String()
	}
	return render(c, "pages/admin_history", "", page)
}

// historyQuery leaves of the address what the history itself knows.
func historyQuery(c *fiber.Ctx) string {
	if after := c.Query("after"); after != "" {
		return "after=" + after
	}
	return ""
}

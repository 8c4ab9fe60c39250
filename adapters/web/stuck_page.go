package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/list"
	"doorito/ports"
)

// StuckPage is what waits for longest, and where most waits.
type StuckPage struct {
	Page
	Backlogs []BacklogBar
	Table    *list.View
	Oldest   *time.Time
	Waiting  string
}

// BacklogBar is an endpoint's backlog beside the biggest one.
type BacklogBar struct {
	ports.Backlog
	Count string
	Most  int
	State string
	URL   string
	Due   bool // the next attempt is due, or waits for room or for a pause to end
}

func (s *site) showStuck(c *fiber.Ctx) error {
	stuck, err := s.Deliveries.Stuck(c.UserContext(), fiberx.Actor(c))
	if err != nil {
		return err
	}
	p := StuckPage{Page: s.page(c, "What is stuck", "deliveries", Crumb{Label: "Webhooks", URL: "/app/endpoints/"}, Crumb{Label: "Deliveries", URL: "/app/deliveries/"})}
	now, total := s.Clock.Now(), 0
	for _, b := range stuck.Backlogs {
		bar := BacklogBar{Backlog: b, Count: capped(b.Pending), Most: stuck.Backlogs[0].Pending, State: "pending", URL: "/app/deliveries/?status=pending&endpoint=" + b.EndpointID.String()}
		bar.Due = !b.Next.After(now)
		if !b.Active {
			bar.State = "disabled"
		}
		total += b.Pending
		p.Backlogs = append(p.Backlogs, bar)
	}
	p.Waiting = groupInt(total)
	if len(stuck.Oldest) > 0 {
		p.Oldest = &stuck.Oldest[0].CreatedAt
	}
	p.Table = s.deliveriesList().Table(stuck.Oldest, list.Env{Now: now, Admin: true}, "subject", "to", "tries", "answer", "when", "created")
	return render(c, "pages/stuck", "stuck", p)
}

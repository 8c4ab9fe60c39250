package web

import (
	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// ReplayPage is one replay on its way.
type ReplayPage struct {
	Page
	Replay  *domain.Replay
	Percent int
	Live    bool
}

func (s *site) showReplay(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	r, err := s.Replays.Find(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		return err
	}
	p := ReplayPage{
		Page:   s.page(c, "Replay "+short(id), "deliveries", Crumb{Label: "Webhooks", URL: "/app/endpoints/"}, Crumb{Label: "Replays", URL: "/app/replays/"}),
		Replay: r, Percent: int(100 * r.Progress()), Live: r.Status == domain.ReplayRunning,
	}
	return render(c, "pages/replay", "replay", p)
}

func (s *site) cancelReplay(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	r, err := s.Replays.Cancel(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
		return seeOther(c, "/app/replays/"+id.String()+"/")
	}
	say(c, Toast{Kind: "ok", Text: "Cancelled. What it made due already is still sent."})
	return seeOther(c, replayURL(r))
}

// catchUp switches an endpoint on and replays what it missed.
func (s *site) catchUp(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	r, err := s.Replays.EnableAndReplay(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
		return seeOther(c, "/app/endpoints/"+id.String()+"/")
	}
	say(c, Toast{Kind: "ok", Text: "Switched on. What it missed is on the way."})
	return seeOther(c, replayURL(r))
}

// retryEndpoint makes what failed due again.
func (s *site) retryEndpoint(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	n, err := s.Deliveries.RetryEndpoint(c.UserContext(), fiberx.Actor(c), id)
	if err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
	} else {
		say(c, Toast{Kind: "ok", Text: counted(n, "delivery") + " on the way again."})
	}
	return seeOther(c, "/app/endpoints/"+id.String()+"/")
}

func (s *site) cancelDelivery(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	if _, err := s.Deliveries.Cancel(c.UserContext(), fiberx.Actor(c), idsOf(id)); err != nil {
		if err := sayError(c, err); err != nil {
			return err
		}
	} else {
		say(c, Toast{Kind: "ok", Text: "Cancelled. It is not sent any more."})
	}
	return seeOther(c, "/app/deliveries/"+id.String()+"/")
}

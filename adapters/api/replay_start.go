package api

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
)

// replayJSON is a replay with its progress.
type replayJSON struct {
	ID         uuid.UUID  `json:"id"`
	EndpointID uuid.UUID  `json:"endpoint_id"`
	From       time.Time  `json:"from"`
	To         time.Time  `json:"to"`
	EventTypes []string   `json:"event_types"`
	Scope      string     `json:"scope"`
	PerSecond  int        `json:"per_second"`
	Status     string     `json:"status"`
	Events     int        `json:"events"` // in the window when it began
	Seen       int        `json:"seen"`   // looked at so far
	Queued     int        `json:"queued"` // deliveries made due so far
	Reason     string     `json:"reason"`
	CreatedAt  time.Time  `json:"created_at"`
	EndedAt    *time.Time `json:"ended_at"`
}

func newReplayJSON(r *domain.Replay) replayJSON {
	return replayJSON{
		ID: r.ID, EndpointID: r.EndpointID, From: r.From, To: r.To, EventTypes: orEmpty(r.EventTypes), Scope: string(r.Scope), PerSecond: r.PerSecond,
		Status: string(r.Status), Events: r.Total, Seen: r.Seen, Queued: r.Queued, Reason: r.Reason, CreatedAt: r.CreatedAt, EndedAt: r.EndedAt,
	}
}

// replayPreviewJSON is what a replay would do. More: the counts stopped at a
// bound.
type replayPreviewJSON struct {
	Events int  `json:"events"`
	Sends  int  `json:"sends"`
	More   bool `json:"more"`
}

// replayStart begins a replay: 202. With dry_run it only counts: 200.
func (h *handlers) replayStart(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	var in struct {
		From       string   `json:"from"`
		To         string   `json:"to"`
		EventTypes []string `json:"event_types"`
		Scope      string   `json:"scope"`
		PerSecond  int      `json:"per_second"`
		DryRun     bool     `json:"dry_run"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	f := domain.ReplayForm{EventTypes: in.EventTypes, Scope: domain.ReplayScope(in.Scope), PerSecond: in.PerSecond}
	if f.From, err = momentOf("from", in.From); err != nil {
		return err
	}
	if f.To, err = momentOf("to", in.To); err != nil {
		return err
	}
	ctx, actor := c.UserContext(), fiberx.Actor(c)
	if in.DryRun {
		p, err := h.Replays.Preview(ctx, actor, id, f)
		if err != nil {
			return err
		}
		return c.JSON(replayPreviewJSON{Events: p.Events, Sends: p.Sends, More: p.Capped})
	}
	r, replayed, err := h.ReplaysOnce.StartOnce(ctx, actor, id, f, idempotencyKey(c))
	if err != nil {
		return err
	}
	return accepted(c, r, replayed)
}

// momentOf reads a time; empty is the zero time.
func momentOf(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return parseTime(name, text)
}

// endpointCatchUp switches an endpoint on and replays what it missed: 202.
func (h *handlers) endpointCatchUp(c *fiber.Ctx) error {
	id, err := fiberx.ParseID(c.Params("id"))
	if err != nil {
		return err
	}
	r, replayed, err := h.ReplaysOnce.EnableAndReplayOnce(c.UserContext(), fiberx.Actor(c), id, idempotencyKey(c))
	if err != nil {
		return err
	}
	return accepted(c, r, replayed)
}

// accepted answers 202, for one that an earlier request with the same key began
// too: it may still run.
func accepted(c *fiber.Ctx, r *domain.Replay, replayed bool) error {
	created(c, "/api/v1/replays/"+r.ID.String(), replayed)
	c.Status(fiber.StatusAccepted)
	return c.JSON(newReplayJSON(r))
}

package web

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports/usecase"
)

// ReplayFormPage asks which events to send again, and shows what that would do.
type ReplayFormPage struct {
	Page
	Endpoint                              *domain.Endpoint
	From, To, PerSecond                   string
	Types                                 []EventChoice
	Scopes                                []ScopeChoice
	FromError, ToError, TypesError, Error string
	RateError                             string
	Preview                               *usecase.ReplayPreview
	Lasts                                 string // how long sending takes at that rate
}

// inputTime is the value of a datetime-local input; ours are in UTC.
const inputTime = "2006-01-02T15:04"

// replayForm is what was typed.
type replayForm struct {
	from, to, perSecond, scope string
	types                      []string
}

// newReplay proposes the last day, or the time since it last got through.
func (s *site) newReplay(c *fiber.Ctx) error {
	e, err := s.endpointOf(c)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	from := now.Add(-24 * time.Hour)
	if e.FailingSince != nil {
		from = *e.FailingSince
	}
	f := replayForm{from: from.UTC().Format(inputTime), to: now.UTC().Add(time.Minute).Format(inputTime), perSecond: strconv.Itoa(domain.DefaultReplayRate), scope: string(domain.ReplayMissed)}
	return s.replayForm(c, e, f, nil, nil)
}

func (s *site) replayForm(c *fiber.Ctx, e *domain.Endpoint, f replayForm, preview *usecase.ReplayPreview, err error) error {
	own := Crumb{Label: e.Name, URL: "/app/endpoints/" + e.ID.String() + "/"}
	p := ReplayFormPage{
		Page: s.page(c, "Replay", "endpoints", append(endpointCrumbs(), own)...), Endpoint: e,
		From: f.from, To: f.to, PerSecond: f.perSecond, Preview: preview,
		Scopes: []ScopeChoice{
			{Scope: string(domain.ReplayMissed), Text: "What it never took: failed, cancelled, or from before it existed", On: f.scope != string(domain.ReplayAll)},
			{Scope: string(domain.ReplayAll), Text: "Everything, also what it has already", On: f.scope == string(domain.ReplayAll)},
		},
	}
	for _, t := range domain.EventTypes {
		if e.Active && e.Chooses(t) {
			p.Types = append(p.Types, EventChoice{Type: string(t), Text: eventTexts[t], On: slices.Contains(f.types, string(t))})
		}
	}
	if preview != nil {
		p.Lasts = lasts(preview)
	}
	p.say(c, err)
	return render(c, "pages/replay_form", "replay", p)
}

// say puts what was wrong beside its field.
func (p *ReplayFormPage) say(c *fiber.Ctx, err error) {
	if err == nil {
		return
	}
	c.Status(fiberx.StatusOf(err))
	switch fieldOf(err) {
	case "from":
		p.FromError = messageOf(err)
	case "to":
		p.ToError = messageOf(err)
	case "event_types":
		p.TypesError = messageOf(err)
	case "per_second":
		p.RateError = messageOf(err)
	default:
		p.Error = messageOf(err)
	}
}

// lasts is how long the sends take at their rate, rounded up.
func lasts(p *usecase.ReplayPreview) string {
	d := time.Duration((p.Sends+p.Replay.PerSecond-1)/p.Replay.PerSecond) * time.Second
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int((d + time.Minute - 1).Minutes()))
	}
	return fmt.Sprintf("%d h", int((d + time.Hour - 1).Hours()))
}

func readReplayForm(c *fiber.Ctx) (f replayForm, in domain.ReplayForm, err error) {
	form, err := readForm(c)
	if err != nil {
		return f, in, err
	}
	f = replayForm{from: form.Get("from"), to: form.Get("to"), perSecond: form.Get("per_second"), scope: form.Get("scope"), types: form["event_types"]}
	in = domain.ReplayForm{Scope: domain.ReplayScope(f.scope), EventTypes: f.types}
	for field, t := range map[string]*time.Time{"from": &in.From, "to": &in.To} {
		text := form.Get(field)
		if text == "" {
			continue
		}
		if *t, err = parseInputTime(text); err != nil {
			return f, in, domain.FieldErrorf(field, "%q is not a time. It looks like 2026-11-23 10:20, in UTC.", text)
		}
	}
	if f.perSecond != "" {
		if in.PerSecond, err = strconv.Atoi(f.perSecond); err != nil {
			return f, in, domain.FieldErrorf("per_second", "%q is not a number. A replay sends %d to %d a second.", f.perSecond, domain.MinReplayRate, domain.MaxReplayRate)
		}
	}
	return f, in, nil
}

// parseInputTime reads what browsers send, with and without seconds.
func parseInputTime(text string) (time.Time, error) {
	t, err := time.Parse(inputTime, text)
	if err != nil {
		t, err = time.Parse(inputTime+":05", text)
	}
	return t, err
}

// createReplay starts one, or only shows what it would do.
func (s *site) createReplay(c *fiber.Ctx) error {
	e, err := s.endpointOf(c)
	if err != nil {
		return err
	}
	f, in, err := readReplayForm(c)
	if err != nil && !isFormError(err) {
		return err
	}
	ctx, actor := c.UserContext(), fiberx.Actor(c)
	if err == nil && c.FormValue("do") != "start" {
		var preview *usecase.ReplayPreview
		preview, err = s.Replays.Preview(ctx, actor, e.ID, in)
		if err == nil {
			return s.replayForm(c, e, f, preview, nil)
		}
	}
	var r *domain.Replay
	if err == nil {
		r, err = s.Replays.Start(ctx, actor, e.ID, in)
	}
	if isFormError(err) {
		return s.replayForm(c, e, f, nil, err)
	}
	if err != nil {
		return err
	}
	return seeOther(c, replayURL(r))
}

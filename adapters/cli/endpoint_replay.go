package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"doorito/domain"
)

// endpointReplay starts a replay, which a running portal or worker carries out.
func (p *Program) endpointReplay() *cobra.Command {
	var from, to, types, scope string
	var rate int
	var dry bool
	c := &cobra.Command{Use: "replay ID", Short: "Send the events of a time window again", Args: cobra.ExactArgs(1),
		Long: "Sends the events of a time window to an endpoint again, oldest first. The\nportal or worker that runs does it; this command starts it and prints its id."}
	c.Flags().StringVar(&from, "from", "", "begin of the window: 2026-05-04T09:30:00Z, 2026-05-04, or 24h for that long ago (required)")
	c.Flags().StringVar(&to, "to", "", "end of the window; now when left out")
	c.Flags().StringVar(&types, "events", "", "comma list such as file.stored,batch.*; all that the endpoint wants when left out")
	c.Flags().StringVar(&scope, "scope", string(domain.ReplayMissed), "missed (never taken) or all")
	c.Flags().IntVar(&rate, "rate", domain.DefaultReplayRate, "deliveries a second")
	c.Flags().BoolVar(&dry, "dry-run", false, "only count what would be sent")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, args []string) error {
		id, err := endpointID(args[0])
		if err != nil {
			return err
		}
		f := domain.ReplayForm{Scope: domain.ReplayScope(scope), PerSecond: rate}
		if f.From, err = p.moment("from", from); err != nil {
			return err
		}
		if f.To, err = p.moment("to", to); err != nil {
			return err
		}
		f.EventTypes = commaList(types)
		if dry {
			return p.previewReplay(c, core, id, f)
		}
		r, err := core.Replays.Start(c.Context(), domain.System(), id, f)
		if err != nil {
			return err
		}
		return json.NewEncoder(p.Stdout).Encode(struct {
			ID     uuid.UUID `json:"id"`
			Events int       `json:"events"`
		}{r.ID, r.Total})
	})
	return c
}

func (p *Program) previewReplay(c *cobra.Command, core *Core, id uuid.UUID, f domain.ReplayForm) error {
	got, err := core.Replays.Preview(c.Context(), domain.System(), id, f)
	if err != nil {
		return err
	}
	return json.NewEncoder(p.Stdout).Encode(struct {
		Events int  `json:"events"`
		Sends  int  `json:"sends"`
		More   bool `json:"more"` // the counts stopped at a bound
	}{got.Events, got.Sends, got.Capped})
}

// moment reads a time, a day or how long ago; empty is the zero time.
func (p *Program) moment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago > 0 {
		return p.Clock.Now().Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, &UsageError{fmt.Errorf("--%s is a time such as 2026-05-04T09:30:00Z, a day such as 2026-05-04, or how long ago such as 24h, not %q", flag, text)}
}

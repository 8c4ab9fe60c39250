package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"doorito/domain"
	"doorito/ports"
)

func (p *Program) schedule() *cobra.Command {
	return group("schedule", "List schedules, run one now, switch them on and off",
		p.scheduleList(), p.scheduleRun(), p.scheduleSwitch("enable", "on", true), p.scheduleSwitch("disable", "off", false))
}

func (p *Program) scheduleList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{Use: "list", Short: "List schedules with their next and last run (UTC)", Args: cobra.NoArgs}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, _ []string) error {
		page, err := core.Schedules.List(c.Context(), domain.System(), ports.ListQuery{Limit: ports.MaxPageSize})
		if err != nil {
			return err
		}
		type row struct {
			ID         uuid.UUID  `json:"id"`
			Name       string     `json:"name"`
			Task       string     `json:"task"`
			When       string     `json:"when"`
			Enabled    bool       `json:"enabled"`
			NextRunAt  *time.Time `json:"next_run_at"`
			LastRunAt  *time.Time `json:"last_run_at"`
			LastMillis int64      `json:"last_duration_ms"`
			LastResult string     `json:"last_result"`
			LastError  string     `json:"last_error"`
		}
		rows := make([]row, len(page.Items))
		for i, s := range page.Items {
			rows[i] = row{s.ID, s.Name, string(s.Task), s.When(), s.Enabled, nil, s.LastRunAt, s.LastDuration.Milliseconds(), s.LastResult, s.LastError}
			if s.Enabled {
				rows[i].NextRunAt = &s.NextRunAt
			}
		}
		if asJSON {
			return json.NewEncoder(p.Stdout).Encode(rows)
		}
		for _, r := range rows {
			next, last := "off", r.LastResult
			if r.NextRunAt != nil {
				next = r.NextRunAt.UTC().Format("2006-01-02 15:04")
			}
			if r.LastError != "" {
				last = "failed: " + r.LastError
			}
			fmt.Fprintf(p.Stdout, "%-28s %-20s %-16s %-16s %s\n", r.Name, r.Task, r.When, next, last)
		}
		return nil
	})
	return c
}

func (p *Program) scheduleRun() *cobra.Command {
	return p.onSchedule("run NAME|ID", "Queue a run now, also of one that is off", func(ctx context.Context, core *Core, s *domain.Schedule) (string, error) {
		n, err := core.Schedules.Run(ctx, domain.System(), []uuid.UUID{s.ID})
		if n == 0 {
			return "waits already", err
		}
		return "queued", err
	})
}

func (p *Program) scheduleSwitch(verb, word string, on bool) *cobra.Command {
	return p.onSchedule(verb+" NAME|ID", "Switch a schedule "+word, func(ctx context.Context, core *Core, s *domain.Schedule) (string, error) {
		n, err := core.Schedules.Switch(ctx, domain.System(), []uuid.UUID{s.ID}, on)
		if n == 0 {
			return "is " + word + " already", err
		}
		return "is " + word, err
	})
}

// onSchedule is a command about one schedule; it says what came of it.
func (p *Program) onSchedule(use, short string, do func(ctx context.Context, core *Core, s *domain.Schedule) (string, error)) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: p.withCore(func(c *cobra.Command, core *Core, args []string) error {
			s, err := core.Schedules.FindByName(c.Context(), domain.System(), args[0])
			if err != nil {
				return err
			}
			word, err := do(c.Context(), core, s)
			if err == nil {
				fmt.Fprintln(p.Stderr, s.Name, word)
			}
			return err
		}),
	}
}

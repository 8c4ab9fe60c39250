package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

func (p *Program) roleCommands() []*cobra.Command {
	role := func(use, short string, r Roles) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
			return p.Serve(c.Context(), r)
		}}
	}
	return []*cobra.Command{
		role("serve", "Run web, worker and scheduler in one process", Roles{true, true, true}),
		role("web", "Run the pages and the API", Roles{Web: true}),
		role("worker", "Run the relay, the deliveries and the tasks", Roles{Worker: true}),
		role("scheduler", "Run the schedules", Roles{Scheduler: true}),
	}
}

func (p *Program) migrate() *cobra.Command {
	up := &cobra.Command{Use: "up", Short: "Bring the database to the newest schema", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		names, err := p.Migrate(c.Context())
		if err != nil {
			return err
		}
		for _, n := range names {
			fmt.Fprintln(p.Stdout, "applied", n)
		}
		if len(names) == 0 {
			fmt.Fprintln(p.Stdout, "nothing to apply")
		}
		return nil
	}}
	var asJSON bool
	status := &cobra.Command{Use: "status", Short: "List the migrations and whether they are applied", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		ms, err := p.MigrationStatus(c.Context())
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(p.Stdout).Encode(ms)
		}
		for _, m := range ms {
			word := "pending"
			if m.Applied {
				word = "applied"
			}
			fmt.Fprintf(p.Stdout, "%-8s %s\n", word, m.Name)
		}
		return nil
	}}
	status.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return group("migrate", "Look at and change the database schema", up, status)
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

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

func (p *Program) doctor() *cobra.Command {
	var url string
	c := &cobra.Command{Use: "doctor", Short: "Check the database, the queue and the storage, or a running portal", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		checks := []Check{}
		if url != "" {
			checks = append(checks, Check{Name: "portal", Note: url, Err: askReady(c.Context(), url)})
		} else {
			var err error
			if checks, err = p.Doctor(c.Context()); err != nil {
				return err
			}
		}
		bad := 0
		for _, k := range checks {
			if k.Err != nil {
				bad++
				fmt.Fprintf(p.Stdout, "FAILED  %-9s %s\n", k.Name, message(k.Err))
				continue
			}
			fmt.Fprintf(p.Stdout, "ok      %-9s %s\n", k.Name, k.Note)
		}
		if bad > 0 {
			return fmt.Errorf("%d of %d checks failed", bad, len(checks))
		}
		return nil
	}}
	c.Flags().StringVar(&url, "url", "", "ask a running portal whether it is ready, instead of looking at its parts")
	return c
}

func askReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return &UsageError{err}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New("/readyz answers " + res.Status)
	}
	return nil
}

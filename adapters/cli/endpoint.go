package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"doorito/domain"
	"doorito/ports"
)

func (p *Program) endpoint() *cobra.Command {
	return group("endpoint", "Create, list, test, rotate and replay to webhook endpoints", p.endpointCreate(), p.endpointList(), p.endpointTest(), p.endpointRotate(), p.endpointReplay())
}

func (p *Program) endpointList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{Use: "list", Short: "List endpoints", Args: cobra.NoArgs}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, _ []string) error {
		page, err := core.Endpoints.List(c.Context(), domain.System(), ports.ListQuery{Limit: ports.MaxPageSize})
		if err != nil {
			return err
		}
		type row struct {
			ID         uuid.UUID `json:"id"`
			Name       string    `json:"name"`
			URL        string    `json:"url"`
			State      string    `json:"state"`
			EventTypes []string  `json:"event_types"`
			Pending    int       `json:"pending"`
		}
		rows := make([]row, len(page.Items))
		for i, h := range page.Items {
			state := h.State()
			if state == "failed" {
				state = "failing"
			}
			rows[i] = row{h.Endpoint.ID, h.Endpoint.Name, h.Endpoint.URL, state, h.Endpoint.EventTypes, h.Health.Pending}
		}
		if asJSON {
			return json.NewEncoder(p.Stdout).Encode(rows)
		}
		for _, r := range rows {
			fmt.Fprintf(p.Stdout, "%s  %-8s %-24s %s\n", r.ID, r.State, r.Name, r.URL)
		}
		return nil
	})
	return c
}

func (p *Program) endpointTest() *cobra.Command {
	return &cobra.Command{Use: "test ID", Short: "Send a test event and print the answer", Args: cobra.ExactArgs(1),
		RunE: p.withCore(func(c *cobra.Command, core *Core, args []string) error {
			id, err := endpointID(args[0])
			if err != nil {
				return err
			}
			d, err := core.Endpoints.Test(c.Context(), domain.System(), id)
			if err != nil {
				return err
			}
			a := d.Attempts[0]
			if !a.OK() {
				return errors.New(a.ErrorText)
			}
			_, err = fmt.Fprintf(p.Stdout, "%s in %s\n", domain.StatusText(a.StatusCode), a.Phases.Total.Round(time.Millisecond/10))
			return err
		}),
	}
}

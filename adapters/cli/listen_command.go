package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func (p *Program) listen() *cobra.Command {
	var addr string
	var secrets []string
	var asJSON bool
	c := &cobra.Command{Use: "listen", Short: "Receive webhooks, verify and print them", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		if len(secrets) == 0 {
			return &UsageError{errors.New("listen needs --secret whsec_…, as shown when the endpoint was made")}
		}
		r, err := NewReceiver(ReceiverConfig{Secrets: secrets, Out: p.Stdout, JSON: asJSON, Clock: p.Clock})
		if err != nil {
			return err
		}
		return r.ListenAndServe(c.Context(), addr, func(addr string) {
			fmt.Fprintln(p.Stderr, "listening on http://"+addr)
		})
	}}
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:9000", "address to listen on; port 0 picks a free one")
	c.Flags().StringArrayVar(&secrets, "secret", nil, "the endpoint's signing secret; repeat it during a rotation (required)")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object for each webhook")
	return c
}

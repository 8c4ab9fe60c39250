package cli

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/spf13/cobra"
)

func (p *Program) listen() *cobra.Command {
	conf := ReceiverConfig{Out: p.Stdout, Clock: p.Clock, Fail: Failing{Random: rand.Float64}}
	var addr string
	c := &cobra.Command{Use: "listen", Short: "Receive webhooks, verify and print them", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		if len(conf.Secrets) == 0 {
			return &UsageError{errors.New("listen needs --secret whsec_…, as shown when the endpoint was made")}
		}
		r, err := NewReceiver(conf)
		if err != nil {
			return err
		}
		return r.ListenAndServe(c.Context(), addr, func(addr string) {
			fmt.Fprintln(p.Stderr, "listening on http://"+addr)
		})
	}}
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:9000", "address to listen on; port 0 picks a free one")
	c.Flags().StringArrayVar(&conf.Secrets, "secret", nil, "the endpoint's secret, whsec_…, or its public key, whpk_…; repeat it during a rotation (required)")
	c.Flags().BoolVar(&conf.JSON, "json", false, "print one JSON object for each webhook")
	c.Flags().StringVar(&conf.Forward, "forward", "", "hand what verifies on to this address, and answer as it does")
	c.Flags().IntVar(&conf.Fail.Status, "status", 0, "answer with this status on purpose, such as 500")
	c.Flags().Float64Var(&conf.Fail.Rate, "rate", 1, "share of webhooks that get --status, 0 to 1")
	return c
}

package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"doorito/domain"
)

func (p *Program) endpointRotate() *cobra.Command {
	var overlap time.Duration
	var kind string
	c := &cobra.Command{Use: "rotate ID", Short: "Make a new signing secret and print it as JSON", Args: cobra.ExactArgs(1)}
	c.Flags().DurationVar(&overlap, "overlap", domain.DefaultOverlap, "how long the old secret of this kind signs on beside it")
	c.Flags().StringVar(&kind, "kind", string(domain.SecretHMAC), "v1 (whsec_, HMAC-SHA256) or v1a (whpk_, ed25519)")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, args []string) error {
		id, err := endpointID(args[0])
		if err != nil {
			return err
		}
		made, shown, err := core.Keys.Rotate(c.Context(), domain.System(), id, domain.SecretKind(kind), overlap)
		if err != nil {
			return err
		}
		out := struct {
			ID        uuid.UUID `json:"id"`
			Kind      string    `json:"kind"`
			Secret    string    `json:"secret,omitempty"`
			PublicKey string    `json:"public_key,omitempty"`
		}{ID: made.ID, Kind: kind}
		if made.Kind == domain.SecretEd25519 {
			out.PublicKey = shown
		} else {
			out.Secret = shown
		}
		return json.NewEncoder(p.Stdout).Encode(out)
	})
	return c
}

func endpointID(text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, &UsageError{fmt.Errorf("%q is not an endpoint id; see doorito endpoint list", text)}
	}
	return id, nil
}

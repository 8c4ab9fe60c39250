package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"doorito/domain"
)

func (p *Program) secrets() *cobra.Command {
	return group("secrets", "Look after what is encrypted with SECRET_KEY", p.rotateKey())
}

func (p *Program) rotateKey() *cobra.Command {
	return &cobra.Command{Use: "rotate-key", Short: "Encrypt everything anew under the first key of SECRET_KEY", Args: cobra.NoArgs,
		Long: `Encrypts signing secrets, header values, client certificates and second factors
anew under the first key of SECRET_KEY. Portals may go on running meanwhile.

1. SECRET_KEY=NEW,OLD everywhere, and restart every portal.
2. doorito secrets rotate-key
3. SECRET_KEY=NEW, once no download link made with OLD is in use any more:
   links of files that are still here stop working with it.

A run that was cut off is gone on with by the next one.`,
		RunE: p.withCore(func(c *cobra.Command, core *Core, _ []string) error {
			done, err := core.Reseal.Reseal(c.Context(), domain.System())
			if err != nil {
				return err
			}
			factors, err := core.Factors.Reseal(c.Context(), domain.System())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "%d values of %d endpoints encrypted anew, and %d second factors; all of them are under the first key now\n", done.Values, done.Endpoints, factors)
			return err
		}),
	}
}

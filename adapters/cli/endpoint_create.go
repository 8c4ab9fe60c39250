package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"doorito/domain"
)

// endpointFlags are an endpoint as it is typed on the command line.
type endpointFlags struct {
	url, name, events, types, min, max, batch string
	headers, uploaders, metadata              []string
	pace                                      domain.PaceText
}

func (p *Program) endpointCreate() *cobra.Command {
	var in endpointFlags
	c := &cobra.Command{Use: "create", Short: "Create an endpoint and print its id and secret as JSON", Args: cobra.NoArgs}
	c.Flags().StringVar(&in.url, "url", "", "address of the receiver (required)")
	c.Flags().StringVar(&in.name, "name", "", "name; the host when left out")
	c.Flags().StringVar(&in.events, "events", "", "comma list such as file.stored,batch.*; every file.* and batch.* when left out")
	c.Flags().StringArrayVar(&in.headers, "header", nil, "custom header, \"Name: value\"; may be repeated")
	c.Flags().StringVar(&in.types, "content-type", "", "only these, a comma list such as application/pdf,image/*")
	c.Flags().StringVar(&in.min, "min-size", "", "only from this size up, such as 500KB")
	c.Flags().StringVar(&in.max, "max-size", "", "only up to this size, such as 1GiB")
	c.Flags().StringArrayVar(&in.uploaders, "uploader", nil, "only of this person, * stands for the rest; may be repeated")
	c.Flags().StringVar(&in.batch, "batch", "", "only of batches with this label, * stands for the rest")
	c.Flags().StringArrayVar(&in.metadata, "metadata", nil, "only with this key or key=value; may be repeated")
	c.Flags().StringVar(&in.pace.Timeout, "timeout", "", "of an attempt, such as 5s; WEBHOOK_TIMEOUT_SECONDS when left out")
	c.Flags().StringVar(&in.pace.MaxInFlight, "max-in-flight", "", "requests at once; 16 when left out")
	c.Flags().StringVar(&in.pace.RateLimit, "rate-limit", "", "requests a second; no limit when left out")
	c.Flags().StringVar(&in.pace.Schedule, "retry-schedule", "", "waits such as 0s,5s,5m; WEBHOOK_RETRY_SCHEDULE when left out")
	c.RunE = p.withCore(func(c *cobra.Command, core *Core, _ []string) error {
		f, err := in.form()
		if err != nil {
			return err
		}
		e, secret, err := core.Endpoints.Create(c.Context(), domain.System(), f)
		if err != nil {
			return err
		}
		return json.NewEncoder(p.Stdout).Encode(struct {
			ID     uuid.UUID `json:"id"`
			Secret string    `json:"secret"`
		}{e.ID, secret})
	})
	return c
}

func (in endpointFlags) form() (f domain.EndpointForm, err error) {
	if in.url == "" {
		return f, &UsageError{errors.New("endpoint create needs --url URL")}
	}
	f = domain.EndpointForm{URL: in.url, Name: in.name, EventTypes: commaList(in.events)}
	f.Filter = domain.Filter{ContentTypes: commaList(in.types), Uploaders: in.uploaders, BatchLabel: in.batch}
	for _, m := range in.metadata {
		f.Filter.Metadata = append(f.Filter.Metadata, domain.ParseMetadataRule(m))
	}
	if f.Filter.MinSize, err = domain.ParseBytes("min-size", in.min); err != nil {
		return f, err
	}
	if f.Filter.MaxSize, err = domain.ParseBytes("max-size", in.max); err != nil {
		return f, err
	}
	pace, err := domain.ParsePace(in.pace)
	if err != nil {
		return f, err
	}
	f.Pace = &pace
	for _, h := range in.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return f, &UsageError{fmt.Errorf("--header is \"Name: value\", not %q", name)}
		}
		f.Headers = append(f.Headers, domain.HeaderChange{Name: name, Value: value})
	}
	return f, nil
}

// commaList are the words between commas.
func commaList(s string) []string {
	var out []string
	for w := range strings.SplitSeq(s, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

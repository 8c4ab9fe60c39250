package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const (
	// askWithin is the patience with a portal.
	askWithin = 5 * time.Second
	// ClockTolerance is how far apart two clocks may be: leases last ten seconds,
	// and links and second factors are good by the clock.
	ClockTolerance = 2 * time.Second
	// largeBody is more than the megabyte that proxies let through by themselves.
	largeBody = 2 << 20
)

func (p *Program) doctor() *cobra.Command {
	var url string
	c := &cobra.Command{Use: "doctor", Short: "Check the database, the queue, the storage, the clock and what stands in front, or a running portal", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		var checks []Check
		if url != "" {
			checks = AskPortal(c.Context(), url)
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
	c.Flags().StringVar(&url, "url", "", "ask a running portal, through what stands in front of it, instead of looking at its parts")
	return c
}

// AskPortal checks a running portal by its address, and so any proxy in front
// of it: whether it is ready, whether its clock is ours, and whether what a
// browser sends and gets passes through unharmed.
func AskPortal(ctx context.Context, url string) []Check {
	url = strings.TrimSuffix(url, "/")
	sent := time.Now()
	head, err := ask(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return []Check{{Name: "portal", Err: err}}
	}
	checks := []Check{{Name: "portal", Note: url}, {Name: "clock", Note: "the portal's, by its answer"}, {Name: "proxy", Note: "large bodies and request ids pass"}}
	if head.status != http.StatusOK {
		checks[0].Err = errors.New("/readyz answers " + http.StatusText(head.status))
	}
	if date, err := http.ParseTime(head.header.Get("Date")); err == nil { // whole seconds
		checks[1].Err = CheckClock("portal", date.Add(time.Second/2), sent, time.Now())
	}
	checks[2].Err = checkProxy(ctx, url)
	return checks
}

// CheckClock compares the clock of another machine, which was asked between two
// moments of ours.
func CheckClock(whose string, theirs, before, after time.Time) error {
	off := theirs.Sub(before.Add(after.Sub(before) / 2)).Round(time.Millisecond)
	if off.Abs() <= ClockTolerance+after.Sub(before)/2 {
		return nil
	}
	word := "ahead of"
	if off < 0 {
		word = "behind"
	}
	return fmt.Errorf("the clock of the %s is %s %s this machine's. Let both follow NTP", whose, off.Abs(), word)
}

// checkProxy sends a large body without any right: the portal itself answers
// that with 401 and the id of the request.
func checkProxy(ctx context.Context, url string) error {
	got, err := ask(ctx, http.MethodPost, url+"/files/", make([]byte, largeBody))
	switch {
	case err != nil:
		return fmt.Errorf("a body of 2 MiB does not arrive: %w", err)
	case got.status == http.StatusRequestEntityTooLarge:
		return errors.New("a body of 2 MiB is refused with 413 before the portal sees it. Lift the proxy's limit, for nginx by client_max_body_size 0")
	case got.status != http.StatusUnauthorized || got.header.Get("X-Request-Id") == "":
		return fmt.Errorf("something in front answers for the portal: %d without its request id", got.status)
	case strings.HasPrefix(url, "https://") && got.header.Get("Strict-Transport-Security") == "":
		return errors.New("the portal does not know that it is reached by https. Set BASE_URL to " + url)
	}
	return nil
}

type answer struct {
	status int
	header http.Header
}

func ask(ctx context.Context, method, url string, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return answer{}, &UsageError{err}
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, largeBody))
	return answer{res.StatusCode, res.Header}, nil
}

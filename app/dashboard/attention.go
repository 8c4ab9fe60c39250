package dashboard

import (
	"context"
	"fmt"
	"time"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// lateAfter is when due work that nobody does is worth a line.
const lateAfter = time.Minute

// attention lists what asks for a hand, the worst first.
func (d *Dashboard) attention(ctx context.Context, a domain.Actor, now time.Time) ([]usecase.Attention, error) {
	var out []usecase.Attention
	if a.IsAdmin() {
		items, err := d.endpointTrouble(ctx, now)
		if err != nil {
			return nil, err
		}
		out = items
	}
	for _, look := range []func(context.Context, domain.Actor, time.Time) (*usecase.Attention, error){d.failedFiles, d.expiringFiles} {
		it, err := look(ctx, a, now)
		if err != nil {
			return nil, err
		}
		if it != nil {
			out = append(out, *it)
		}
	}
	return out, nil
}

func (d *Dashboard) endpointTrouble(ctx context.Context, now time.Time) ([]usecase.Attention, error) {
	reads := d.DB.Reads()
	var out []usecase.Attention
	oldest, err := reads.Deliveries.OldestDue(ctx, now)
	if err != nil {
		return nil, err
	}
	if !oldest.IsZero() && now.Sub(oldest) > lateAfter {
		out = append(out, usecase.Attention{Kind: "relay_late", Title: "Webhooks are late", Text: fmt.Sprintf("The oldest one has been due for %s. Look whether a worker runs.", ago(now.Sub(oldest))), URL: "/app/deliveries/?status=pending", Verb: "See deliveries"})
	}
	page, err := reads.Endpoints.List(ctx, ports.ListQuery{Limit: 100})
	if err != nil {
		return nil, err
	}
	for _, e := range page.Items {
		url := "/app/endpoints/" + e.ID.String() + "/"
		switch {
		case !e.Active && e.DisabledReason != "" && e.DisabledAt != nil && now.Sub(*e.DisabledAt) < week:
			out = append(out, usecase.Attention{Kind: "endpoint_disabled", Title: e.Name + " is disabled", Text: e.DisabledReason, URL: url, Verb: "Open endpoint"})
		case e.Active && e.FailingSince != nil:
			text := "Nothing has got through so far."
			if e.LastSuccessAt != nil {
				text = "Last success " + ago(now.Sub(*e.LastSuccessAt)) + " ago."
			}
			out = append(out, usecase.Attention{Kind: "endpoint_failing", Title: e.Name + " is failing", Text: text, URL: url, Verb: "Open endpoint"})
		}
		if e.Active && e.ClientCert.EndsSoon(now) {
			out = append(out, certificateEnds(e, url, now))
		}
	}
	return out, nil
}

// certificateEnds warns of a client certificate while there is time to renew it.
func certificateEnds(e *domain.Endpoint, url string, now time.Time) usecase.Attention {
	day := e.ClientCert.NotAfter.UTC().Format("2 January 2006")
	a := usecase.Attention{
		Kind: "certificate_expiring", Title: "A client certificate expires on " + day, Text: "It is shown to " + e.Name + ", which refuses deliveries without one.",
		URL: url + "certificate/", Verb: "Set a renewed one",
	}
	if e.ClientCert.Expired(now) {
		a.Kind, a.Title = "certificate_expired", "A client certificate expired on "+day
	}
	return a
}

func (d *Dashboard) failedFiles(ctx context.Context, a domain.Actor, now time.Time) (*usecase.Attention, error) {
	page, err := d.DB.Reads().Files.List(ctx, ports.ListQuery{
		Owner: a.OwnerFilter(), Filters: map[string][]string{"status": {string(domain.FileFailed)}}, From: now.Add(-24 * time.Hour), Limit: 1,
	})
	if err != nil || page.Total == 0 {
		return nil, err
	}
	return &usecase.Attention{Kind: "files_failed", Title: files(page.Total, page.Capped) + " failed since yesterday", Text: page.Items[0].OriginalFilename + ": " + page.Items[0].ErrorMessage, URL: "/app/files/?status=failed", Verb: "See files"}, nil
}

func (d *Dashboard) expiringFiles(ctx context.Context, a domain.Actor, _ time.Time) (*usecase.Attention, error) {
	page, err := d.DB.Reads().Files.List(ctx, ports.ListQuery{
		Owner: a.OwnerFilter(), Filters: map[string][]string{"status": {string(domain.FileStored)}, "expiring": {"1"}}, Limit: 1,
	})
	if err != nil || page.Total == 0 {
		return nil, err
	}
	verb := "expire"
	if page.Total == 1 {
		verb = "expires"
	}
	return &usecase.Attention{Kind: "files_expiring", Title: files(page.Total, page.Capped) + " " + verb + " within the hour", Text: "Nobody has marked them processed.", URL: "/app/files/?status=stored&expiring=1", Verb: "Review"}, nil
}

func files(n int, capped bool) string {
	switch {
	case capped:
		return "10,000+ files"
	case n == 1:
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

// ago says a duration in its largest unit.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}

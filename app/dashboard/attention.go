package dashboard

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// lateAfter is when due work that nobody does is worth a line.
const lateAfter = time.Minute

// attention lists what asks for a hand, the worst first.
func (d *Dashboard) attention(ctx context.Context, a domain.Actor, now time.Time) ([]usecase.Attention, error) {
	var out []usecase.Attention
	looks := []func(context.Context, domain.Actor, time.Time) (*usecase.Attention, error){d.fullQuota, d.failedFiles, d.heldFiles, d.expiringFiles, d.openBatches}
	if a.IsAdmin() {
		items, err := d.endpointTrouble(ctx, now)
		if err != nil {
			return nil, err
		}
		failing, err := d.failingSchedules(ctx)
		if err != nil {
			return nil, err
		}
		failed, err := d.failedDeliveries(ctx, now)
		if err != nil {
			return nil, err
		}
		out = append(append(items, failed...), failing...)
	}
	for _, look := range looks {
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
		out = append(out, usecase.Attention{Kind: usecase.RelayLate, Title: "Webhooks are late", Text: fmt.Sprintf("The oldest one has been due for %s. Look whether a worker runs.", ago(now.Sub(oldest))), URL: "/app/deliveries/?status=pending", Verb: "See deliveries"})
	}
	page, err := reads.Endpoints.List(ctx, ports.ListQuery{Limit: 100})
	if err != nil {
		return nil, err
	}
	for _, e := range page.Items {
		url := "/app/endpoints/" + e.ID.String() + "/"
		switch {
		case !e.Active && e.DisabledReason != "" && e.DisabledAt != nil && now.Sub(*e.DisabledAt) < week:
			out = append(out, usecase.Attention{Kind: usecase.EndpointDisabled, Title: e.Name + " is disabled", Text: e.DisabledReason, URL: url, Verb: "Open endpoint"})
		case e.Active && e.FailingSince != nil:
			text := "Nothing has got through so far."
			if e.LastSuccessAt != nil {
				text = "Last success " + ago(now.Sub(*e.LastSuccessAt)) + " ago."
			}
			out = append(out, usecase.Attention{Kind: usecase.EndpointFailing, Title: e.Name + " is failing", Text: text, URL: url, Verb: "Open endpoint"})
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
		Kind: usecase.CertificateExpiring, Title: "A client certificate expires on " + day, Text: "It is shown to " + e.Name + ", which refuses deliveries without one.",
		URL: url + "certificate/", Verb: "Set a renewed one",
	}
	if e.ClientCert.Expired(now) {
		a.Kind, a.Title = usecase.CertificateExpired, "A client certificate expired on "+day
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
	return &usecase.Attention{Kind: usecase.FilesFailed, Title: files(page.Total, page.Capped) + " failed since yesterday", Text: page.Items[0].OriginalFilename + ": " + page.Items[0].ErrorMessage, URL: "/app/files/?status=failed", Verb: "See files"}, nil
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
	return &usecase.Attention{Kind: usecase.FilesExpiring, Title: files(page.Total, page.Capped) + " " + verb + " within the hour", Text: "Nobody has marked them processed.", URL: "/app/files/?status=stored&expiring=1", Verb: "Review"}, nil
}

// quotaWarns is how full a quota is, in percent, when its owner should know.
const quotaWarns = 90

func (d *Dashboard) fullQuota(ctx context.Context, a domain.Actor, _ time.Time) (*usecase.Attention, error) {
	if a.UserID == uuid.Nil {
		return nil, nil
	}
	user, err := d.DB.Reads().Users.Find(ctx, a.UserID)
	if err != nil || user.Allowance.Quota == 0 {
		return nil, err
	}
	use := domain.Usage{Quota: user.Allowance.Quota}
	if use.Used, err = d.DB.Reads().Uploads.Used(ctx, a.UserID); err != nil || use.Percent() < quotaWarns {
		return nil, err
	}
	return &usecase.Attention{
		Kind: usecase.QuotaFull, Title: fmt.Sprintf("Your quota is %d %% full", use.Percent()), Text: domain.FormatBytes(use.Left()) + " are left. Files that you delete make room at once.",
		URL: "/app/files/?status=stored&status=processed", Verb: "Choose files to delete",
	}, nil
}

// heldFiles are past their expiry and kept, since a receiver needs their bytes.
func (d *Dashboard) heldFiles(ctx context.Context, a domain.Actor, _ time.Time) (*usecase.Attention, error) {
	page, err := d.DB.Reads().Files.List(ctx, ports.ListQuery{Owner: a.OwnerFilter(), Filters: map[string][]string{"held": {"true"}}, Limit: 1})
	if err != nil || page.Total == 0 {
		return nil, err
	}
	return &usecase.Attention{
		Kind: usecase.FilesHeld, Title: files(page.Total, page.Capped) + " kept past the expiry", Text: "A receiver still has to hear of them; after 96 hours they go anyway.",
		URL: "/app/files/?expiring=held", Verb: "See files",
	}, nil
}

// openFor is how old a batch is that somebody may have forgotten to finish.
const openFor = time.Hour

func (d *Dashboard) openBatches(ctx context.Context, a domain.Actor, now time.Time) (*usecase.Attention, error) {
	page, err := d.DB.Reads().Batches.List(ctx, ports.ListQuery{
		Owner: a.OwnerFilter(), Filters: map[string][]string{"status": {string(domain.BatchInProgress)}}, To: now.Add(-openFor), Limit: 1,
	})
	if err != nil || page.Total == 0 {
		return nil, err
	}
	it := &usecase.Attention{
		Kind: usecase.BatchesOpen, Title: amount(page.Total, page.Capped, "batch", "batches") + " open for over an hour", Text: "Receivers hear that a batch is complete when it is finished; one that rests for a day is finished by itself.",
		URL: "/app/batches/?status=in_progress", Verb: "See batches",
	}
	if page.Total == 1 {
		it.URL, it.Verb = "/app/batches/"+page.Items[0].ID.String()+"/", "Open it and finish"
	}
	return it, nil
}

func (d *Dashboard) failedDeliveries(ctx context.Context, now time.Time) ([]usecase.Attention, error) {
	page, err := d.DB.Reads().Deliveries.List(ctx, ports.ListQuery{Filters: map[string][]string{"status": {string(domain.DeliveryFailed)}}, From: now.Add(-week), Limit: 1})
	if err != nil || page.Total == 0 {
		return nil, err
	}
	return []usecase.Attention{{
		Kind: usecase.DeliveriesFailed, Title: amount(page.Total, page.Capped, "delivery", "deliveries") + " given up this week", Text: "Every attempt of the schedule failed. They go out again when you say so.",
		URL: "/app/deliveries/?status=failed", Verb: "Choose and send again",
	}}, nil
}

func (d *Dashboard) failingSchedules(ctx context.Context) ([]usecase.Attention, error) {
	page, err := d.DB.Reads().Schedules.List(ctx, ports.ListQuery{Filters: map[string][]string{"enabled": {"true"}}, Limit: 100})
	if err != nil {
		return nil, err
	}
	var out []usecase.Attention
	for _, s := range page.Items {
		if s.LastError != "" {
			out = append(out, usecase.Attention{Kind: usecase.ScheduleFailing, Title: s.Name + " failed", Text: s.LastError, URL: "/admin/schedules/" + s.ID.String() + "/", Verb: "Open and run it again"})
		}
	}
	return out, nil
}

func files(n int, capped bool) string { return amount(n, capped, "file", "files") }

// amount is a number with its noun, "10,000+" when counting stopped there.
func amount(n int, capped bool, one, many string) string {
	switch {
	case capped:
		return "10,000+ " + many
	case n == 1:
		return "1 " + one
	case n >= 1000:
		return fmt.Sprintf("%d,%03d %s", n/1000, n%1000, many)
	}
	return fmt.Sprintf("%d %s", n, many)
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

package dashboard_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

func TestTheSummaryCountsTodayAndSaysWhatNeedsAHand(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin, staff := w.MustUser(t, "a@example.com", domain.RoleAdmin), w.MustUser(t, "b@example.com", domain.RoleStaff)
		good, bad := world.NewReceiver(t), world.NewReceiver(t)
		bad.Answer(http.StatusBadGateway)
		w.MustEndpoint(t, good.URL)
		w.MustEndpoint(t, bad.URL)
		w.MustUpload(t, staff, "old.txt", "yesterday's", nil)
		w.Clock.Advance(23 * time.Hour)
		w.MustUpload(t, admin, "a.txt", "hello", nil)
		if _, err := w.Uploads.Upload(ctx, staff, usecase.UploadInput{Name: "b.txt", Size: 9, Body: strings.NewReader("short")}); err == nil {
			t.Fatal("a short body was taken")
		}
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Second)
		s, err := w.Dashboard.Summary(ctx, admin, domain.SpanDay)
		if err != nil {
			t.Fatal(err)
		}
		if s.Totals.Stored != 2 || s.Totals.Failed != 1 || s.Totals.Bytes != 16 {
			t.Errorf("today %+v", s.Totals)
		}
		// Three events went out: two stored, one failed; each to both endpoints.
		if s.Totals.Deliveries != 3 || s.Totals.FirstOK != 3 || s.Totals.Failures != 3 {
			t.Errorf("deliveries today %+v", s.Totals)
		}
		if s.StoredBytes != 16 || len(s.Recent) != 3 || len(s.Endpoints) != 2 || len(s.Files) != 2 {
			t.Errorf("%d bytes, %d recent, %d endpoints, %d hours", s.StoredBytes, len(s.Recent), len(s.Endpoints), len(s.Files))
		}
		kinds := map[usecase.AttentionKind]bool{}
		for _, a := range s.Attention {
			kinds[a.Kind] = true
		}
		if !kinds[usecase.EndpointFailing] || !kinds[usecase.FilesFailed] || !kinds[usecase.FilesExpiring] {
			t.Errorf("attention %+v", s.Attention)
		}
		p, err := w.Dashboard.Pulse(ctx, admin)
		if err != nil || !p.EndpointBad || p.Attention != len(s.Attention) {
			t.Errorf("pulse %+v, %v", p, err)
		}

		own, err := w.Dashboard.Summary(ctx, staff, domain.SpanDay)
		if err != nil || own.Totals.Stored != 1 || own.Totals.Failed != 1 || len(own.Endpoints) != 0 || len(own.Recent) != 2 {
			t.Errorf("staff sees %+v, %v", own, err)
		}
		if _, err := w.Dashboard.Summary(ctx, domain.Actor{}, domain.SpanDay); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("nobody: %v", err)
		}
	})
}

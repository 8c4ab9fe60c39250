package dashboard_test

import (
	"context"
	"testing"
	"time"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

// A client certificate is warned of from thirty days before its end on, and as
// long as its endpoint is on.
func TestAClientCertificateIsWarnedOfBeforeItEnds(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin := w.MustUser(t, "a@example.com", domain.RoleAdmin)
		cert, key := world.ClientCert(t, world.Start.AddDate(0, 0, 31))
		e, _ := w.MustEndpoint(t, "https://receiver.example")
		if _, err := w.Endpoints.SetClientCert(ctx, admin, e.ID, cert, key); err != nil {
			t.Fatal(err)
		}
		kind := func() usecase.AttentionKind {
			t.Helper()
			s, err := w.Dashboard.Summary(ctx, admin, domain.SpanWeek)
			if err != nil || len(s.Attention) > 1 {
				t.Fatal(s, err)
			}
			if len(s.Attention) == 0 {
				return ""
			}
			return s.Attention[0].Kind
		}
		for _, step := range []struct {
			after time.Duration
			want  usecase.AttentionKind
		}{{0, ""}, {25 * time.Hour, usecase.CertificateExpiring}, {30 * 24 * time.Hour, usecase.CertificateExpired}} {
			w.Clock.Advance(step.after)
			if got := kind(); got != step.want {
				t.Errorf("%s later: %q, want %q", step.after, got, step.want)
			}
		}
		if _, err := w.Endpoints.SetActive(ctx, admin, e.ID, false); err != nil {
			t.Fatal(err)
		}
		if got := kind(); got != "endpoint_disabled" && got != "" {
			t.Errorf("switched off: %q", got)
		}
	})
}

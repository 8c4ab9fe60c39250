package webhooks_test

import (
	"context"
	"testing"
	"time"

	"doorito/domain"
	"doorito/e2e/world"
)

// What is said of 24 hours in numbers is what their bars add up to.
func TestTheNumbersOfAnEndpointAreThoseOfItsBars(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, r := context.Background(), world.NewReceiver(t)
		e, _ := w.MustEndpoint(t, r.URL)
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{45 * time.Minute, 1}, {23*time.Hour + 45*time.Minute, 1}, {75 * time.Hour, 1}, {10 * time.Minute, 2}} {
			w.Clock.Advance(step.wait)
			w.MustUpload(t, staff, "a.txt", "hello", nil)
			if _, err := w.Engine.Pass(ctx); err != nil {
				t.Fatal(err)
			}
			w.Clock.Advance(time.Second)
			d, err := w.Endpoints.Find(ctx, domain.System(), e.ID)
			if err != nil {
				t.Fatal(err)
			}
			bars := 0
			for _, h := range d.Health.Hours {
				bars += h.OK + h.Failed
			}
			if told := d.Health.Delivered + d.Health.Failed; told != bars || bars != step.want {
				t.Errorf("%d attempts are told of and %d drawn, want %d", told, bars, step.want)
			}
		}
	})
}

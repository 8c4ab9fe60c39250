package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/app/engine"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

// The crash table of the design: "results / event settled". The sweep mends it.
func TestCrashResultsEventSettled(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		r := world.NewReceiver(t)
		ep, _ := w.MustEndpoint(t, r.URL)
		w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		// Do by hand what a worker does, up to the commit of its results.
		token := uuid.New()
		err := w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			es, err := s.Outbox.ClaimUnrelayed(ctx, time.Time{}, 10, false)
			if err != nil {
				return err
			}
			now := w.Clock.Now()
			until := now.Add(engine.LeaseTTL)
			d := domain.NewDelivery(w.IDs.New(), es[0], ep, "a.txt", now)
			d.LeaseToken, d.LeaseUntil = &token, &until
			return s.Deliveries.FanOut(ctx, ports.FanOut{Deliveries: []*domain.Delivery{d}, Relayed: ids(es...), At: now})
		})
		if err != nil {
			t.Fatal(err)
		}
		d := deliveries(t, w)[0]
		res, ok := w.Courier.Attempt(ctx, engine.Job{Delivery: d, Event: event(t, w), Endpoint: ep})
		if !ok {
			t.Fatal("not sent")
		}
		err = w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			_, err := s.Deliveries.Finish(ctx, token, []ports.DeliveryResult{res})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if e := event(t, w); e.Status != domain.EventPending {
			t.Fatalf("event is %s", e.Status)
		}
		if got, err := w.Upkeep.Do(ctx, domain.TaskSweep); err != nil || event(t, w).Status != domain.EventDelivered {
			t.Errorf("after the sweep (%s, %v) the event is %s", got, err, event(t, w).Status)
		}
		if n := len(r.Got()); n != 1 {
			t.Errorf("sent %d times", n)
		}
	})
}

package webhooks_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

// begin is before every event of a world.
var begin = world.Start.Add(-time.Hour)

// missed uploads n files while nobody listens, then adds an endpoint.
func missed(t *testing.T, w *world.World, n int) (*world.Receiver, *domain.Endpoint) {
	t.Helper()
	a := w.MustUser(t, "a@example.com", domain.RoleStaff)
	for i := range n {
		w.MustUpload(t, a, fmt.Sprintf("%d.txt", i), "hello", nil)
	}
	if _, err := w.Engine.Pass(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Minute)
	r := world.NewReceiver(t)
	e, _ := w.MustEndpoint(t, r.URL)
	return r, e
}

func TestAReplaySendsWhatAnEndpointNeverGotAtItsRate(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		recv, e := missed(t, w, 5)
		form := domain.ReplayForm{From: begin, PerSecond: 2}
		p, err := w.Replays.Preview(ctx, domain.System(), e.ID, form)
		if err != nil || p.Events != 5 || p.Sends != 5 || len(p.Examples) != 5 || p.Capped {
			t.Fatalf("%+v, %v", p, err)
		}
		r, err := w.Replays.Start(ctx, domain.System(), e.ID, form)
		if err != nil || r.Total != 5 {
			t.Fatalf("%+v, %v", r, err)
		}
		if _, err := w.Replays.Start(ctx, domain.System(), e.ID, form); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("a second one at once: %v", err)
		}
		for i, want := range []int{2, 4, 5} {
			w.Clock.Advance(time.Second)
			if err := w.Replays.Step(ctx); err != nil {
				t.Fatal(err)
			}
			if got, err := w.Replays.Find(ctx, domain.System(), r.ID); err != nil || got.Queued != want {
				t.Errorf("after %d s: %+v, %v", i+1, got, err)
			}
		}
		if done, err := w.Engine.Pass(ctx); err != nil || done.Delivered != 5 {
			t.Errorf("%+v, %v", done, err)
		}
		got, err := w.Replays.Find(ctx, domain.System(), r.ID)
		if err != nil || got.Status != domain.ReplayComplete || got.Progress() != 1 || got.EndedAt == nil {
			t.Errorf("%+v, %v", got, err)
		}
		if len(recv.Got()) != 5 {
			t.Errorf("%d arrived", len(recv.Got()))
		}
		page, err := w.Deliveries.ListEvents(ctx, domain.System(), ports.ListQuery{Filters: map[string][]string{"status": {"delivered"}}})
		if err != nil || page.Total != 5 {
			t.Errorf("%d events delivered, %v", page.Total, err)
		}
		// What it has now is missed no more, but may be sent again on demand.
		for scope, want := range map[domain.ReplayScope]int{domain.ReplayMissed: 0, domain.ReplayAll: 5} {
			if p, err := w.Replays.Preview(ctx, domain.System(), e.ID, domain.ReplayForm{From: begin, Scope: scope}); err != nil || p.Sends != want {
				t.Errorf("%s: %+v, %v", scope, p, err)
			}
		}
	})
}

func TestTwoWorkersReplayEachEventOnce(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		recv, e := missed(t, w, 30)
		other := w.Another(t)
		if _, err := w.Replays.Start(ctx, domain.System(), e.ID, domain.ReplayForm{From: begin, PerSecond: 10}); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			w.Clock.Advance(time.Second)
			var wg sync.WaitGroup
			for _, p := range []*world.World{w, other, w, other} {
				wg.Go(func() {
					if err := p.Replays.Step(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		if done, err := w.Engine.Pass(ctx); err != nil || done.Delivered != 30 {
			t.Errorf("%+v, %v", done, err)
		}
		ids := map[string]int{}
		for _, g := range recv.Got() {
			ids[g.Header.Get("webhook-id")]++
		}
		if len(ids) != 30 || len(recv.Got()) != 30 {
			t.Errorf("%d webhooks of %d events", len(recv.Got()), len(ids))
		}
	})
}

func TestAReplayEndsWhenItIsCancelledOrItsEndpointSwitchedOff(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		_, e := missed(t, w, 3)
		form := domain.ReplayForm{From: begin, PerSecond: 1}
		first, err := w.Replays.Start(ctx, domain.System(), e.ID, form)
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Second)
		if err := w.Replays.Step(ctx); err != nil {
			t.Fatal(err)
		}
		if r, err := w.Replays.Cancel(ctx, domain.System(), first.ID); err != nil || r.Status != domain.ReplayCancelled || r.Queued != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		if _, err := w.Replays.Cancel(ctx, domain.System(), first.ID); !domain.IsCode(err, domain.Conflict) {
			t.Error(err)
		}
		second, err := w.Replays.Start(ctx, domain.System(), e.ID, form)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Endpoints.SetActive(ctx, domain.System(), e.ID, false); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Second)
		if err := w.Replays.Step(ctx); err != nil {
			t.Fatal(err)
		}
		if r, err := w.Replays.Find(ctx, domain.System(), second.ID); err != nil || r.Status != domain.ReplayCancelled || r.Reason != "The endpoint was switched off." {
			t.Errorf("%+v, %v", r, err)
		}
		if _, err := w.Replays.Start(ctx, domain.System(), e.ID, form); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("to an endpoint that is off: %v", err)
		}
	})
}

func TestSwitchingOnAgainReplaysWhatWasMissed(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		a := w.MustUser(t, "a@example.com", domain.RoleStaff)
		recv := world.NewReceiver(t)
		e, _ := w.MustEndpoint(t, recv.URL)
		if _, err := w.Replays.EnableAndReplay(ctx, domain.System(), e.ID); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("nothing was missed: %v", err)
		}
		recv.Answer(http.StatusBadGateway)
		w.MustUpload(t, a, "failed.txt", "hello", nil)
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Endpoints.SetActive(ctx, domain.System(), e.ID, false); err != nil {
			t.Fatal(err)
		}
		w.MustUpload(t, a, "while off.txt", "hello", nil)
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Minute)
		recv.Answer(http.StatusOK)
		if r, err := w.Replays.EnableAndReplay(ctx, domain.System(), e.ID); err != nil || r.Total != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		w.Clock.Advance(time.Second)
		if err := w.Replays.Step(ctx); err != nil {
			t.Fatal(err)
		}
		if done, err := w.Engine.Pass(ctx); err != nil || done.Delivered != 2 {
			t.Errorf("%+v, %v", done, err)
		}
	})
}

func TestDeliveriesAreCancelledAndFailedOnesSentAgainByHand(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		recv := world.NewReceiver(t)
		recv.Answer(http.StatusBadGateway)
		e, _ := w.MustEndpoint(t, recv.URL)
		if _, err := w.Deliveries.RetryEndpoint(ctx, domain.System(), e.ID); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("nothing has failed: %v", err)
		}
		w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		page, err := w.Deliveries.List(ctx, domain.System(), ports.ListQuery{})
		if err != nil || len(page.Items) != 1 {
			t.Fatal(page, err)
		}
		d := page.Items[0]
		if n, err := w.Deliveries.Cancel(ctx, domain.System(), []uuid.UUID{d.ID}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if _, err := w.Deliveries.Cancel(ctx, domain.System(), []uuid.UUID{d.ID}); !domain.IsCode(err, domain.Conflict) {
			t.Error(err)
		}
		told, err := w.DB.Reads().Audit.ListOf(ctx, "delivery", d.ID, 10)
		if err != nil || len(told) != 1 || told[0].Action != "delivery.cancelled" || told[0].Changes["status"] != "pending → cancelled" {
			t.Errorf("the audit log has %v, %v", told, err)
		}
		if ev, err := w.Deliveries.FindEvent(ctx, domain.System(), d.EventID); err != nil || ev.Event.Status == domain.EventPending {
			t.Errorf("the event waits for a cancelled delivery: %+v, %v", ev.Event, err)
		}
		recv.Answer(http.StatusGone)
		if _, err := w.Deliveries.Redeliver(ctx, domain.System(), []uuid.UUID{d.ID}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		recv.Answer(http.StatusOK)
		if _, err := w.Deliveries.RetryEndpoint(ctx, domain.System(), e.ID); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("410 switched it off: %v", err)
		}
		if _, err := w.Endpoints.SetActive(ctx, domain.System(), e.ID, true); err != nil {
			t.Fatal(err)
		}
		if n, err := w.Deliveries.RetryEndpoint(ctx, domain.System(), e.ID); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if done, err := w.Engine.Pass(ctx); err != nil || done.Delivered != 1 {
			t.Errorf("%+v, %v", done, err)
		}
	})
}

func TestASampleGoesToOneEndpointAndShowsItsAnswer(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		recv, other := world.NewReceiver(t), world.NewReceiver(t)
		e, secret := w.MustEndpoint(t, recv.URL, "batch.*")
		w.MustEndpoint(t, other.URL)
		d, err := w.Endpoints.Sample(ctx, domain.System(), e.ID, domain.EventFileStored, []byte(`{"url": "https://mine.example/x", "n": 1}`))
		if err != nil || d.Delivery.Status != domain.DeliveryDelivered {
			t.Fatalf("%+v, %v", d, err)
		}
		got := recv.Got()[0]
		if err := domain.VerifyHex(secret, got.Header.Get("X-Webhook-Signature"), got.Body); err != nil || !strings.Contains(string(got.Body), `"data":{"url":"https://mine.example/x","n":1}`) {
			t.Errorf("%s, %v", got.Body, err)
		}
		if done, err := w.Engine.Pass(ctx); err != nil || done.Relayed+done.Delivered != 0 || len(other.Got()) != 0 {
			t.Errorf("somebody else heard of it: %+v, %v", done, err)
		}
		if _, err := w.Endpoints.Sample(ctx, domain.System(), e.ID, "file.eaten", []byte(`{}`)); !domain.IsCode(err, domain.Invalid) {
			t.Error(err)
		}
	})
}

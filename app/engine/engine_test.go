package engine_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"doorito/app/engine"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

func deliveries(t *testing.T, w *world.World) []*domain.Delivery {
	t.Helper()
	page, err := w.Deliveries.List(context.Background(), domain.System(), ports.ListQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func event(t *testing.T, w *world.World) *domain.Event {
	t.Helper()
	page, err := w.Deliveries.ListEvents(context.Background(), domain.System(), ports.ListQuery{Filters: map[string][]string{"type": {"file.stored"}}})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("%d events, %v", len(page.Items), err)
	}
	return page.Items[0]
}

// owed hands in a file that one receiver is to hear of.
func owed(t *testing.T, w *world.World) *world.Receiver {
	t.Helper()
	r := world.NewReceiver(t)
	w.MustEndpoint(t, r.URL)
	w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
	return r
}

func pass(t *testing.T, w *world.World) engine.Done {
	t.Helper()
	done, err := w.Engine.Pass(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestAnEventReachesEveryEndpointThatWantsItSignedBothWays(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		all, some, none := world.NewReceiver(t), world.NewReceiver(t), world.NewReceiver(t)
		_, secret := w.MustEndpoint(t, all.URL)
		w.MustEndpoint(t, some.URL, "file.stored")
		w.MustEndpoint(t, none.URL, "batch.*")
		f := w.MustUpload(t, staff, "report.pdf.txt", "hello", nil)

		if done := pass(t, w); done != (engine.Done{Relayed: 1, Delivered: 2}) {
			t.Errorf("pass: %+v", done)
		}
		if len(none.Got()) != 0 || len(some.Got()) != 1 {
			t.Errorf("got %d and %d", len(none.Got()), len(some.Got()))
		}
		got := all.Got()[0]
		h := got.Header
		if err := domain.VerifyStandard(secret, h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), h.Get("Webhook-Signature"), got.Body, w.Clock.Now()); err != nil {
			t.Error(err)
		}
		if err := domain.VerifyHex(secret, h.Get("X-Webhook-Signature"), got.Body); err != nil {
			t.Error(err)
		}
		var body struct {
			ID   string
			Data struct{ URL, SHA256 string }
		}
		if err := json.Unmarshal(got.Body, &body); err != nil {
			t.Fatal(err)
		}
		if body.ID != h.Get("Webhook-Id") || body.Data.SHA256 != f.SHA256 || body.Data.URL != w.Files.Link(domain.System(), f) {
			t.Errorf("body %s", got.Body)
		}
		if h.Get("X-Webhook-Event") != "file.stored" || h.Get("X-Webhook-Delivery") == "" || h.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v", h)
		}
		if e := event(t, w); e.Status != domain.EventDelivered || e.RelayedAt == nil || e.DeliveredAt == nil {
			t.Errorf("event %+v", e)
		}
		if done := pass(t, w); done != (engine.Done{}) {
			t.Errorf("a second pass did %+v", done)
		}
	})
}

func TestAnEventThatNobodyWantsIsDelivered(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		pass(t, w)
		if e := event(t, w); e.Status != domain.EventDelivered {
			t.Errorf("event is %s", e.Status)
		}
	})
}

func TestRetriesFollowTheScheduleWithAFreshTimestampAndOneFailingEndpointCostsTheOthersNothing(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		bad, good := world.NewReceiver(t), world.NewReceiver(t)
		bad.Answer(http.StatusInternalServerError)
		w.MustEndpoint(t, bad.URL)
		w.MustEndpoint(t, good.URL)
		w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		for i, wait := range domain.DefaultRetrySchedule {
			if wait > 0 {
				w.Clock.Advance(wait - time.Second)
				pass(t, w)
				if len(bad.Got()) != i {
					t.Fatalf("attempt %d came a second early", i+1)
				}
				w.Clock.Advance(time.Second)
			}
			pass(t, w)
			if len(bad.Got()) != i+1 {
				t.Fatalf("%d attempts after step %d", len(bad.Got()), i+1)
			}
		}
		w.Clock.Advance(100 * time.Hour)
		pass(t, w)
		if n := len(bad.Got()); n != len(domain.DefaultRetrySchedule) {
			t.Errorf("%d attempts in all", n)
		}
		if n := len(good.Got()); n != 1 {
			t.Errorf("the healthy endpoint got it %d times", n)
		}
		got := bad.Got()
		if a, b := got[0].Header, got[9].Header; a.Get("Webhook-Id") != b.Get("Webhook-Id") || a.Get("Webhook-Timestamp") == b.Get("Webhook-Timestamp") {
			t.Error("a retry keeps its id and takes a fresh timestamp")
		}
		if e := event(t, w); e.Status != domain.EventFailed {
			t.Errorf("event is %s", e.Status)
		}
		bad.Answer(http.StatusOK)
		n, err := w.Deliveries.RetryEvents(context.Background(), domain.System(), ids(event(t, w)))
		if err != nil || n != 1 {
			t.Fatalf("retry: %d, %v", n, err)
		}
		for _, d := range deliveries(t, w) {
			if d.Status == domain.DeliveryPending && d.Attempts != 0 {
				t.Errorf("retried with attempts at %d", d.Attempts)
			}
		}
		pass(t, w)
		if e := event(t, w); e.Status != domain.EventDelivered {
			t.Errorf("after the retry the event is %s", e.Status)
		}
		if len(good.Got()) != 1 {
			t.Error("the retry re-sent to the healthy endpoint")
		}
	})
}

func TestRetryAfterIsHonouredUpToTheDoubleOfTheNextStep(t *testing.T) {
	t.Parallel()
	s := domain.DefaultRetrySchedule
	if got := s.Wait(1, 0, time.Hour); got != 10*time.Second {
		t.Errorf("an hour asked for, %s given", got)
	}
	if got := s.Wait(1, 0, 7*time.Second); got != 7*time.Second {
		t.Errorf("7 s asked for, %s given", got)
	}
}

func TestGoneDisablesTheEndpointAndSaysSo(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		gone, watch := world.NewReceiver(t), world.NewReceiver(t)
		gone.Answer(http.StatusGone)
		ep, _ := w.MustEndpoint(t, gone.URL)
		w.MustEndpoint(t, watch.URL, "endpoint.disabled")
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		w.MustUpload(t, staff, "a.txt", "hello", nil)
		pass(t, w)
		d, err := w.Endpoints.Find(ctx, domain.System(), ep.ID)
		if err != nil || d.Endpoint.Active || !strings.Contains(d.Endpoint.DisabledReason, "410") {
			t.Errorf("%+v, %v", d.Endpoint, err)
		}
		if len(watch.Got()) != 1 {
			t.Errorf("%d notices", len(watch.Got()))
		}
		w.MustUpload(t, staff, "b.txt", "hello", nil)
		pass(t, w)
		if len(gone.Got()) != 1 {
			t.Error("a disabled endpoint was sent to")
		}
	})
}

func TestTwoWorkersNeverSendTheSameDelivery(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		r := world.NewReceiver(t)
		w.MustEndpoint(t, r.URL)
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		const files = 60
		for range files {
			w.MustUpload(t, staff, "a.txt", "hello", nil)
		}
		ended := make(chan error, 4)
		for range 4 {
			other := w.Another(t)
			go func() { _, err := other.Engine.Pass(context.Background()); ended <- err }()
		}
		for range 4 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		pass(t, w)
		seen := map[string]int{}
		for _, got := range r.Got() {
			seen[got.Header.Get("Webhook-Id")]++
		}
		if len(seen) != files {
			t.Errorf("%d events came, not %d", len(seen), files)
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("event %s came %d times", id, n)
			}
		}
	})
}

func TestAWorkerKilledBetweenClaimAndResultIsMadeGoodAfterItsLease(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		r := owed(t, w)
		// A worker that dies right after its claim: its database goes away.
		dying := w.Another(t)
		r.Hang()
		go func() { _, _ = dying.Engine.Pass(context.Background()) }()
		r.Await(t, 1)
		dying.DB.Close()

		if done := pass(t, w); done.Delivered != 0 {
			t.Error("a leased delivery was sent by another worker")
		}
		w.Clock.Advance(engine.LeaseTTL + time.Millisecond)
		r.Release()
		if done := pass(t, w); done.Delivered != 1 {
			t.Errorf("after the lease: %+v", done)
		}
		if ds := deliveries(t, w); ds[0].Status != domain.DeliveryDelivered {
			t.Errorf("delivery is %s", ds[0].Status)
		}
		if e := event(t, w); e.Status != domain.EventDelivered {
			t.Errorf("event is %s", e.Status)
		}
	})
}

func TestATaskNearItsTimeLimitReleasesWhatHasNotAnswered(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		slow, quick := world.NewReceiver(t), world.NewReceiver(t)
		slow.Hang()
		w.MustEndpoint(t, slow.URL)
		w.MustEndpoint(t, quick.URL)
		w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		w.Courier.Timeout = time.Minute
		ctx, cancel := context.WithTimeout(context.Background(), 7*time.Second)
		defer cancel()
		done, err := w.Engine.Pass(ctx)
		if err != nil || done != (engine.Done{Relayed: 1, Delivered: 1, Released: 1}) {
			t.Errorf("%+v, %v", done, err)
		}
		for _, d := range deliveries(t, w) {
			if d.Status == domain.DeliveryPending && d.LeaseToken != nil {
				t.Error("the lease was kept")
			}
		}
		slow.Release()
		if done := pass(t, w); done.Delivered != 1 {
			t.Errorf("afterwards: %+v", done)
		}
	})
}

func TestRunIsWokenByTheBellAndDrainsWhenItEnds(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		r := world.NewReceiver(t)
		w.MustEndpoint(t, r.URL)
		staff := w.MustUser(t, "a@example.com", domain.RoleStaff)
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- w.Engine.Run(ctx) }()
		w.MustUpload(t, staff, "a.txt", "hello", nil)
		r.Await(t, 1)
		if w.Bell.Rings() == 0 {
			t.Error("the bell never rang")
		}
		r.Hang()
		w.MustUpload(t, staff, "b.txt", "hello", nil)
		r.Await(t, 2)
		stop()
		r.Release()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for _, d := range deliveries(t, w) {
			if d.Status != domain.DeliveryDelivered {
				t.Errorf("after the drain a delivery is %s", d.Status)
			}
		}
	})
}

func TestABellThatFailsCostsASecondAndNothingElse(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		r := world.NewReceiver(t)
		w.MustEndpoint(t, r.URL)
		w.Bell.FailWith(context.DeadlineExceeded)
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- w.Engine.Run(ctx) }()
		w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		r.Await(t, 1)
		stop()
		<-ended
	})
}

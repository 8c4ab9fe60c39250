package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/disk"
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
		relayed(t, w, map[uuid.UUID]*domain.Endpoint{token: ep})
		d := deliveries(t, w)[0]
		res, ok := w.Courier.Attempt(ctx, engine.Job{Delivery: d, Event: event(t, w), Endpoint: ep})
		if !ok {
			t.Fatal("not sent")
		}
		err := w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
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

// relayed does by hand what a relay does with an event, and leases a delivery to
// each token.
func relayed(t *testing.T, w *world.World, leases map[uuid.UUID]*domain.Endpoint) {
	t.Helper()
	err := w.DB.InTx(t.Context(), func(ctx context.Context, s ports.Stores) error {
		es, err := s.Outbox.ClaimUnrelayed(ctx, time.Time{}, 10, false)
		if err != nil {
			return err
		}
		now := w.Clock.Now()
		until := now.Add(engine.LeaseTTL)
		var ds []*domain.Delivery
		for token, to := range leases {
			d := domain.NewDelivery(w.IDs.New(), es[0], to, "a.txt", now)
			d.LeaseToken, d.LeaseUntil = &token, &until
			ds = append(ds, d)
		}
		return s.Deliveries.FanOut(ctx, ports.FanOut{Deliveries: ds, Relayed: ids(es...), At: now})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The crash table of the design: "deliveries inserted / sent". The process that
// leased them is gone, and one beside it finds that out: nobody waits for the
// lease, whose clock stands still here.
func TestLeasesOfAProcessThatDiedEndWithIt(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, cancel := context.WithCancel(t.Context())
		r := world.NewReceiver(t)
		ep, _ := w.MustEndpoint(t, r.URL)
		other, _ := w.MustEndpoint(t, r.URL)
		w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		dead, alive := uuid.New(), uuid.New()
		relayed(t, w, map[uuid.UUID]*domain.Endpoint{dead: ep, alive: other})
		dir := t.TempDir()
		end, err := disk.NewTenures(dir).Begin(alive)
		if err != nil {
			t.Fatal(err)
		}
		defer end() // the collector would end what nobody can end any more
		if err := os.WriteFile(filepath.Join(dir, dead.String()), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		w.Engine.Tenures = disk.NewTenures(dir)
		ended := make(chan error, 1)
		go func() { ended <- w.Engine.Run(ctx) }()
		r.Await(t, 1)
		world.Eventually(t, "the dead one's delivery is recorded", func() bool {
			return slices.ContainsFunc(deliveries(t, w), func(d *domain.Delivery) bool { return d.Status == domain.DeliveryDelivered && d.EndpointID == ep.ID })
		})
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if n := len(r.Got()); n != 1 {
			t.Errorf("%d came: the other process is alive", n)
		}
		if left := held(t, dir); !slices.Equal(left, []string{alive.String()}) {
			t.Errorf("tenures left: %v", left)
		}
	})
}

// held are the tokens with a tenure in a folder.
func held(t *testing.T, dir string) (tokens []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		tokens = append(tokens, f.Name())
	}
	return tokens
}

// A pass of the queue holds what it sends as the engine beside it does.
func TestAPassHoldsATenureWhileItSends(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		r := owed(t, w)
		dir := t.TempDir()
		w.Engine.Tenures = disk.NewTenures(dir)
		r.Hang()
		ended := make(chan error, 1)
		go func() { _, err := w.Engine.Pass(t.Context()); ended <- err }()
		r.Await(t, 1)
		if err := disk.NewTenures(dir).Inherit(func(token uuid.UUID) error { return fmt.Errorf("%s is taken from the living", token) }); err != nil {
			t.Error(err)
		}
		d, err := w.DB.Reads().Deliveries.Find(t.Context(), deliveries(t, w)[0].ID)
		if err != nil || d.LeaseToken == nil {
			t.Fatalf("%+v, %v", d, err)
		}
		if got := held(t, dir); !slices.Equal(got, []string{d.LeaseToken.String()}) {
			t.Errorf("held are %v, sent by %s", got, d.LeaseToken)
		}
		r.Release()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if got := held(t, dir); len(got) > 0 {
			t.Errorf("held in the end: %v", got)
		}
	})
}

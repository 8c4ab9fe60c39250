package webhooks_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

func TestATestEventShowsItsAnswerAndIsKept(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		r := world.NewReceiver(t)
		e, secret := w.MustEndpoint(t, r.URL, "batch.completed")
		d, err := w.Endpoints.Test(ctx, domain.System(), e.ID)
		if err != nil || len(d.Attempts) != 1 || d.Attempts[0].StatusCode != http.StatusNoContent || d.Delivery.Status != domain.DeliveryDelivered {
			t.Fatalf("%+v, %v", d, err)
		}
		got := r.Got()[0]
		if err := domain.VerifyHex(secret, got.Header.Get("X-Webhook-Signature"), got.Body); err != nil {
			t.Error(err)
		}
		kept, err := w.Deliveries.Find(ctx, domain.System(), d.Delivery.ID)
		if err != nil || len(kept.Attempts) != 1 || kept.Event.Status != domain.EventDelivered || string(kept.Body) != string(got.Body) {
			t.Errorf("%+v, %v", kept, err)
		}
		if done, err := w.Engine.Pass(ctx); err != nil || done.Relayed+done.Delivered != 0 {
			t.Errorf("a worker sent the test again: %+v, %v", done, err)
		}
	})
}

func TestATestToAForbiddenAddressSaysWhichRule(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		e, _ := w.MustEndpoint(t, "http://169.254.169.254/latest/meta-data/")
		d, err := w.Endpoints.Test(context.Background(), domain.System(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if a := d.Attempts[0]; a.ErrorClass != domain.ErrBlocked || !strings.Contains(a.ErrorText, "169.254") {
			t.Errorf("%s: %s", a.ErrorClass, a.ErrorText)
		}
	})
}

func TestSwitchingOffCancelsAndSwitchingOnForgets(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		r := world.NewReceiver(t)
		r.Answer(http.StatusBadGateway)
		e, _ := w.MustEndpoint(t, r.URL)
		w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		h, err := w.Endpoints.Find(ctx, domain.System(), e.ID)
		if err != nil || h.State() != "failed" || h.Counts[domain.DeliveryPending] != 1 {
			t.Fatalf("%+v, %v", h, err)
		}
		if _, err := w.Endpoints.SetActive(ctx, domain.System(), e.ID, false); err != nil {
			t.Fatal(err)
		}
		page, err := w.Deliveries.List(ctx, domain.System(), ports.ListQuery{})
		if err != nil || page.Items[0].Status != domain.DeliveryCancelled {
			t.Fatalf("%+v, %v", page.Items[0], err)
		}
		id := page.Items[0].ID
		if _, err := w.Deliveries.Redeliver(ctx, domain.System(), []uuid.UUID{id}); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("redeliver to a disabled endpoint: %v", err)
		}
		r.Answer(http.StatusOK)
		if _, err := w.Endpoints.SetActive(ctx, domain.System(), e.ID, true); err != nil {
			t.Fatal(err)
		}
		if n, err := w.Deliveries.Redeliver(ctx, domain.System(), []uuid.UUID{id}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if done, err := w.Engine.Pass(ctx); err != nil || done.Delivered != 1 {
			t.Fatalf("%+v, %v", done, err)
		}
		d, err := w.Deliveries.Find(ctx, domain.System(), id)
		if err != nil || d.Delivery.Status != domain.DeliveryDelivered || len(d.Attempts) != 2 || d.Event.Status != domain.EventDelivered {
			t.Errorf("%+v, %v", d.Delivery, err)
		}
	})
}

func TestSecretsAreSealedRevealedToAdminsAndAudited(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin, staff := w.MustUser(t, "a@example.com", domain.RoleAdmin), w.MustUser(t, "b@example.com", domain.RoleStaff)
		e, secret := w.MustEndpoint(t, "https://example.com/hook")
		kept, err := w.DB.Reads().Endpoints.Find(ctx, e.ID)
		if err != nil || strings.Contains(kept.Secrets[0].Sealed, strings.TrimPrefix(secret, domain.SecretPrefix)) {
			t.Fatalf("the secret is stored as it is: %v", err)
		}
		id := kept.Secrets[0].ID
		if got, err := w.Endpoints.Reveal(ctx, admin, e.ID, id); err != nil || got != secret {
			t.Errorf("revealed %q, %v", got, err)
		}
		if _, err := w.Endpoints.Reveal(ctx, staff, e.ID, id); !domain.IsCode(err, domain.Forbidden) {
			t.Errorf("to staff: %v", err)
		}
		if _, err := w.Endpoints.Reveal(ctx, admin, e.ID, e.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("of no secret: %v", err)
		}
		log, err := w.DB.Reads().Audit.ListOf(ctx, "endpoint", e.ID, 10)
		if err != nil || len(log) != 2 || log[1].Action != "endpoint.secret_revealed" || log[1].ActorName != admin.Name {
			t.Errorf("audit %+v, %v", log, err)
		}
	})
}

func TestDeletingAnEndpointEndsWhatWasOwedToIt(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		r := world.NewReceiver(t)
		r.Answer(http.StatusBadGateway)
		e, _ := w.MustEndpoint(t, r.URL)
		w.MustUpload(t, w.MustUser(t, "a@example.com", domain.RoleStaff), "a.txt", "hello", nil)
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		if err := w.Endpoints.Delete(ctx, domain.System(), e.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Endpoints.Find(ctx, domain.System(), e.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("still there: %v", err)
		}
		page, err := w.Deliveries.ListEvents(ctx, domain.System(), ports.ListQuery{})
		if err != nil || page.Items[0].Status == domain.EventPending {
			t.Errorf("its event stays pending: %+v, %v", page.Items, err)
		}
	})
}

func TestOnlyAdminsSeeWebhooks(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		e, _ := w.MustEndpoint(t, "https://example.com/hook")
		staff := w.MustUser(t, "b@example.com", domain.RoleStaff)
		for who, want := range map[*domain.Actor]domain.Code{&staff: domain.Forbidden, {}: domain.Unauthenticated} {
			calls := map[string]func() error{
				"list":       func() error { _, err := w.Endpoints.List(ctx, *who, ports.ListQuery{}); return err },
				"find":       func() error { _, err := w.Endpoints.Find(ctx, *who, e.ID); return err },
				"create":     func() error { _, _, err := w.Endpoints.Create(ctx, *who, domain.EndpointForm{}); return err },
				"update":     func() error { _, err := w.Endpoints.Update(ctx, *who, e.ID, domain.EndpointForm{}); return err },
				"switch":     func() error { _, err := w.Endpoints.SetActive(ctx, *who, e.ID, false); return err },
				"delete":     func() error { return w.Endpoints.Delete(ctx, *who, e.ID) },
				"test":       func() error { _, err := w.Endpoints.Test(ctx, *who, e.ID); return err },
				"deliveries": func() error { _, err := w.Deliveries.List(ctx, *who, ports.ListQuery{}); return err },
				"redeliver":  func() error { _, err := w.Deliveries.Redeliver(ctx, *who, nil); return err },
				"events":     func() error { _, err := w.Deliveries.ListEvents(ctx, *who, ports.ListQuery{}); return err },
				"sample":     func() error { _, err := w.Endpoints.Sample(ctx, *who, e.ID, domain.EventFileStored, nil); return err },
				"stuck":      func() error { _, err := w.Deliveries.Stuck(ctx, *who); return err },
				"cancel":     func() error { _, err := w.Deliveries.Cancel(ctx, *who, nil); return err },
				"retry all":  func() error { _, err := w.Deliveries.RetryEndpoint(ctx, *who, e.ID); return err },
				"preview":    func() error { _, err := w.Replays.Preview(ctx, *who, e.ID, domain.ReplayForm{}); return err },
				"replay":     func() error { _, err := w.Replays.Start(ctx, *who, e.ID, domain.ReplayForm{}); return err },
				"catch up":   func() error { _, err := w.Replays.EnableAndReplay(ctx, *who, e.ID); return err },
				"replays":    func() error { _, err := w.Replays.List(ctx, *who, ports.ListQuery{}); return err },
				"a replay":   func() error { _, err := w.Replays.Find(ctx, *who, e.ID); return err },
				"end replay": func() error { _, err := w.Replays.Cancel(ctx, *who, e.ID); return err },
				"retry":      func() error { _, err := w.Deliveries.RetryEvents(ctx, *who, nil); return err },
			}
			for name, call := range calls {
				if err := call(); !domain.IsCode(err, want) {
					t.Errorf("%s: %v, want %s", name, err, want)
				}
			}
		}
	})
}

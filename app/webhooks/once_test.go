package webhooks_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"doorito/domain"
	"doorito/e2e/world"
)

func TestARepeatedRequestMakesNoSecondEndpoint(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin, other := w.MustUser(t, "a@example.com", domain.RoleAdmin), w.MustUser(t, "b@example.com", domain.RoleAdmin)
		form := domain.EndpointForm{URL: "https://example.com/in", Headers: []domain.HeaderChange{{Name: "X-Tenant", Value: "halden"}}}
		e, secret, replayed, err := w.Endpoints.CreateOnce(ctx, admin, form, "k")
		if err != nil || replayed {
			t.Fatal(replayed, err)
		}
		again, same, replayed, err := w.Endpoints.CreateOnce(ctx, admin, form, "k")
		if err != nil || !replayed || again.ID != e.ID || same != secret {
			t.Errorf("%v %s %v", replayed, again.ID, err)
		}
		log, err := w.DB.Reads().Audit.ListOf(ctx, "endpoint", e.ID, 10)
		if err != nil || len(log) != 2 || log[1].Action != "endpoint.secret_revealed" {
			t.Errorf("history %+v, %v", log, err)
		}
		if of, _, replayed, err := w.Endpoints.CreateOnce(ctx, other, form, "k"); err != nil || replayed || of.ID == e.ID {
			t.Errorf("of another admin: %v %v", replayed, err)
		}
		form.Name = "Else"
		if _, _, _, err := w.Endpoints.CreateOnce(ctx, admin, form, "k"); !isReuse(err) {
			t.Errorf("something else: %v", err)
		}
		form.Name = ""
		w.Clock.Advance(time.Minute)
		if _, _, err := w.Endpoints.Rotate(ctx, admin, e.ID, domain.SecretHMAC, 0); err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := w.Endpoints.CreateOnce(ctx, admin, form, "k"); !isReuse(err) {
			t.Errorf("its secret is retired: %v", err)
		}
		if err := w.Endpoints.Delete(ctx, admin, e.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := w.Endpoints.CreateOnce(ctx, admin, form, "k"); !isReuse(err) {
			t.Errorf("it is deleted: %v", err)
		}
		w.Clock.Advance(domain.IdempotencyTTL)
		if _, _, replayed, err := w.Endpoints.CreateOnce(ctx, admin, form, "k"); err != nil || replayed {
			t.Errorf("the key has ended: %v %v", replayed, err)
		}
	})
}

// isReuse tells the refusals that are about the key.
func isReuse(err error) bool {
	var e *domain.Error
	return errors.As(err, &e) && e.Code == domain.Conflict && e.Field == "Idempotency-Key"
}

func TestOfManyRotationsUnderOneKeyOneMakesASecret(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin := w.MustUser(t, "a@example.com", domain.RoleAdmin)
		e, _ := w.MustEndpoint(t, "https://example.com/in")
		var wg sync.WaitGroup
		shown := make([]string, 6)
		for i := range shown {
			wg.Go(func() {
				var err error
				if _, shown[i], _, err = w.Endpoints.RotateOnce(ctx, admin, e.ID, domain.SecretHMAC, time.Hour, "k"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, s := range shown {
			if s == "" || s != shown[0] {
				t.Errorf("shown %q", shown)
			}
		}
		kept, err := w.DB.Reads().Endpoints.Find(ctx, e.ID)
		if err != nil || len(kept.Secrets) != 2 {
			t.Errorf("%d secrets, %v", len(kept.Secrets), err)
		}
		if _, _, _, err := w.Endpoints.RotateOnce(ctx, admin, e.ID, domain.SecretHMAC, 2*time.Hour, "k"); !isReuse(err) {
			t.Errorf("something else: %v", err)
		}
	})
}

func TestARepeatedRequestBeginsNoSecondReplay(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin := w.MustUser(t, "a@example.com", domain.RoleAdmin)
		e, _ := w.MustEndpoint(t, "https://example.com/in")
		form := domain.ReplayForm{From: w.Clock.Now().Add(-time.Hour), Scope: domain.ReplayAll}
		first, replayed, err := w.Replays.StartOnce(ctx, admin, e.ID, form, "k")
		if err != nil || replayed {
			t.Fatal(replayed, err)
		}
		// Meanwhile it may be over and the endpoint off: the answer stays.
		if _, err := w.Replays.Cancel(ctx, admin, first.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Endpoints.SetActive(ctx, admin, e.ID, false); err != nil {
			t.Fatal(err)
		}
		again, replayed, err := w.Replays.StartOnce(ctx, admin, e.ID, form, "k")
		if err != nil || !replayed || again.ID != first.ID || again.Status != domain.ReplayCancelled {
			t.Errorf("%v %+v %v", replayed, again, err)
		}
		form.PerSecond = 7
		if _, _, err := w.Replays.StartOnce(ctx, admin, e.ID, form, "k"); !isReuse(err) {
			t.Errorf("something else: %v", err)
		}

		w.Clock.Advance(time.Minute)
		caught, replayed, err := w.Replays.EnableAndReplayOnce(ctx, admin, e.ID, "k")
		if err != nil || replayed {
			t.Fatal(replayed, err)
		}
		again, replayed, err = w.Replays.EnableAndReplayOnce(ctx, admin, e.ID, "k")
		if err != nil || !replayed || again.ID != caught.ID {
			t.Errorf("%v %+v %v", replayed, again, err)
		}
		if _, _, err := w.Replays.EnableAndReplayOnce(ctx, admin, e.ID, ""); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("without a key: %v", err)
		}
	})
}

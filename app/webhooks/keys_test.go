package webhooks_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

// verified checks what a receiver got with one secret or public key.
func verified(t *testing.T, w *world.World, got world.Webhook, secret string) error {
	t.Helper()
	h := got.Header
	return domain.VerifyStandard(secret, h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), h.Get("Webhook-Signature"), got.Body, w.Clock.Now())
}

func TestARotatedSecretSignsUntilItsOverlapEnds(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		r := world.NewReceiver(t)
		e, old := w.MustEndpoint(t, r.URL)
		admin := w.MustUser(t, "a@example.com", domain.RoleAdmin)
		made, fresh, err := w.Endpoints.Rotate(ctx, admin, e.ID, domain.SecretHMAC, domain.DefaultOverlap)
		if err != nil || fresh == old || made.Hint == "" || strings.Contains(made.Sealed, fresh) {
			t.Fatal(made, fresh, err)
		}
		send := func() world.Webhook {
			t.Helper()
			if _, err := w.Endpoints.Test(ctx, admin, e.ID); err != nil {
				t.Fatal(err)
			}
			got := r.Got()
			return got[len(got)-1]
		}
		got := send()
		if n := len(strings.Fields(got.Header.Get("Webhook-Signature"))); n != 2 {
			t.Errorf("%d signatures", n)
		}
		for _, secret := range []string{old, fresh} {
			if err := verified(t, w, got, secret); err != nil {
				t.Error(err)
			}
		}
		hex := got.Header.Get("X-Webhook-Signature")
		if domain.VerifyHex(old, hex, got.Body) != nil {
			t.Error("X-Webhook-Signature is not that of the oldest live secret")
		}
		w.Clock.Advance(domain.DefaultOverlap)
		got = send()
		if verified(t, w, got, fresh) != nil || verified(t, w, got, old) == nil {
			t.Error("the old secret signs beyond its overlap")
		}
		if domain.VerifyHex(fresh, got.Header.Get("X-Webhook-Signature"), got.Body) != nil {
			t.Error("X-Webhook-Signature did not move on")
		}
	})
}

func TestAKeyPairSignsBesideASecretAndInsteadOfIt(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		r := world.NewReceiver(t)
		e, secret := w.MustEndpoint(t, r.URL)
		pair, public, err := w.Endpoints.Rotate(ctx, domain.System(), e.ID, domain.SecretEd25519, 0)
		if err != nil || !strings.HasPrefix(public, domain.PublicKeyPrefix) {
			t.Fatal(public, err)
		}
		send := func() world.Webhook {
			t.Helper()
			if _, err := w.Endpoints.Test(ctx, domain.System(), e.ID); err != nil {
				t.Fatal(err)
			}
			got := r.Got()
			return got[len(got)-1]
		}
		got := send()
		if verified(t, w, got, secret) != nil || verified(t, w, got, public) != nil {
			t.Errorf("signed %s", got.Header.Get("Webhook-Signature"))
		}
		kept, err := w.DB.Reads().Endpoints.Find(ctx, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Endpoints.Retire(ctx, domain.System(), e.ID, kept.Secrets[0].ID); err != nil {
			t.Fatal(err)
		}
		got = send()
		if verified(t, w, got, public) != nil || verified(t, w, got, secret) == nil || got.Header.Get("X-Webhook-Signature") != "" {
			t.Errorf("signed %s and %s", got.Header.Get("Webhook-Signature"), got.Header.Get("X-Webhook-Signature"))
		}
		if shown, err := w.Endpoints.Reveal(ctx, domain.System(), e.ID, pair.ID); err != nil || shown != public {
			t.Errorf("revealed %q, %v", shown, err)
		}
		if err := w.Endpoints.Retire(ctx, domain.System(), e.ID, pair.ID); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("the last one was retired: %v", err)
		}
	})
}

func TestCustomHeadersAreSentSealedAndHiddenInAttempts(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		r := world.NewReceiver(t)
		form := domain.EndpointForm{URL: r.URL, Headers: []domain.HeaderChange{{Name: "authorization", Value: "Bearer hush"}, {Name: "X-Tenant", Value: "halden"}}}
		e, _, err := w.Endpoints.Create(ctx, domain.System(), form)
		if err != nil {
			t.Fatal(err)
		}
		form.Headers = []domain.HeaderChange{{Name: "X-Tenant", Remove: true}, {Name: "Authorization"}}
		if _, err := w.Endpoints.Update(ctx, domain.System(), e.ID, form); err != nil {
			t.Fatal(err)
		}
		d, err := w.Endpoints.Test(ctx, domain.System(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := r.Got()[0].Header
		if got.Get("Authorization") != "Bearer hush" || got.Get("X-Tenant") != "" {
			t.Errorf("sent %v", got)
		}
		attempts, err := w.DB.Reads().Attempts.ListOf(ctx, d.Delivery.ID, 1)
		if err != nil || attempts[0].RequestHeaders.Get("Authorization") != "••••••••" || attempts[0].RequestHeaders.Get("Webhook-Signature") == "" {
			t.Errorf("kept %v, %v", attempts[0].RequestHeaders, err)
		}
		kept, err := w.DB.Reads().Endpoints.Find(ctx, e.ID)
		if err != nil || len(kept.Headers) != 1 || strings.Contains(kept.Headers["Authorization"], "hush") {
			t.Errorf("stored %v, %v", kept.Headers, err)
		}
		log, err := w.DB.Reads().Audit.ListOf(ctx, "endpoint", e.ID, 10)
		if err != nil || len(log) != 2 || log[1].Changes["headers"] != "Authorization, X-Tenant → Authorization" {
			t.Errorf("audit %+v, %v", log[len(log)-1], err)
		}
		for _, entry := range log {
			for _, v := range entry.Changes {
				if strings.Contains(v, "hush") {
					t.Errorf("a value is in the history: %s", v)
				}
			}
		}
	})
}

// withKeys makes the world seal and open with these keys, as a restart does.
func withKeys(t *testing.T, w *world.World, list string) {
	t.Helper()
	keys, err := domain.NewKeyring(list)
	if err != nil {
		t.Fatal(err)
	}
	w.Endpoints.Keys, w.Courier.Keys = keys, keys
}

const (
	firstKey  = "the first key that is long enough to be one"
	secondKey = "the second key that is long enough to be one"
)

func TestTheSecretKeyIsRotatedBesideARunningPortal(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		r := world.NewReceiver(t)
		withKeys(t, w, firstKey)
		cert, key := world.ClientCert(t, world.Start.AddDate(50, 0, 0))
		var ends []uuid.UUID
		var secrets []string
		for range 5 {
			e, secret, err := w.Endpoints.Create(ctx, domain.System(), domain.EndpointForm{URL: r.URL, Headers: []domain.HeaderChange{{Name: "X-Token", Value: "hush"}}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Endpoints.SetClientCert(ctx, domain.System(), e.ID, cert, key); err != nil {
				t.Fatal(err)
			}
			ends, secrets = append(ends, e.ID), append(secrets, secret)
		}
		withKeys(t, w, secondKey+", "+firstKey)
		// An admin goes on editing while everything is sealed anew.
		var editing sync.WaitGroup
		editing.Go(func() {
			for i := range 20 {
				f := domain.EndpointForm{URL: r.URL + "/edited", Headers: []domain.HeaderChange{{Name: "X-Token"}}}
				if _, err := w.Endpoints.Update(ctx, domain.System(), ends[i%5], f); err != nil {
					t.Error(err)
				}
			}
		})
		done, err := w.Endpoints.Reseal(ctx, domain.System())
		editing.Wait()
		if err != nil || done.Values != 15 || done.Endpoints != 5 {
			t.Fatalf("%+v, %v", done, err)
		}
		if again, err := w.Endpoints.Reseal(ctx, domain.System()); err != nil || again.Values != 0 {
			t.Errorf("a second run: %+v, %v", again, err)
		}
		withKeys(t, w, secondKey)
		for i, id := range ends {
			if _, err := w.Endpoints.Test(ctx, domain.System(), id); err != nil {
				t.Fatal(err)
			}
			got := r.Got()[i]
			if verified(t, w, got, secrets[i]) != nil || got.Header.Get("X-Token") != "hush" {
				t.Errorf("endpoint %d: %v", i, got.Header)
			}
			e, err := w.DB.Reads().Endpoints.Find(ctx, id)
			if err != nil || e.URL != r.URL+"/edited" {
				t.Errorf("an edit was lost: %+v, %v", e, err)
			}
		}
	})
}

func TestAPortalThatSealsWithTheOldKeyIsTold(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.SQLite(t))
	withKeys(t, w, firstKey)
	w.MustEndpoint(t, "https://example.com")
	withKeys(t, w, secondKey)
	if _, err := w.Endpoints.Reseal(context.Background(), domain.System()); !domain.IsCode(err, domain.Internal) || !strings.Contains(err.Error(), "not in SECRET_KEY any more") {
		t.Errorf("without the old key: %v", err)
	}
}

func TestConditionsAreEvaluatedInTheRelay(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		r := world.NewReceiver(t)
		ines := w.MustUser(t, "ines@example.com", domain.RoleStaff)
		b, _, err := w.Uploads.CreateBatch(ctx, ines, "Invoices November", "")
		if err != nil {
			t.Fatal(err)
		}
		create := func(f domain.Filter) {
			t.Helper()
			if _, _, err := w.Endpoints.Create(ctx, domain.System(), domain.EndpointForm{URL: r.URL, EventTypes: []string{"file.stored"}, Filter: f}); err != nil {
				t.Fatal(err)
			}
		}
		create(domain.Filter{BatchLabel: "invoices*", ContentTypes: []string{"text/*"}, MaxSize: 100})
		create(domain.Filter{BatchLabel: "Scans*"})
		in := w.MustUpload(t, ines, "in.txt", "hello", &b.ID)
		w.MustUpload(t, ines, "loose.txt", "hello", nil)
		w.MustUpload(t, ines, "large.txt", strings.Repeat("hello ", 100), &b.ID)
		if _, err := w.Engine.Pass(ctx); err != nil {
			t.Fatal(err)
		}
		got := r.Got()
		if len(got) != 1 || !strings.Contains(string(got[0].Body), in.ID.String()) {
			t.Fatalf("%d webhooks", len(got))
		}
		p, err := w.Endpoints.Preview(ctx, domain.System(), domain.EndpointForm{Filter: domain.Filter{BatchLabel: "Invoices*"}})
		if err != nil || len(p.Matched) != 2 || p.Of != 3 {
			t.Errorf("preview %d of %d, %v", len(p.Matched), p.Of, err)
		}
		_, err = w.Endpoints.Preview(ctx, domain.System(), domain.EndpointForm{Filter: domain.Filter{MinSize: 2, MaxSize: 1}})
		if !domain.IsCode(err, domain.Invalid) {
			t.Errorf("a filter that cannot hold: %v", err)
		}
		page, err := w.Deliveries.ListEvents(ctx, domain.System(), ports.ListQuery{Filters: map[string][]string{"status": {"delivered"}}})
		if err != nil || len(page.Items) != 3 {
			t.Errorf("what nobody wants is delivered: %d, %v", len(page.Items), err)
		}
	})
}

func TestKeysAreForAdminsAlone(t *testing.T) {
	t.Parallel()
	w := world.New(t, world.SQLite(t))
	ctx := context.Background()
	e, _ := w.MustEndpoint(t, "https://example.com/hook")
	staff := w.MustUser(t, "b@example.com", domain.RoleStaff)
	for who, want := range map[*domain.Actor]domain.Code{&staff: domain.Forbidden, {}: domain.Unauthenticated} {
		for name, call := range map[string]func() error{
			"rotate": func() error {
				_, _, err := w.Endpoints.Rotate(ctx, *who, e.ID, domain.SecretHMAC, time.Hour)
				return err
			},
			"retire":  func() error { return w.Endpoints.Retire(ctx, *who, e.ID, e.Secrets[0].ID) },
			"reveal":  func() error { _, err := w.Endpoints.Reveal(ctx, *who, e.ID, e.Secrets[0].ID); return err },
			"set":     func() error { _, err := w.Endpoints.SetClientCert(ctx, *who, e.ID, "", ""); return err },
			"remove":  func() error { return w.Endpoints.RemoveClientCert(ctx, *who, e.ID) },
			"reseal":  func() error { _, err := w.Endpoints.Reseal(ctx, *who); return err },
			"preview": func() error { _, err := w.Endpoints.Preview(ctx, *who, domain.EndpointForm{}); return err },
		} {
			if err := call(); !domain.IsCode(err, want) {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
	}
}

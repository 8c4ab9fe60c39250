package webhooks_test

import (
	"context"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"doorito/domain"
	"doorito/e2e/world"
)

// The verifying library of the Standard Webhooks project takes what is sent:
// with one secret, during a rotation with either, and beside a key pair.
func TestTheStandardWebhooksLibraryAcceptsWhatIsSent(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		w.Clock.Set(time.Now()) // the library looks at the real one
		r := world.NewReceiver(t)
		e, first := w.MustEndpoint(t, r.URL)
		check := func(n int, secrets ...string) {
			t.Helper()
			if _, err := w.Engine.Pass(ctx); err != nil {
				t.Fatal(err)
			}
			got := r.Await(t, n)[n-1]
			for _, secret := range secrets {
				lib, err := standardwebhooks.NewWebhook(secret)
				if err != nil {
					t.Fatal(err)
				}
				if err := lib.Verify(got.Body, got.Header); err != nil {
					t.Errorf("refused: %v", err)
				}
				if lib.Verify(append(got.Body, ' '), got.Header) == nil {
					t.Error("another body is taken too")
				}
			}
		}
		ines := w.MustUser(t, "ines@example.com", domain.RoleStaff)
		w.MustUpload(t, ines, "größe.txt", "hello", nil)
		check(1, first)
		_, second, err := w.Endpoints.Rotate(ctx, domain.System(), e.ID, domain.SecretHMAC, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if _, public, err := w.Endpoints.Rotate(ctx, domain.System(), e.ID, domain.SecretEd25519, 0); err != nil || !strings.HasPrefix(public, "whpk_") {
			t.Fatal(public, err)
		}
		w.MustUpload(t, ines, "b.txt", "hello", nil)
		check(2, first, second)
	})
}

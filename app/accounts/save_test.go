package accounts_test

import (
	"context"
	"testing"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
)

func save(t *testing.T, w *world.World, u *domain.User) {
	t.Helper()
	err := w.DB.InTx(context.Background(), func(ctx context.Context, s ports.Stores) error { return s.Users.Save(ctx, u) })
	if err != nil {
		t.Fatal(err)
	}
}

package accounts_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"

	"doorito/app/accounts"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

// Everything that is shown once, or never, is made; the log has none of it.
func TestNoSecretIsInTheAuditLog(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := t.Context()
		admin := w.MustUser(t, "admin@example.com", domain.RoleAdmin)
		admin.IP = "192.0.2.7"
		users := &accounts.Accounts{Users: w.Users}
		secrets := map[string]string{}
		must := func(what, secret string, err error) {
			t.Helper()
			if err != nil || len(secret) < 10 {
				t.Fatal(what, len(secret), err)
			}
			secrets[what] = secret
		}
		u, made, err := users.Add(ctx, admin, domain.UserForm{Email: "new@example.com", Role: domain.RoleStaff}, "")
		must("password that was made", made, err)
		reset, err := users.ResetPassword(ctx, admin, u.ID)
		must("password that was reset", reset, err)
		_, link, err := (&accounts.Invitations{Users: w.Users}).Invite(ctx, admin, "guest@example.com", domain.RoleStaff)
		must("invitation", link, err)
		token, secret, err := w.Tokens.Create(ctx, admin, usecase.TokenInput{Name: "t", Scopes: []domain.Scope{domain.ScopeRead}})
		must("token", secret, err)
		must("hash of the token", token.Hash, err)
		_, secret, err = w.Endpoints.Create(ctx, admin, domain.EndpointForm{URL: "https://example.com/hook", Headers: []domain.HeaderChange{{Name: "X-Key", Value: "of-the-header-value"}}})
		must("endpoint secret", secret, err)
		secrets["header"] = "of-the-header-value"
		found := 0
		page, err := w.DB.Reads().Audit.List(ctx, ports.ListQuery{Limit: ports.MaxPageSize})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Items {
			found++
			text, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			for what, secret := range secrets {
				if strings.Contains(string(text), secret) {
					t.Errorf("the %s is in the log: %s", what, text)
				}
			}
			if e.ActorID != nil && *e.ActorID != uuid.Nil && e.IP != admin.IP {
				t.Errorf("%s was told without the address: %s", e.Action, text)
			}
		}
		if found < 5 {
			t.Errorf("only %d entries", found)
		}
	})
}

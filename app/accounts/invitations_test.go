package accounts_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/app/accounts"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

func inviting(w *world.World) *accounts.Invitations { return &accounts.Invitations{Users: w.Users} }

func TestSomebodyInvitedMakesTheirAccountOnce(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, in := context.Background(), inviting(w)
		admin := w.MustUser(t, "admin@example.com", domain.RoleAdmin)
		i, token, err := in.Invite(ctx, admin, " INES@example.com ", domain.RoleAdmin)
		if err != nil || i.Email != email || strings.Contains(i.Hash, token) {
			t.Fatal(i, err)
		}
		if _, err := in.Accept(ctx, token, "Ines", "password123"); !onField(err, domain.Invalid, "password") {
			t.Errorf("a common password: %v", err)
		}
		var mu sync.Mutex
		var crowd sync.WaitGroup
		joined := 0
		for range 3 {
			crowd.Go(func() {
				u, err := in.Accept(ctx, token, "Ines Ferrante", "four words of mine")
				mu.Lock()
				defer mu.Unlock()
				if err == nil && u.Role == domain.RoleAdmin && u.Name == "Ines Ferrante" {
					joined++
				} else if !domain.IsCode(err, domain.Conflict) && !domain.IsCode(err, domain.Expired) {
					t.Errorf("%+v, %v", u, err)
				}
			})
		}
		crowd.Wait()
		if joined != 1 {
			t.Errorf("joined %d times", joined)
		}
		if _, err := in.Open(ctx, token); !domain.IsCode(err, domain.Expired) {
			t.Errorf("the link after that: %v", err)
		}
		if _, err := signIn(w, "four words of mine", ""); err != nil {
			t.Errorf("signing in: %v", err)
		}
		if _, _, err := in.Invite(ctx, admin, email, domain.RoleStaff); !onField(err, domain.Conflict, "email") {
			t.Errorf("inviting somebody who is here: %v", err)
		}
		if got, err := in.Find(ctx, admin, i.ID); err != nil || got.State(w.Clock.Now()) != domain.InvitationAccepted || got.UserID == nil {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestALinkEndsWithTimeAndWhenItIsTakenBack(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, in := context.Background(), inviting(w)
		admin := w.MustUser(t, "admin@example.com", domain.RoleAdmin)
		i, taken, err := in.Invite(ctx, admin, "a@example.com", domain.RoleStaff)
		if err != nil {
			t.Fatal(err)
		}
		for want := range 2 {
			if n, err := in.Revoke(ctx, admin, []uuid.UUID{i.ID}); err != nil || n != 1-want {
				t.Errorf("revoked %d, %v", n, err)
			}
		}
		_, late, err := in.Invite(ctx, admin, "b@example.com", domain.RoleStaff)
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(domain.InvitationTTL)
		for token, want := range map[string]domain.Code{taken: domain.Expired, late: domain.Expired, "guessed": domain.NotFound, "": domain.NotFound} {
			if _, err := in.Accept(ctx, token, "x", "four words of mine"); !domain.IsCode(err, want) {
				t.Errorf("%q: %v", token, err)
			}
		}
		for state, want := range map[string]int{"open": 0, "revoked": 1, "expired": 1, "accepted": 0} {
			page, err := in.List(ctx, admin, ports.ListQuery{Filters: map[string][]string{"state": {state}}})
			if err != nil || len(page.Items) != want {
				t.Errorf("%s: %d, %v", state, len(page.Items), err)
			}
		}
	})
}

func TestOnlyAdminsInABrowserInvite(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, in := context.Background(), inviting(w)
		admin, staff := w.MustUser(t, "admin@example.com", domain.RoleAdmin), w.MustUser(t, "staff@example.com", domain.RoleStaff)
		_, secret, err := w.Tokens.Create(ctx, admin, usecase.TokenInput{Name: "all", Scopes: domain.AllScopes, Expires: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		token, err := w.SignIn.ByToken(ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		for who, a := range map[string]domain.Actor{"staff": staff, "a token": token} {
			_, list := in.List(ctx, a, ports.ListQuery{})
			_, find := in.Find(ctx, a, uuid.New())
			_, _, invite := in.Invite(ctx, a, "x@example.com", domain.RoleStaff)
			_, revoke := in.Revoke(ctx, a, nil)
			for what, err := range map[string]error{"list": list, "find": find, "invite": invite, "revoke": revoke} {
				if !domain.IsCode(err, domain.Forbidden) {
					t.Errorf("%s may %s: %v", who, what, err)
				}
			}
		}
	})
}

package accounts_test

import (
	"context"
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

func governing(w *world.World) *accounts.Accounts { return &accounts.Accounts{Users: w.Users} }

func formOf(u *domain.User) domain.UserForm {
	return domain.UserForm{Email: u.Email, Name: u.Name, Role: u.Role, Active: u.Active}
}

func mustFind(t *testing.T, w *world.World, id uuid.UUID) *domain.User {
	t.Helper()
	u, err := w.DB.Reads().Users.Find(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, g := context.Background(), governing(w)
		ines := w.MustUser(t, "ines@example.com", domain.RoleAdmin)
		off := w.MustUser(t, "off@example.com", domain.RoleAdmin)
		if n, err := g.Switch(ctx, ines, []uuid.UUID{off.UserID}, false); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		refused := func(what string, err error) {
			t.Helper()
			if !domain.IsCode(err, domain.Conflict) {
				t.Errorf("%s: %v", what, err)
			}
		}
		f := formOf(mustFind(t, w, ines.UserID))
		f.Role = domain.RoleStaff
		_, err := g.Change(ctx, ines, ines.UserID, f, time.Time{})
		refused("demoted", err)
		f.Role, f.Active = domain.RoleAdmin, false
		_, err = g.Change(ctx, ines, ines.UserID, f, time.Time{})
		refused("switched off by the form", err)
		_, err = g.Switch(ctx, ines, []uuid.UUID{off.UserID, ines.UserID}, false)
		refused("switched off", err)
		_, err = g.Delete(ctx, domain.System(), []uuid.UUID{ines.UserID})
		refused("deleted", err)
		if u := mustFind(t, w, ines.UserID); !u.IsAdmin() || !u.Active {
			t.Errorf("the last admin is %+v", u)
		}
	})
}

func TestTwoAdminsWhoDemoteEachOtherLeaveOne(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, g := context.Background(), governing(w)
		for range 5 {
			a := w.MustUser(t, uuid.NewString()+"@example.com", domain.RoleAdmin)
			b := w.MustUser(t, uuid.NewString()+"@example.com", domain.RoleAdmin)
			var wg sync.WaitGroup
			errs := make([]error, 2)
			for i, pair := range [][2]domain.Actor{{a, b}, {b, a}} {
				wg.Go(func() { _, errs[i] = g.Switch(ctx, pair[0], []uuid.UUID{pair[1].UserID}, false) })
			}
			wg.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Fatalf("both or none went through: %v, %v", errs[0], errs[1])
			}
			for _, u := range []domain.Actor{a, b} {
				if mustFind(t, w, u.UserID).Active {
					save(t, w, &domain.User{ID: u.UserID, Email: uuid.NewString() + "@example.com", Name: "Gone", Role: domain.RoleStaff, UpdatedAt: w.Clock.Now()})
				}
			}
		}
	})
}

func TestAChangeIsKeptWithWhatWasBefore(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, g := context.Background(), governing(w)
		ines := w.MustUser(t, "ines@example.com", domain.RoleAdmin)
		jonas := w.MustUser(t, "jonas@example.com", domain.RoleStaff)
		before := mustFind(t, w, jonas.UserID)
		w.Clock.Advance(time.Second)
		f := formOf(before)
		f.Name, f.Role = "Jonas Lindqvist", domain.RoleAdmin
		if _, err := g.Change(ctx, ines, jonas.UserID, f, before.UpdatedAt); err != nil {
			t.Fatal(err)
		}
		told, err := w.DB.Reads().Audit.ListOf(ctx, "user", jonas.UserID, 10)
		if err != nil {
			t.Fatal(err)
		}
		e := told[len(told)-1]
		if e.Action != "user.changed" || e.Changes["role"] != "staff → admin" || e.Changes["name"] != "jonas → Jonas Lindqvist" || len(e.Changes) != 2 || *e.ActorID != ines.UserID {
			t.Errorf("history: %+v", e)
		}
		f.Name = "Somebody else"
		if _, err := g.Change(ctx, ines, jonas.UserID, f, before.UpdatedAt); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("a form that is out of date: %v", err)
		}
		f.Email = ines.Email
		if _, err := g.Change(ctx, ines, jonas.UserID, f, time.Time{}); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("an address that is taken: %v", err)
		}
		f.Email = "nobody"
		if _, err := g.Change(ctx, ines, jonas.UserID, f, time.Time{}); !domain.IsCode(err, domain.Invalid) {
			t.Errorf("no address: %v", err)
		}
		if after := mustFind(t, w, jonas.UserID); after.Name != "Jonas Lindqvist" || after.Email != "jonas@example.com" {
			t.Errorf("a refused change went in: %+v", after)
		}
	})
}

// adminAndSignedIn makes an admin, and a person who is signed in.
func adminAndSignedIn(t *testing.T, w *world.World) (admin, person domain.Actor, in *usecase.SignedIn) {
	t.Helper()
	admin, person = w.MustUser(t, "admin@example.com", domain.RoleAdmin), w.MustAccount(t, email, domain.RoleStaff)
	in, err := signIn(w, world.Password, "")
	if err != nil {
		t.Fatal(err)
	}
	return admin, person, in
}

func TestWhoIsSwitchedOffIsOutAtOnce(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, g := context.Background(), governing(w)
		ines, jonas, in := adminAndSignedIn(t, w)
		if n, err := g.Switch(ctx, ines, []uuid.UUID{jonas.UserID}, false); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if _, err := w.SignIn.BySession(ctx, in.SessionID, ""); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("the session goes on: %v", err)
		}
		if n, err := g.Switch(ctx, ines, []uuid.UUID{jonas.UserID}, true); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if _, err := w.SignIn.BySession(ctx, in.SessionID, ""); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("the old session came back: %v", err)
		}
		if _, err := signIn(w, world.Password, ""); err != nil {
			t.Errorf("signing in again: %v", err)
		}
	})
}

func TestEndingAccessEndsSessionsAndTokensOfThatUserAlone(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, g := context.Background(), governing(w)
		ines, jonas, in := adminAndSignedIn(t, w)
		token := func(of domain.Actor) string {
			_, secret, err := w.Tokens.Create(ctx, of, usecase.TokenInput{Name: "CI", Scopes: []domain.Scope{domain.ScopeUpload}})
			if err != nil {
				t.Fatal(err)
			}
			return secret
		}
		lost, kept := []string{token(jonas), token(jonas)}, token(ines)
		got, err := g.EndAccess(ctx, ines, []uuid.UUID{jonas.UserID})
		if err != nil || got != (usecase.AccessEnded{Sessions: 1, Tokens: 2}) {
			t.Fatal(got, err)
		}
		if _, err := w.SignIn.BySession(ctx, in.SessionID, ""); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("the session goes on: %v", err)
		}
		for _, secret := range lost {
			if _, err := w.SignIn.ByToken(ctx, secret); !domain.IsCode(err, domain.Unauthenticated) {
				t.Errorf("a token goes on: %v", err)
			}
		}
		if _, err := w.SignIn.ByToken(ctx, kept); err != nil {
			t.Errorf("somebody else's token: %v", err)
		}
		again, err := g.EndAccess(ctx, ines, []uuid.UUID{jonas.UserID})
		if err != nil || again != (usecase.AccessEnded{}) {
			t.Errorf("the second time: %+v, %v", again, err)
		}
	})
}

func TestADeletedUserLeavesTheFiles(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, g := context.Background(), governing(w)
		ines := w.MustUser(t, "ines@example.com", domain.RoleAdmin)
		jonas := w.MustUser(t, "jonas@example.com", domain.RoleStaff)
		f := w.MustUpload(t, jonas, "a.txt", "hello", nil)
		if _, err := g.Delete(ctx, ines, []uuid.UUID{ines.UserID}); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("one's own account: %v", err)
		}
		if n, err := g.Delete(ctx, ines, []uuid.UUID{jonas.UserID}); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		got, err := w.DB.Reads().Files.Find(ctx, f.ID)
		if err != nil || got.UploadedBy != nil || got.Status != domain.FileStored {
			t.Errorf("the file: %+v, %v", got, err)
		}
		page, err := (&accounts.History{DB: w.DB}).List(ctx, ines, ports.ListQuery{Filters: map[string][]string{"action": {"user.deleted"}}})
		if err != nil || len(page.Items) != 1 || page.Items[0].Changes["email"] != "jonas@example.com" {
			t.Errorf("history: %+v, %v", page.Items, err)
		}
	})
}

func TestAPasswordIsMadeWhenNoneIsGiven(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, g := context.Background(), governing(w)
		ines := w.MustUser(t, "admin@example.com", domain.RoleAdmin)
		u, made, err := g.Add(ctx, ines, domain.UserForm{Email: email, Role: domain.RoleStaff}, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signIn(w, made, ""); err != nil {
			t.Errorf("the password that was made: %v", err)
		}
		reset, err := g.ResetPassword(ctx, ines, u.ID)
		if err != nil || reset == made {
			t.Fatal(reset == made, err)
		}
		if _, err := signIn(w, made, ""); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("the old password: %v", err)
		}
		if _, err := signIn(w, reset, ""); err != nil {
			t.Errorf("the new password: %v", err)
		}
	})
}

func TestOnlyAdminsInABrowserGovern(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, g, h := context.Background(), governing(w), &accounts.History{DB: w.DB}
		ines := w.MustUser(t, "ines@example.com", domain.RoleAdmin)
		staff := w.MustUser(t, "jonas@example.com", domain.RoleStaff)
		token := ines
		token.TokenID, token.Scopes = uuid.New(), domain.AllScopes
		for who, a := range map[string]domain.Actor{"staff": staff, "a token": token, "nobody": {}} {
			ids := []uuid.UUID{staff.UserID}
			var errs []error
			note := func(_ any, err error) { errs = append(errs, err) }
			note(g.List(ctx, a, ports.ListQuery{}))
			note(g.Tally(ctx, a, ports.ListQuery{}, ports.TallyBy{}))
			note(g.Find(ctx, a, staff.UserID))
			note(g.Change(ctx, a, staff.UserID, domain.UserForm{}, time.Time{}))
			note(g.Switch(ctx, a, ids, false))
			note(g.EndAccess(ctx, a, ids))
			note(g.ResetPassword(ctx, a, staff.UserID))
			note(g.Delete(ctx, a, ids))
			_, _, err := g.Add(ctx, a, domain.UserForm{Email: "x@example.com", Role: domain.RoleAdmin}, "")
			errs = append(errs, err)
			if who != "a token" {
				note(h.List(ctx, a, ports.ListQuery{}))
				note(h.Tally(ctx, a, ports.ListQuery{}, ports.TallyBy{}))
				note(h.Find(ctx, a, uuid.New()))
			}
			for i, err := range errs {
				if !domain.IsCode(err, domain.Forbidden) && !domain.IsCode(err, domain.Unauthenticated) {
					t.Errorf("%s, %d: %v", who, i, err)
				}
			}
		}
	})
}

package accounts_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/app/accounts"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

func profile(w *world.World) *accounts.Profile { return &accounts.Profile{Users: w.Users} }

// browser signs in, and is the session.
func browser(t *testing.T, w *world.World) *usecase.SignedIn {
	t.Helper()
	s, err := signIn(w, world.Password, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func onField(err error, code domain.Code, field string) bool {
	var e *domain.Error
	return errors.As(err, &e) && e.Code == code && e.Field == field
}

func TestANewPasswordEndsOtherSessionsAndKeepsThisOne(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		w.MustAccount(t, email, domain.RoleStaff)
		here, there := browser(t, w), browser(t, w)
		p := profile(w)
		for field, c := range map[string][2]string{"current": {"not the one", "four words of mine"}, "password": {world.Password, "password123"}} {
			if err := p.ChangePassword(ctx, here.Actor, c[0], c[1], here.Session.ID); !onField(err, domain.Invalid, field) {
				t.Errorf("%s: %v", field, err)
			}
		}
		if err := p.ChangePassword(ctx, here.Actor, world.Password, world.Password, here.Session.ID); !onField(err, domain.Invalid, "password") {
			t.Errorf("the same again: %v", err)
		}
		if err := p.ChangePassword(ctx, here.Actor, world.Password, "four words of mine", here.Session.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignIn.BySession(ctx, here.SessionID, ""); err != nil {
			t.Errorf("this browser was signed out: %v", err)
		}
		if _, err := w.SignIn.BySession(ctx, there.SessionID, ""); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("the other one goes on: %v", err)
		}
		if _, err := signIn(w, "four words of mine", "192.0.2.1"); err != nil {
			t.Errorf("the new password: %v", err)
		}
	})
}

func TestAnOpenBrowserCannotGuessThePasswordAtLeisure(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		w.MustAccount(t, email, domain.RoleStaff)
		here, p := browser(t, w), profile(w)
		for range 5 {
			if err := p.ChangePassword(ctx, here.Actor, "a guess", "four words of mine", here.Session.ID); !domain.IsCode(err, domain.Invalid) {
				t.Fatal(err)
			}
		}
		if err := p.ChangePassword(ctx, here.Actor, world.Password, "four words of mine", here.Session.ID); !domain.IsCode(err, domain.Quota) {
			t.Errorf("the sixth try: %v", err)
		}
		w.Clock.Advance(time.Minute + time.Second)
		if err := p.ChangePassword(ctx, here.Actor, world.Password, "four words of mine", here.Session.ID); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	})
}

func TestPeopleEndTheirOwnSessionsAlone(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		w.MustAccount(t, email, domain.RoleStaff)
		one, two, three := browser(t, w), browser(t, w), browser(t, w)
		other := w.MustUser(t, "other@example.com", domain.RoleAdmin)
		p := profile(w)
		if err := p.EndSession(ctx, other, two.Session.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("another's: %v", err)
		}
		if err := p.EndSession(ctx, one.Actor, two.Session.ID); err != nil {
			t.Fatal(err)
		}
		if err := p.EndSession(ctx, one.Actor, two.Session.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("twice: %v", err)
		}
		if n, err := p.EndOtherSessions(ctx, one.Actor, one.Session.ID); err != nil || n != 1 {
			t.Errorf("others: %d, %v", n, err)
		}
		d, err := p.Show(ctx, one.Actor)
		if err != nil || len(d.Sessions) != 1 || d.Sessions[0].ID != one.Session.ID {
			t.Errorf("left: %+v, %v", d, err)
		}
		if _, err := w.SignIn.BySession(ctx, three.SessionID, ""); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("a session that was ended: %v", err)
		}
		if err := p.Rename(ctx, one.Actor, "Ines F."); err != nil {
			t.Fatal(err)
		}
		if d, _ = p.Show(ctx, one.Actor); d.User.Name != "Ines F." || d.User.Role != domain.RoleStaff {
			t.Errorf("renamed: %+v", d.User)
		}
	})
}

func TestATokenDoesNotTouchTheAccountItActsFor(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin := w.MustUser(t, "ines@example.com", domain.RoleAdmin)
		_, secret, err := w.Tokens.Create(ctx, admin, usecase.TokenInput{Name: "all", Scopes: domain.AllScopes})
		if err != nil {
			t.Fatal(err)
		}
		token, err := w.SignIn.ByToken(ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		p := profile(w)
		for who, c := range map[string]struct {
			actor domain.Actor
			want  domain.Code
		}{"a token": {token, domain.Forbidden}, "nobody": {domain.Actor{}, domain.Unauthenticated}} {
			_, show := p.Show(ctx, c.actor)
			rename := p.Rename(ctx, c.actor, "x")
			change := p.ChangePassword(ctx, c.actor, world.Password, "four words of mine", uuid.Nil)
			end := p.EndSession(ctx, c.actor, uuid.New())
			_, others := p.EndOtherSessions(ctx, c.actor, uuid.Nil)
			for what, err := range map[string]error{"show": show, "rename": rename, "change": change, "end": end, "others": others} {
				if !domain.IsCode(err, c.want) {
					t.Errorf("%s may %s: %v", who, what, err)
				}
			}
		}
	})
}

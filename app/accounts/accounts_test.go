package accounts_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"
)

const email = "ines@example.com"

func signIn(w *world.World, password, ip string) (*usecase.SignedIn, error) {
	return w.SignIn.SignIn(context.Background(), usecase.SignInInput{Email: email, Password: password, IP: ip})
}

func TestSigningInRotatesTheSessionAndKeepsOnlyItsHash(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		w.MustAccount(t, email, domain.RoleStaff)
		first, err := signIn(w, world.Password, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		second, err := w.SignIn.SignIn(ctx, usecase.SignInInput{Email: " INES@example.com ", Password: world.Password, OldSessionID: first.SessionID})
		if err != nil {
			t.Fatal(err)
		}
		if second.SessionID == first.SessionID {
			t.Error("the session id did not rotate")
		}
		if _, err := w.SignIn.BySession(ctx, first.SessionID, ""); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("the old session still works: %v", err)
		}
		if second.Session.Hash == second.SessionID || strings.Contains(second.Session.Hash, second.SessionID) {
			t.Error("the session is stored as it is")
		}
		got, err := w.SignIn.BySession(ctx, second.SessionID, "")
		if err != nil || got.User.Email != email || got.CSRF != second.CSRF {
			t.Errorf("by session: %+v, %v", got, err)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		w.MustAccount(t, email, domain.RoleStaff)
		dead := func(id, why string) {
			t.Helper()
			if _, err := w.SignIn.BySession(ctx, id, ""); !domain.IsCode(err, domain.Unauthenticated) {
				t.Errorf("%s: %v", why, err)
			}
		}
		out, err := signIn(w, world.Password, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.SignIn.SignOut(ctx, out.SessionID); err != nil {
			t.Fatal(err)
		}
		dead(out.SessionID, "after signing out")

		short, err := signIn(w, world.Password, "")
		if err != nil {
			t.Fatal(err)
		}
		long, err := w.SignIn.SignIn(ctx, usecase.SignInInput{Email: email, Password: world.Password, Remember: true})
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(domain.SessionTTL + time.Second)
		dead(short.SessionID, "after its time")
		if _, err := w.SignIn.BySession(ctx, long.SessionID, ""); err != nil {
			t.Errorf("remember me ended after half a day: %v", err)
		}
		if err := w.Users.SetPassword(ctx, domain.System(), email, "another password"); err != nil {
			t.Fatal(err)
		}
		dead(long.SessionID, "after a new password")
	})
}

func TestWrongTriesAreOneAnswerAndThrottledForAWhile(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		w.MustAccount(t, email, domain.RoleStaff)
		var words []string
		for range 5 {
			_, err := signIn(w, "wrong password", "192.0.2.1")
			if !domain.IsCode(err, domain.Unauthenticated) {
				t.Fatal(err)
			}
			words = append(words, err.Error())
		}
		if !strings.Contains(words[0], "4 tries left") || !strings.Contains(words[4], "No tries left") {
			t.Errorf("answers: %q", words)
		}
		if _, err := signIn(w, world.Password, "192.0.2.1"); !domain.IsCode(err, domain.Quota) || !strings.Contains(err.Error(), "Wait") {
			t.Errorf("the sixth try: %v", err)
		}
		if _, err := signIn(w, world.Password, "198.51.100.7"); err != nil {
			t.Errorf("another address is locked out: %v", err)
		}
		w.Clock.Advance(time.Minute + time.Second)
		if _, err := signIn(w, world.Password, "192.0.2.1"); err != nil {
			t.Errorf("still locked out after the wait: %v", err)
		}
		_, err := w.SignIn.SignIn(context.Background(), usecase.SignInInput{Email: "nobody@example.com", Password: "x", IP: "203.0.113.9"})
		if err == nil || err.Error() != words[0] {
			t.Errorf("an unknown user is told apart: %v", err)
		}
	})
}

func TestAFloodAgainstAnAccountDoesNotLockOutItsKnownAddress(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		w.MustAccount(t, email, domain.RoleStaff)
		if _, err := signIn(w, world.Password, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		flooded := false
		for i := range 200 {
			ip := "198.51.100." + string(rune('0'+i%10)) + string(rune('0'+i/10%10))
			_, err := w.SignIn.SignIn(ctx, usecase.SignInInput{Email: email, Password: "wrong", IP: ip + string(rune('a'+i/100))})
			flooded = flooded || domain.IsCode(err, domain.Quota)
		}
		if !flooded {
			t.Fatal("200 wrong tries from many addresses were never refused")
		}
		if _, err := signIn(w, world.Password, "203.0.113.50"); !domain.IsCode(err, domain.Quota) {
			t.Errorf("a new address gets in during the flood: %v", err)
		}
		if _, err := signIn(w, world.Password, "192.0.2.1"); err != nil {
			t.Errorf("the known address is locked out: %v", err)
		}
	})
}

func TestTokensActForTheirUserAndLoseWhatTheUserLost(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		w.MustAccount(t, "admin@example.com", domain.RoleAdmin)
		_, secret, err := w.Tokens.Create(ctx, domain.System(), usecase.TokenInput{UserEmail: "admin@example.com", Name: "ci", Scopes: []domain.Scope{domain.ScopeAdmin}, Expires: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		a, err := w.SignIn.ByToken(ctx, secret)
		if err != nil || !a.IsAdmin() {
			t.Fatalf("%+v, %v", a, err)
		}
		u, err := w.DB.Reads().Users.FindByEmail(ctx, "admin@example.com")
		if err != nil {
			t.Fatal(err)
		}
		u.Role = domain.RoleStaff
		save(t, w, u)
		if a, err = w.SignIn.ByToken(ctx, secret); err != nil || a.IsAdmin() {
			t.Errorf("after the demotion: %+v, %v", a, err)
		}
		u.Active = false
		save(t, w, u)
		if _, err = w.SignIn.ByToken(ctx, secret); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("after the deactivation: %v", err)
		}
		u.Active = true
		save(t, w, u)
		w.Clock.Advance(2 * time.Hour)
		if _, err = w.SignIn.ByToken(ctx, secret); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("after its time: %v", err)
		}
	})
}

func TestTheFirstAdminIsMadeOnce(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		u, random, err := w.Users.Bootstrap(ctx, "admin@example.com", "")
		if err != nil || u == nil || !u.IsAdmin() || len(random) < domain.MinPasswordLength {
			t.Fatalf("%+v, %q, %v", u, random, err)
		}
		if _, err := w.SignIn.SignIn(ctx, usecase.SignInInput{Email: "admin@example.com", Password: random}); err != nil {
			t.Errorf("the printed password does not open: %v", err)
		}
		if again, _, err := w.Users.Bootstrap(ctx, "admin@example.com", ""); err != nil || again != nil {
			t.Errorf("a second start made %+v, %v", again, err)
		}
	})
}

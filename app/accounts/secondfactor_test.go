package accounts_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"doorito/app/accounts"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports/usecase"

	adapter "doorito/adapters/totp"
)

func factor(w *world.World) *accounts.SecondFactor {
	return &accounts.SecondFactor{Profile: profile(w), Keys: w.Keys, Codes: adapter.NewCodes(rand.Reader)}
}

// code is what the app shows now.
func code(t *testing.T, w *world.World, secret string) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// enrolled is somebody with a second factor, its secret and recovery codes.
func enrolled(t *testing.T, w *world.World) (here *usecase.SignedIn, secret string, recovery []string) {
	t.Helper()
	ctx := context.Background()
	w.MustAccount(t, email, domain.RoleStaff)
	here = browser(t, w)
	e, err := factor(w).Begin(ctx, here.Actor)
	if err != nil {
		t.Fatal(err)
	}
	if recovery, err = factor(w).Confirm(ctx, here.Actor, code(t, w, e.Secret)); err != nil || len(recovery) != domain.RecoveryCodes {
		t.Fatal(recovery, err)
	}
	w.Clock.Advance(time.Minute)
	return here, e.Secret, recovery
}

// mustTicket gives the password.
func mustTicket(t *testing.T, w *world.World) string {
	t.Helper()
	s, err := signIn(w, world.Password, "192.0.2.1")
	if err != nil || s.Ticket == "" || s.SessionID != "" || s.User != nil {
		t.Fatalf("%+v, %v", s, err)
	}
	return s.Ticket
}

func second(w *world.World, ticket, code string) (*usecase.SignedIn, error) {
	return w.SignIn.SecondStep(context.Background(), ticket, code, usecase.SignInInput{IP: "192.0.2.1"})
}

func TestTheSecretWaitsForItsFirstCode(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, f := context.Background(), factor(w)
		w.MustAccount(t, email, domain.RoleStaff)
		here := browser(t, w)
		e, err := f.Begin(ctx, here.Actor)
		if err != nil || !strings.Contains(e.Address, email) || !strings.Contains(e.Address, e.Secret) {
			t.Fatal(e, err)
		}
		if again, err := f.Begin(ctx, here.Actor); err != nil || again.Secret != e.Secret {
			t.Errorf("looking again made another secret: %v", err)
		}
		kept, err := w.DB.Reads().Factors.Find(ctx, here.User.ID)
		if err != nil || kept.On() || strings.Contains(kept.Sealed, e.Secret) {
			t.Errorf("kept: %+v, %v", kept, err)
		}
		if s, err := signIn(w, world.Password, "192.0.2.1"); err != nil || s.Ticket != "" {
			t.Errorf("a code is asked for before the first one: %v", err)
		}
		if _, err := f.Confirm(ctx, here.Actor, "000000"); !onField(err, domain.Invalid, "code") {
			t.Errorf("a wrong code: %v", err)
		}
		codes, err := f.Confirm(ctx, here.Actor, " "+code(t, w, e.Secret)[:3]+" "+code(t, w, e.Secret)[3:])
		if err != nil || len(codes) != domain.RecoveryCodes {
			t.Fatal(codes, err)
		}
		if _, err := f.Begin(ctx, here.Actor); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("set up again while it is on: %v", err)
		}
		if st, err := f.State(ctx, here.Actor); err != nil || !st.On || st.CodesLeft != domain.RecoveryCodes {
			t.Errorf("%+v, %v", st, err)
		}
	})
}

func TestACodeSignsInOnceEvenWhenTwoCome(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		_, secret, recovery := enrolled(t, w)
		for what, c := range map[string]string{"a code of the app": code(t, w, secret), "a recovery code": strings.ToUpper(strings.ReplaceAll(recovery[3], "-", " "))} {
			ticket := mustTicket(t, w)
			var mu sync.Mutex
			var crowd sync.WaitGroup
			in := 0
			for range 3 {
				crowd.Go(func() {
					s, err := second(w, ticket, c)
					mu.Lock()
					defer mu.Unlock()
					if err == nil && s.SessionID != "" {
						in++
					} else if !onField(err, domain.Invalid, "code") {
						t.Errorf("%s: %v", what, err)
					}
				})
			}
			crowd.Wait()
			if in != 1 {
				t.Errorf("%s let %d in", what, in)
			}
		}
		w.Clock.Advance(5 * time.Minute)
		history, err := w.DB.Reads().Audit.ListOf(context.Background(), "user", mustByEmail(t, w).ID, 50)
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]int{}
		for _, e := range history {
			told[e.Action]++
		}
		if told["user.second_factor_on"] != 1 || told["user.recovery_code_used"] != 1 {
			t.Errorf("the history says %v", told)
		}
	})
}

func mustByEmail(t *testing.T, w *world.World) *domain.User {
	t.Helper()
	u, err := w.DB.Reads().Users.FindByEmail(context.Background(), email)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestWrongCodesAreThrottledWhereverTheyComeFrom(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		_, secret, _ := enrolled(t, w)
		ticket := mustTicket(t, w)
		for range 5 {
			if _, err := second(w, ticket, "000000"); !onField(err, domain.Invalid, "code") {
				t.Fatal(err)
			}
		}
		if _, err := w.SignIn.SecondStep(context.Background(), ticket, code(t, w, secret), usecase.SignInInput{IP: "203.0.113.1"}); !domain.IsCode(err, domain.Quota) {
			t.Errorf("the sixth: %v", err)
		}
		w.Clock.Advance(time.Minute + time.Second)
		if _, err := second(w, ticket, code(t, w, secret)); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	})
}

func TestATicketEndsWithTimeAndWithThePassword(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		_, secret, _ := enrolled(t, w)
		old := mustTicket(t, w)
		w.Clock.Advance(10 * time.Minute)
		if _, err := second(w, old, code(t, w, secret)); !domain.IsCode(err, domain.Expired) {
			t.Errorf("an old ticket: %v", err)
		}
		before := mustTicket(t, w)
		if err := w.Users.SetPassword(context.Background(), domain.System(), email, "another password"); err != nil {
			t.Fatal(err)
		}
		for _, ticket := range []string{before, "", "x", "0.x"} {
			if _, err := second(w, ticket, code(t, w, secret)); !domain.IsCode(err, domain.Expired) {
				t.Errorf("ticket %q: %v", ticket, err)
			}
		}
	})
}

func TestASecondFactorIsTurnedOffByItsUserOrResetByAnAdmin(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx, f := context.Background(), factor(w)
		here, secret, old := enrolled(t, w)
		admin := w.MustUser(t, "admin@example.com", domain.RoleAdmin)
		if _, err := f.NewCodes(ctx, here.Actor, "a guess"); !onField(err, domain.Invalid, "password") {
			t.Errorf("a wrong password: %v", err)
		}
		codes, err := f.NewCodes(ctx, here.Actor, world.Password)
		if err != nil || len(codes) != domain.RecoveryCodes {
			t.Fatal(codes, err)
		}
		if _, err := second(w, mustTicket(t, w), old[0]); !onField(err, domain.Invalid, "code") {
			t.Errorf("a code of before: %v", err)
		}
		if _, err := second(w, mustTicket(t, w), codes[0]); err != nil {
			t.Errorf("a code of now: %v", err)
		}
		if err := f.Reset(ctx, here.Actor, here.User.ID); !domain.IsCode(err, domain.Forbidden) {
			t.Errorf("staff reset: %v", err)
		}
		ticket := mustTicket(t, w)
		if err := f.Reset(ctx, admin, here.User.ID); err != nil {
			t.Fatal(err)
		}
		if err := f.Reset(ctx, admin, here.User.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("reset again: %v", err)
		}
		if _, err := second(w, ticket, code(t, w, secret)); !domain.IsCode(err, domain.Expired) {
			t.Errorf("a ticket of before: %v", err)
		}
		if s, err := signIn(w, world.Password, "192.0.2.1"); err != nil || s.SessionID == "" {
			t.Errorf("the password alone: %v", err)
		}
		if err := f.TurnOff(ctx, here.Actor, world.Password); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("turned off twice: %v", err)
		}
	})
}

func TestSecretsMoveToTheNewestKey(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		_, secret, _ := enrolled(t, w)
		both, err := domain.NewKeyring(strings.Repeat("n", 40) + ",a key for tests that is long enough to be one")
		if err != nil {
			t.Fatal(err)
		}
		f := factor(w)
		f.Keys = both
		if n, err := f.Reseal(ctx, domain.System()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if n, err := f.Reseal(ctx, domain.System()); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
		alone, err := domain.NewKeyring(strings.Repeat("n", 40))
		if err != nil {
			t.Fatal(err)
		}
		w.SignIn.Keys = alone
		if _, err := second(w, mustTicket(t, w), code(t, w, secret)); err != nil {
			t.Errorf("under the new key alone: %v", err)
		}
	})
}

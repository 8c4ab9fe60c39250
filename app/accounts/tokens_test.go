package accounts_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

var anyScope = []domain.Scope{domain.ScopeRead}

// mustToken makes one for the actor itself.
func mustToken(t *testing.T, w *world.World, a domain.Actor, name string) (*domain.APIToken, string) {
	t.Helper()
	token, secret, err := w.Tokens.Create(context.Background(), a, usecase.TokenInput{Name: name, Scopes: anyScope})
	if err != nil {
		t.Fatal(err)
	}
	return token, secret
}

func TestPeopleManageTheirOwnTokensAndAdminsEverybodys(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		priya, jonas := w.MustUser(t, "priya@example.com", domain.RoleStaff), w.MustUser(t, "jonas@example.com", domain.RoleStaff)
		admin := w.MustUser(t, "ines@example.com", domain.RoleAdmin)
		mine, _ := mustToken(t, w, priya, "Scanner")
		theirs, secret := mustToken(t, w, jonas, "CI")
		names := func(a domain.Actor, q ports.ListQuery) []string {
			page, err := w.Tokens.List(ctx, a, q)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, token := range page.Items {
				out = append(out, token.Name)
			}
			return out
		}
		for _, c := range []struct {
			actor domain.Actor
			owner *uuid.UUID
			want  []string
		}{
			{priya, nil, []string{"Scanner"}}, {priya, &jonas.UserID, []string{"Scanner"}}, {admin, nil, []string{"CI", "Scanner"}},
			{admin, &priya.UserID, []string{"Scanner"}}, {domain.System(), nil, []string{"CI", "Scanner"}}, {admin, &admin.UserID, nil},
		} {
			got := names(c.actor, ports.ListQuery{Owner: c.owner})
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s asks for %v: %v", c.actor.Name, c.owner, got)
			}
		}
		if _, err := w.Tokens.Find(ctx, priya, theirs.ID); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("another's token: %v", err)
		}
		if _, err := w.Tokens.Revoke(ctx, priya, []uuid.UUID{mine.ID, theirs.ID}); !domain.IsCode(err, domain.NotFound) {
			t.Errorf("revoking another's: %v", err)
		}
		if d, err := w.Tokens.Find(ctx, priya, mine.ID); err != nil || d.Token.RevokedAt != nil {
			t.Errorf("one that may not be revoked took another along: %+v, %v", d, err)
		}
		if n, err := w.Tokens.Revoke(ctx, admin, []uuid.UUID{theirs.ID}); err != nil || n != 1 {
			t.Errorf("an admin revokes: %d, %v", n, err)
		}
		if n, err := w.Tokens.Revoke(ctx, jonas, []uuid.UUID{theirs.ID}); err != nil || n != 0 {
			t.Errorf("again: %d, %v", n, err)
		}
		if _, err := w.SignIn.ByToken(ctx, secret); !domain.IsCode(err, domain.Unauthenticated) {
			t.Errorf("the revoked token still works: %v", err)
		}
		d, err := w.Tokens.Find(ctx, jonas, theirs.ID)
		if err != nil || len(d.History) != 2 || d.History[1].Action != "token.revoked" || *d.History[1].ActorID != admin.UserID || d.User.Email != "jonas@example.com" {
			t.Errorf("its page: %+v, %v", d, err)
		}
		for _, e := range d.History {
			for k, v := range e.Changes {
				if strings.Contains(v, secret) || strings.Contains(v, domain.HashSecret(secret)) {
					t.Errorf("the audit log has the token under %s", k)
				}
			}
		}
	})
}

func TestATokenNeverManagesTokens(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		admin := w.MustUser(t, "ines@example.com", domain.RoleAdmin)
		token, secret, err := w.Tokens.Create(ctx, admin, usecase.TokenInput{Name: "all", Scopes: domain.AllScopes})
		if err != nil {
			t.Fatal(err)
		}
		a, err := w.SignIn.ByToken(ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		for who, c := range map[string]struct {
			actor domain.Actor
			want  domain.Code
		}{"a token": {a, domain.Forbidden}, "nobody": {domain.Actor{}, domain.Unauthenticated}} {
			_, list := w.Tokens.List(ctx, c.actor, ports.ListQuery{})
			_, find := w.Tokens.Find(ctx, c.actor, token.ID)
			_, prefix := w.Tokens.FindByPrefix(ctx, c.actor, token.Prefix)
			_, _, create := w.Tokens.Create(ctx, c.actor, usecase.TokenInput{Name: "x", Scopes: anyScope})
			_, revoke := w.Tokens.Revoke(ctx, c.actor, []uuid.UUID{token.ID})
			for what, err := range map[string]error{"list": list, "find": find, "prefix": prefix, "create": create, "revoke": revoke} {
				if !domain.IsCode(err, c.want) {
					t.Errorf("%s may %s: %v", who, what, err)
				}
			}
		}
	})
}

func TestANewTokenGetsNoMoreThanItsUserHas(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		priya := w.MustUser(t, "priya@example.com", domain.RoleStaff)
		admin := w.MustUser(t, "ines@example.com", domain.RoleAdmin)
		for name, c := range map[string]struct {
			actor domain.Actor
			in    usecase.TokenInput
			want  domain.Code
		}{
			"the admin scope for staff":            {priya, usecase.TokenInput{Name: "x", Scopes: domain.AllScopes}, domain.Forbidden},
			"the admin scope for staff, by system": {domain.System(), usecase.TokenInput{UserEmail: priya.Email, Name: "x", Scopes: domain.AllScopes}, domain.Forbidden},
			"one for somebody else":                {admin, usecase.TokenInput{UserEmail: priya.Email, Name: "x", Scopes: anyScope}, domain.Forbidden},
			"one that is over already":             {priya, usecase.TokenInput{Name: "x", Scopes: anyScope, Expires: -time.Hour}, domain.Invalid},
			"a name with a line break":             {priya, usecase.TokenInput{Name: "a\nb", Scopes: anyScope}, domain.Invalid},
			"no scope":                             {priya, usecase.TokenInput{Name: "x"}, domain.Invalid},
			"one for nobody we know":               {domain.System(), usecase.TokenInput{UserEmail: "who@example.com", Name: "x", Scopes: anyScope}, domain.NotFound},
		} {
			if _, _, err := w.Tokens.Create(ctx, c.actor, c.in); !domain.IsCode(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if page, err := w.Tokens.List(ctx, domain.System(), ports.ListQuery{}); err != nil || page.Total != 0 {
			t.Errorf("a refused one was kept: %d, %v", page.Total, err)
		}
		if _, _, err := w.Tokens.Create(ctx, admin, usecase.TokenInput{Name: "x", Scopes: domain.AllScopes}); err != nil {
			t.Errorf("an admin's own: %v", err)
		}
	})
}

func TestATokenIsFoundByWhatListsShowOfItAndByItself(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		priya := w.MustUser(t, "priya@example.com", domain.RoleStaff)
		token, secret := mustToken(t, w, priya, "dto_ in a name")
		for _, asked := range []string{token.Prefix, secret} {
			if got, err := w.Tokens.FindByPrefix(ctx, domain.System(), asked); err != nil || got.ID != token.ID {
				t.Errorf("%s: %+v, %v", asked, got, err)
			}
		}
		for _, asked := range []string{"", "dto_", token.Prefix[:8], "%"} {
			if _, err := w.Tokens.FindByPrefix(ctx, domain.System(), asked); !domain.IsCode(err, domain.NotFound) {
				t.Errorf("%q: %v", asked, err)
			}
		}
		twin := *token
		twin.ID, twin.Hash = uuid.New(), "another"
		err := w.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error { return s.Tokens.Insert(ctx, &twin) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Tokens.FindByPrefix(ctx, domain.System(), token.Prefix); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("two that begin alike: %v", err)
		}
	})
}

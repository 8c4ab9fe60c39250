package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

func (h *house) token(t *testing.T) *domain.APIToken {
	t.Helper()
	token, _, err := h.p.tokens().Create(context.Background(), h.actors["staff"], usecase.TokenInput{Name: "a token", Scopes: []domain.Scope{domain.ScopeRead}})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// asToken asks with a token, as a program does.
func (h *house) asToken(t *testing.T, token, method, path, body string) int {
	t.Helper()
	req, err := http.NewRequest(method, "http://portal.test"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := h.app.Test(req, int((20 * time.Second).Milliseconds()))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestATokenLosesWhatItsUserLoses(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h := newHouse(t)
	file := "/api/v1/files/" + h.file(t).ID.String()
	user, err := h.p.users().Create(ctx, domain.System(), "was-an-admin@example.com", "", "an admin's password", domain.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{}
	for name, scopes := range map[string][]domain.Scope{"read": {domain.ScopeRead}, "admin": {domain.ScopeAdmin}, "all": domain.AllScopes} {
		_, secret, err := h.p.tokens().Create(ctx, domain.UserActor(user), usecase.TokenInput{Name: name, Scopes: scopes})
		if err != nil {
			t.Fatal(err)
		}
		tokens[name] = secret
	}
	becomes := func(edit func(*domain.User)) {
		edit(user)
		if err := h.p.db.InTx(ctx, func(ctx context.Context, s ports.Stores) error { return s.Users.Save(ctx, user) }); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		what   string
		edit   func(*domain.User)
		others map[string]int // what GET of another's file answers
		upload int            // and an upload with "all"
	}{
		{"an admin", func(*domain.User) {}, map[string]int{"read": 200, "admin": 200, "all": 200}, 201},
		{"demoted", func(u *domain.User) { u.Role = domain.RoleStaff }, map[string]int{"read": 404, "admin": 403, "all": 404}, 201},
		{"switched off", func(u *domain.User) { u.Active = false }, map[string]int{"read": 401, "admin": 401, "all": 401}, 401},
		{"back", func(u *domain.User) { u.Active, u.Role = true, domain.RoleAdmin }, map[string]int{"read": 200, "admin": 200, "all": 200}, 201},
	} {
		becomes(step.edit)
		for name, want := range step.others {
			if got := h.asToken(t, tokens[name], http.MethodGet, file, ""); got != want {
				t.Errorf("%s, with the scopes %s: %d, not %d", step.what, name, got, want)
			}
		}
		if got := h.asToken(t, tokens["all"], http.MethodPut, "/api/v1/files/a.txt", "hello"); got != step.upload {
			t.Errorf("%s, an upload: %d, not %d", step.what, got, step.upload)
		}
	}
}

func TestARevokedTokenIsRefusedFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	h := newHouse(t)
	token, secret, err := h.p.tokens().Create(ctx, h.actors["staff"], usecase.TokenInput{Name: "ci", Scopes: []domain.Scope{domain.ScopeUpload}})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.asToken(t, secret, http.MethodPut, "/api/v1/files/a.txt", "hello"); got != http.StatusCreated {
		t.Fatalf("before: %d", got)
	}
	if _, err := h.p.tokens().Revoke(ctx, h.actors["staff"], []uuid.UUID{token.ID}); err != nil {
		t.Fatal(err)
	}
	if got := h.asToken(t, secret, http.MethodPut, "/api/v1/files/a.txt", "hello"); got != http.StatusUnauthorized {
		t.Errorf("after: %d", got)
	}
	d, err := h.p.tokens().Find(ctx, h.actors["staff"], token.ID)
	if err != nil || d.Token.LastUsedAt == nil || d.Token.Hash == secret {
		t.Errorf("%+v, %v", d, err)
	}
}

// stopped is a clock that stands.
type stopped struct{ at time.Time }

func (s stopped) Now() time.Time { return s.at }

func TestAnExpiredTokenOpensNoDoor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	past := h.p.tokens()
	past.Clock = stopped{h.p.clock.Now().Add(-time.Hour)}
	_, secret, err := past.Create(context.Background(), h.actors["admin"], usecase.TokenInput{Name: "old", Scopes: domain.AllScopes, Expires: time.Hour - time.Second})
	if err != nil {
		t.Fatal(err)
	}
	h.tokens["expired token"] = secret
	doors := 0
	for _, route := range fiberx.RouteTable(h.app) {
		want, ok := expected(route)
		if !ok || want[0] != http.StatusUnauthorized && want[0] != http.StatusSeeOther || route == "POST /login" || route == "POST /logout" {
			continue // nobody needs a token here
		}
		doors++
		if got := h.ask(t, route, "expired token"); got != http.StatusUnauthorized {
			t.Errorf("%s answers %d", route, got)
		}
	}
	if doors < 40 {
		t.Errorf("only %d doors were tried", doors)
	}
}

func TestTheListOfABatchHasEachOfItsTenThousandFilesOnce(t *testing.T) {
	t.Parallel()
	const all = 10_000
	ctx := context.Background()
	h := newHouse(t)
	batch, other := h.batch(t), h.batch(t)
	owner := h.actors["staff"].UserID
	now := h.p.clock.Now()
	err := h.p.db.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		for i := range all + 10 {
			in := &batch
			if i >= all {
				in = &other
			}
			// Several share a moment, so that ids alone tell them apart.
			f := domain.NewFile(h.p.ids.New(), fmt.Sprintf("=%d.txt", i), &owner, in, now.Add(time.Duration(i/7)*time.Millisecond))
			f.Status, f.ErrorMessage = domain.FileFailed, "It was empty, \"really\"."
			if i == 0 { // superseded by the same name again
				f.OriginalFilename = "=1.txt"
			}
			if err := s.Files.Insert(ctx, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodGet, "http://portal.test/app/batches/"+batch.String()+"/files.csv", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "doorito_session", Value: h.sessions["staff"].SessionID})
	res, err := h.app.Test(req, int((60 * time.Second).Milliseconds()))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	rows, err := csv.NewReader(res.Body).ReadAll()
	if err != nil || len(rows) != all {
		t.Fatalf("%d lines, %v", len(rows), err)
	}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		seen[row[0]] = true
	}
	if len(seen) != all-1 || !seen["'=1.txt"] || !seen["'=9999.txt"] {
		t.Errorf("%d names", len(seen))
	}
}

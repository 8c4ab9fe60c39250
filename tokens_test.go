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
	"doorito/e2e/services"
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
func (h *house) asToken(t *testing.T, token, method, path, body string, headers ...string) int {
	t.Helper()
	req, err := http.NewRequest(method, "http://portal.test"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return h.status(t, req, headers...)
}

// asBrowser asks with a session's cookie, as a page's script does.
func (h *house) asBrowser(t *testing.T, s *usecase.SignedIn, method, path, body string, headers ...string) int {
	t.Helper()
	req, err := http.NewRequest(method, "http://portal.test"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.AddCookie(&http.Cookie{Name: "doorito_session", Value: s.SessionID})
	req.Header.Set("X-CSRF-Token", s.CSRF)
	return h.status(t, req, headers...)
}

func (h *house) status(t *testing.T, req *http.Request, headers ...string) int {
	t.Helper()
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	res, err := h.app.Test(req, int((20 * time.Second).Milliseconds()))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// doors are requests and what a person gets for each, through a token with the
// scope (or "web", the browser's cookie), as an admin, once demoted, once
// switched off, and back.
var doors = []struct {
	scope, method, path, body, header string
	admin, demoted, off               int
}{
	{"upload", "PUT", "/api/v1/files/a.txt", "hello", "", 201, 201, 401},
	{"upload", "POST", "/api/v1/sessions", `{"filename":"a","size_bytes":5}`, "Content-Type: application/json", 201, 201, 401},
	{"upload", "POST", "/files/", "", "Upload-Length: 5", 201, 201, 401},
	{"upload", "HEAD", "/files/{own}", "", "", 200, 200, 401},
	{"upload", "PATCH", "/files/{own}", "", "Upload-Offset: 0", 204, 204, 401},
	{"upload", "HEAD", "/files/{other}", "", "", 200, 404, 401},
	{"upload", "PATCH", "/files/{other}", "", "Upload-Offset: 0", 204, 404, 401},
	{"upload", "GET", "/api/v1/sessions/{other}", "", "", 200, 404, 401},
	{"read", "GET", "/api/v1/files", "", "", 200, 200, 401},
	{"read", "GET", "/api/v1/files/{file}", "", "", 200, 404, 401},
	{"read", "GET", "/api/v1/files/{file}/content", "", "", 200, 404, 401},
	{"read", "HEAD", "/files/{own}", "", "", 200, 200, 401},
	{"process", "POST", "/api/v1/files/{file}/processed", "", "", 409, 404, 401}, // taken before
	{"admin", "GET", "/api/v1/endpoints", "", "", 200, 403, 401},
	{"admin", "GET", "/api/v1/events", "", "", 200, 403, 401},
	{"web", "GET", "/app/files/", "", "", 200, 200, 303},
	{"web", "GET", "/app/files/{file}/", "", "", 200, 404, 303},
	{"web", "GET", "/app/endpoints/", "", "", 200, 403, 303},
	{"web", "GET", "/admin/jobs", "", "", 200, 403, 303},
	{"web", "GET", "/api/v1/endpoints", "", "", 200, 403, 401},
	{"web", "POST", "/api/v1/batches", "{}", "Content-Type: application/json", 201, 201, 401},
	{"web", "POST", "/files/", "", "Upload-Length: 5", 201, 201, 401},
}

func TestWhatAPersonLosesTheirTokensAndBrowsersLoseAtOnce(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(testing.TB) string{
		"sqlite": func(testing.TB) string { return "" }, "postgres": services.Postgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			losesAtOnce(t, newHouseOn(t, database(t)))
		})
	}
}

func losesAtOnce(t *testing.T, h *house) {
	t.Helper()
	ctx := t.Context()
	user, err := h.p.users().Create(ctx, domain.System(), "boss@example.com", "", "an admin's password", domain.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	h.admit(t, "boss", user.Email, "an admin's password")
	tokens := map[string]string{}
	for _, scope := range domain.AllScopes {
		if _, tokens[string(scope)], err = h.p.tokens().Create(ctx, domain.UserActor(user), usecase.TokenInput{Name: string(scope), Scopes: []domain.Scope{scope}}); err != nil {
			t.Fatal(err)
		}
	}
	own, _, err := h.p.sessions().Create(ctx, domain.UserActor(user), usecase.SessionInput{Name: "own.txt"})
	if err != nil {
		t.Fatal(err)
	}
	file := h.file(t).ID.String()
	if got := h.asToken(t, tokens["process"], "POST", "/api/v1/files/"+file+"/processed", ""); got != 200 {
		t.Fatalf("an admin's consumer takes a file: %d", got)
	}
	fill := strings.NewReplacer("{own}", own.ID.String(), "{other}", h.upload(t, true).String(), "{file}", file)
	look := func(step string, want func(i int) int) {
		t.Helper()
		for i, d := range doors {
			headers := []string{"Tus-Resumable: 1.0.0", "Origin: http://portal.test", "Content-Type: application/offset+octet-stream"}
			if d.header != "" {
				headers = append(headers, d.header)
			}
			got := 0
			if d.scope == "web" {
				got = h.asBrowser(t, h.sessions["boss"], d.method, fill.Replace(d.path), d.body, headers...)
			} else {
				got = h.asToken(t, tokens[d.scope], d.method, fill.Replace(d.path), d.body, headers...)
			}
			if got != want(i) {
				t.Errorf("%s, %s: %s %s answers %d, not %d", step, d.scope, d.method, d.path, got, want(i))
			}
		}
	}
	becomes := func(role domain.Role, active bool) {
		t.Helper()
		user.Role, user.Active = role, active
		if err := h.p.db.InTx(ctx, func(ctx context.Context, s ports.Stores) error { return s.Users.Save(ctx, user) }); err != nil {
			t.Fatal(err)
		}
	}
	look("an admin", func(i int) int { return doors[i].admin })
	becomes(domain.RoleStaff, true)
	look("demoted", func(i int) int { return doors[i].demoted })
	becomes(domain.RoleAdmin, false)
	look("switched off", func(i int) int { return doors[i].off })
	becomes(domain.RoleAdmin, true)
	look("back", func(i int) int { return doors[i].admin })
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

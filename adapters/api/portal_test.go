package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"doorito/adapters/api"
	"doorito/adapters/fiberx"
	"doorito/app/accounts"
	"doorito/domain"
	whole "doorito/e2e/world"
	"doorito/ports/usecase"
)

// portal is the API over the real use cases and a real database.
type portal struct {
	*whole.World
	t    testing.TB
	base string
}

// newPortal has two people of the staff, ann and bob, and an admin.
func newPortal(t testing.TB, change func(*api.Deps)) *portal {
	t.Helper()
	return portalOf(t, whole.New(t, whole.SQLite(t)), change)
}

func portalOf(t testing.TB, w *whole.World, change func(*api.Deps)) *portal {
	t.Helper()
	deps := api.Deps{
		Uploads: w.Uploads, Once: w.Uploads, Files: w.Files, Consumer: w.Files, Keeper: w.Files, Batches: w.Batches, Archives: w.Archives, Sessions: w.Sessions, Me: &accounts.Me{DB: w.DB},
		Endpoints: w.Endpoints, EndpointsOnce: w.Endpoints, Keys: w.Endpoints, Filters: w.Endpoints, Deliveries: w.Deliveries, Replays: w.Replays, ReplaysOnce: w.Replays,
		Shares: w.Shares, SharesOnce: w.Shares, BaseURL: whole.BaseURL,
		Clock: w.Clock, Logger: w.Log, Ready: func(context.Context) map[string]error { return nil },
	}
	if change != nil {
		change(&deps)
	}
	app := fiberx.New(fiberx.Config{Logger: w.Log, IDs: w.IDs, Clock: w.Clock, SignIn: w.SignIn, BaseURL: whole.BaseURL, UploadLimit: w.Uploads.Limits.MaxSize})
	api.Register(app, deps)
	p := &portal{World: w, t: t, base: serve(t, app)}
	w.MustUser(t, "ann@example.com", domain.RoleStaff)
	w.MustUser(t, "bob@example.com", domain.RoleStaff)
	w.MustUser(t, "admin@example.com", domain.RoleAdmin)
	return p
}

// token of a person, with scopes between commas.
func (p *portal) token(who, scopes string) string {
	p.t.Helper()
	parsed, err := domain.ParseScopes(scopes)
	if err != nil {
		p.t.Fatal(err)
	}
	_, secret, err := p.Tokens.Create(context.Background(), domain.System(), usecase.TokenInput{UserEmail: who + "@example.com", Name: scopes, Scopes: parsed})
	if err != nil {
		p.t.Fatal(err)
	}
	return secret
}

// ask sends a request and wants a status. A body that starts with a brace is JSON.
func (p *portal) ask(token, method, path, body string, status int, headers ...string) (map[string]any, http.Header) {
	p.t.Helper()
	if token != "" {
		headers = append(headers, bearer(token))
	}
	if strings.HasPrefix(body, "{") {
		headers = append(headers, "Content-Type: application/json")
	}
	res, got := do(p.t, method, p.base+path, strings.NewReader(body), headers...)
	if res.StatusCode != status {
		p.t.Fatalf("%s %s: %d, not %d: %s", method, path, res.StatusCode, status, got)
	}
	out := map[string]any{}
	if got != "" {
		out = decodeAny(p.t, got)
	}
	return out, res.Header
}

// put hands a file in and returns its id.
func (p *portal) put(token, name, text string) string {
	p.t.Helper()
	f, _ := p.ask(token, "PUT", "/api/v1/files/"+name, text, 201)
	return fmt.Sprint(f["id"])
}

// names of a page's files.
func names(page map[string]any) string {
	var out []string
	items, _ := page["items"].([]any)
	for _, item := range items {
		f, _ := item.(map[string]any)
		out = append(out, fmt.Sprint(f["original_filename"]))
	}
	return strings.Join(out, " ")
}

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"doorito/adapters/argon2"
	"doorito/adapters/fiberx"
	"doorito/app/accounts"
	"doorito/app/sharing"
	"doorito/domain"
	"doorito/e2e/openapi"
	"doorito/ports"
	"doorito/ports/usecase"
)

// roles are the columns of the table: who asks.
var roles = []string{"anonymous", "staff", "other staff", "admin", "token upload", "token read", "token process", "token admin"}

// routes says what each role gets at each route: one code for each of roles.
// The thing asked for belongs to "staff"; tokens are of staff but the last,
// which is of the admin. A GET of a page sends nobody to the login (303). A
// route that is not here fails the test.
var routes = map[string]string{
	"GET /":            "302 302 302 302 302 302 302 302",
	"GET /favicon.ico": "302 302 302 302 302 302 302 302",
	"GET /static/*":    "200 200 200 200 200 200 200 200",
	"GET /healthz":     "200 200 200 200 200 200 200 200",
	"GET /readyz":      "200 200 200 200 200 200 200 200",
	"GET /metrics":     "403 403 403 403 403 403 403 403", // no peer on loopback here; fiberx tests the rest
	"GET /d/:token":    "200 200 200 200 200 200 200 200", // who has the link may fetch

	"GET /s/:token":             "200 200 200 200 200 200 200 200", // who has the link may download
	"GET /s/:token/preview":     "404 404 404 404 404 404 404 404", // a text stands on the page
	"POST /s/:token/password":   "303 303 303 303 303 303 303 303",
	"POST /s/:token/download":   "303 303 303 303 303 303 303 303",
	"GET /s/:token/get/:ticket": "410 410 410 410 410 410 410 410", // without a ticket

	"GET /join/:token":  "404 404 404 404 404 404 404 404", // who has the link may make the account; here is none
	"POST /join/:token": "404 404 404 404 404 404 404 404",

	"GET /login/code":  "303 303 303 303 303 303 303 303",
	"POST /login/code": "410 410 410 410 410 410 410 410", // without a ticket

	"GET /login":   "200 303 303 303 200 200 200 200",
	"POST /login":  "401 401 401 401 401 401 401 401",
	"POST /logout": "303 303 303 303 303 303 303 303",

	"PUT /api/v1/files/:name":           "401 201 201 201 201 403 403 201",
	"POST /api/v1/files/:name":          "401 201 201 201 201 403 403 201",
	"PUT /api/v1/files":                 "400 400 400 400 400 400 400 400",
	"POST /api/v1/files":                "400 400 400 400 400 400 400 400",
	"GET /api/v1/files/:id":             "401 200 404 200 403 200 403 200",
	"GET /api/v1/files/:id/content":     "401 200 404 200 403 200 403 200",
	"GET /api/v1/files":                 "401 200 200 200 403 200 403 200",
	"DELETE /api/v1/files/:id":          "401 204 404 204 204 403 403 204",
	"GET /api/v1/files/:id/link":        "401 200 404 200 403 200 403 200",
	"GET /api/v1/files/:id/events":      "401 200 404 200 403 200 403 200",
	"POST /api/v1/files/:id/processed":  "401 200 404 200 403 403 200 200",
	"POST /api/v1/files/:id/failed":     "401 200 404 200 403 403 200 200",
	"POST /api/v1/files/:id/extend":     "401 200 404 200 200 403 403 200",
	"POST /api/v1/files/:id/expire":     "401 200 404 200 200 403 403 200",
	"GET /api/v1/batches":               "401 200 200 200 403 200 403 200",
	"GET /api/v1/batches/:id/files":     "401 200 404 200 403 200 403 200",
	"GET /api/v1/batches/:id/zip":       "401 200 404 200 403 200 403 200",
	"GET /api/v1/me":                    "401 200 200 200 200 200 200 200",
	"GET /api/v1/openapi.json":          "200 200 200 200 200 200 200 200",
	"POST /api/v1/batches":              "401 201 201 201 201 403 403 201",
	"GET /api/v1/batches/:id":           "401 200 404 200 403 200 403 200",
	"POST /api/v1/batches/:id/finalise": "401 200 404 200 200 403 403 200",

	"GET /api/v1/files/:id/shares":    "401 200 404 200 403 200 403 200",
	"POST /api/v1/files/:id/shares":   "401 201 404 201 403 403 403 201", // a token needs upload and read
	"GET /api/v1/batches/:id/shares":  "401 200 404 200 403 200 403 200",
	"POST /api/v1/batches/:id/shares": "401 201 404 201 403 403 403 201",
	"GET /api/v1/shares":              "401 200 200 200 403 200 403 200",
	"GET /api/v1/shares/:id":          "401 200 404 200 403 200 403 200",
	"GET /api/v1/shares/:id/accesses": "401 200 404 200 403 200 403 200",
	"DELETE /api/v1/shares/:id":       "401 204 404 204 204 403 403 204",

	"POST /api/v1/sessions":                  "401 201 201 201 201 403 403 201",
	"GET /api/v1/sessions":                   "401 200 200 200 200 200 403 200", // who may only upload sees them too, to resume
	"GET /api/v1/sessions/:id":               "401 200 404 200 200 200 403 200",
	"DELETE /api/v1/sessions/:id":            "401 204 404 204 204 403 403 204",
	"PUT /api/v1/sessions/:id/parts/:number": "401 200 404 200 200 403 403 200",
	"POST /api/v1/sessions/:id/complete":     "401 200 404 200 200 403 403 200",

	// tus: without Tus-Resumable whoever may upload hears 412.
	"OPTIONS /files/":       "204 204 204 204 204 204 204 204",
	"OPTIONS /files/:id":    "204 204 204 204 204 204 204 204",
	"OPTIONS /files/bundle": "204 204 204 204 204 204 204 204",
	"POST /files/":          "401 412 412 412 412 412 412 412",
	"PATCH /files/:id":      "401 412 412 412 412 412 412 412",
	"DELETE /files/:id":     "401 412 412 412 412 412 412 412",
	"POST /files/bundle":    "401 200 200 200 200 403 403 200",

	"GET /app/":                                "303 200 200 200 303 303 303 303",
	"GET /app/upload/":                         "303 200 200 200 303 303 303 303",
	"POST /app/upload/":                        "401 415 415 415 401 401 401 401",
	"POST /app/upload/batches":                 "401 201 201 201 401 401 401 401",
	"GET /app/upload/batches/:id/files":        "303 200 404 200 303 303 303 303",
	"GET /app/upload/files/:id":                "303 200 404 200 303 303 303 303",
	"POST /app/upload/sessions/:id/discard":    "401 303 404 303 401 401 401 401",
	"POST /app/upload/batches/:id/finalise":    "401 200 404 200 401 401 401 401",
	"GET /app/files/":                          "303 200 200 200 303 303 303 303",
	"POST /app/files/":                         "401 303 303 303 401 401 401 401",
	"GET /app/files/:id/":                      "303 200 404 200 303 303 303 303",
	"GET /app/files/:id/download":              "303 200 404 200 303 303 303 303",
	"GET /app/files/:id/preview":               "303 200 404 200 303 303 303 303",
	"POST /app/files/:id/delete":               "401 303 404 303 401 401 401 401",
	"POST /app/files/:id/keep":                 "401 303 404 303 401 401 401 401",
	"GET /app/files/:id/share/":                "303 200 404 200 303 303 303 303",
	"POST /app/files/:id/share/":               "401 400 404 400 401 401 401 401", // an empty form
	"GET /app/batches/:id/share/":              "303 200 404 200 303 303 303 303",
	"POST /app/batches/:id/share/":             "401 400 404 400 401 401 401 401",
	"GET /app/shares/:id/":                     "303 200 404 200 303 303 303 303",
	"POST /app/shares/:id/revoke":              "401 303 404 303 401 401 401 401",
	"GET /app/batches/":                        "303 200 200 200 303 303 303 303",
	"GET /app/batches/:id/":                    "303 200 404 200 303 303 303 303",
	"POST /app/batches/:id/finalise":           "401 303 404 303 401 401 401 401",
	"GET /app/batches/:id/files.csv":           "303 200 404 200 303 303 303 303",
	"GET /app/batches/:id/zip":                 "303 200 404 200 303 303 303 303",
	"GET /app/find/":                           "303 200 200 200 303 303 303 303",
	"GET /app/search/":                         "303 200 200 200 303 303 303 303",
	"GET /app/api/":                            "303 200 200 200 303 303 303 303",
	"GET /app/profile/":                        "303 200 200 200 303 303 303 303",
	"POST /app/profile/name":                   "401 303 303 303 401 401 401 401", // an empty one is the address up to the @
	"POST /app/profile/password":               "401 400 400 400 401 401 401 401",
	"GET /app/profile/second-factor/":          "303 200 200 200 303 303 303 303",
	"POST /app/profile/second-factor/":         "401 400 400 400 401 401 401 401",
	"GET /app/profile/second-factor/codes/":    "303 303 303 303 303 303 303 303",
	"POST /app/profile/second-factor/codes/":   "401 400 400 400 401 401 401 401",
	"POST /app/profile/second-factor/off":      "401 400 400 400 401 401 401 401",
	"POST /app/profile/sessions/revoke-others": "401 303 303 303 401 401 401 401",
	"POST /app/profile/sessions/:id/revoke":    "401 303 404 404 401 401 401 401", // an admin has a page for it
	"GET /app/tokens/":                         "303 200 200 200 303 303 303 303",
	"POST /app/tokens/":                        "401 303 303 303 401 401 401 401",
	"GET /app/tokens/new/":                     "303 200 200 200 303 303 303 303",
	"POST /app/tokens/new/":                    "401 400 400 400 401 401 401 401", // an empty form; and a token makes no token
	"GET /app/tokens/:id/":                     "303 200 404 200 303 303 303 303",
	"GET /app/tokens/:id/created/":             "303 303 404 303 303 303 303 303", // what is shown once was not made here
	"POST /app/tokens/:id/revoke":              "401 303 404 303 401 401 401 401",
}

// adminRoutes of the API are for admins and their tokens with the scope alone.
var adminRoutes = map[string]int{
	"GET /api/v1/endpoints": 200, "POST /api/v1/endpoints": 400, "POST /api/v1/endpoints/preview": 200, "GET /api/v1/endpoints/:id": 200, "PATCH /api/v1/endpoints/:id": 200, "DELETE /api/v1/endpoints/:id": 204,
	"POST /api/v1/endpoints/:id/enable": 200, "POST /api/v1/endpoints/:id/disable": 200, "POST /api/v1/endpoints/:id/test": 200, "POST /api/v1/endpoints/:id/sample": 400,
	"POST /api/v1/endpoints/:id/secrets": 201, "DELETE /api/v1/endpoints/:id/secrets/:secret": 404,
	"PUT /api/v1/endpoints/:id/certificate": 400, "DELETE /api/v1/endpoints/:id/certificate": 404,
	"GET /api/v1/stuck": 200, "GET /api/v1/deliveries": 200, "GET /api/v1/deliveries/:id": 200, "POST /api/v1/deliveries/:id/resend": 202, "POST /api/v1/deliveries/:id/cancel": 200,
	"POST /api/v1/endpoints/:id/retry": 409, "POST /api/v1/endpoints/:id/catch-up": 409, "POST /api/v1/endpoints/:id/replays": 400,
	"GET /api/v1/replays": 200, "GET /api/v1/replays/:id": 200, "POST /api/v1/replays/:id/cancel": 200,
	"GET /api/v1/events": 200, "GET /api/v1/events/:id": 200, "POST /api/v1/events/:id/retry": 409,
}

// adminPages are for admins alone: staff get 403, nobody gets the login.
var adminPages = map[string]int{
	"GET /app/endpoints/":     200,
	"GET /app/endpoints/new/": 200, "POST /app/endpoints/new/": 400,
	"GET /app/endpoints/:id/created/": 303,
	"GET /app/endpoints/:id/":         200, "GET /app/endpoints/:id/edit/": 200, "POST /app/endpoints/:id/edit/": 400,
	"POST /app/endpoints/:id/switch": 400, "POST /app/endpoints/:id/secret": 200, "POST /app/endpoints/:id/test": 200,
	"GET /app/endpoints/receive/": 200, "POST /app/endpoints/preview": 200, "POST /app/endpoints/:id/rotate": 200, "POST /app/endpoints/:id/retire": 404,
	"GET /app/endpoints/:id/certificate/": 200, "POST /app/endpoints/:id/certificate/": 400, "POST /app/endpoints/:id/certificate/remove": 404,
	"POST /app/endpoints/:id/delete": 303,
	"POST /app/endpoints/:id/retry":  303, "POST /app/endpoints/:id/catch-up": 303,
	"GET /app/endpoints/:id/sample/": 200, "POST /app/endpoints/:id/sample/": 400, "GET /app/deliveries/stuck/": 200,
	"GET /app/endpoints/:id/replay/": 200, "POST /app/endpoints/:id/replay/": 400,
	"GET /app/replays/": 200, "GET /app/replays/:id/": 200, "POST /app/replays/:id/cancel": 303,
	"GET /app/deliveries/": 200, "POST /app/deliveries/": 303, "GET /app/deliveries/:id/": 200, "POST /app/deliveries/:id/redeliver": 303, "POST /app/deliveries/:id/cancel": 303,
	"GET /app/events/": 200, "POST /app/events/": 303, "GET /app/events/:id/": 200, "POST /app/events/:id/retry": 303,
	"GET /admin/": 200, "GET /admin/users/": 200, "POST /admin/users/": 303, "GET /admin/users/export.csv": 200, "GET /admin/users/export.json": 200,
	"GET /admin/users/add/": 200, "POST /admin/users/add/": 400, "GET /admin/users/:id/": 200, "POST /admin/users/:id/": 400, "GET /admin/users/:id/history/": 200,
	"GET /admin/users/:id/delete/": 200, "POST /admin/users/:id/delete/": 400, "POST /admin/users/:id/do/password": 303, "POST /admin/users/:id/do/revoke": 303, "POST /admin/users/:id/do/second-factor": 404, // they have none

	"GET /admin/invitations/": 200, "POST /admin/invitations/": 303, "GET /admin/invitations/export.csv": 200, "GET /admin/invitations/export.json": 200,
	"GET /admin/invitations/add/": 200, "POST /admin/invitations/add/": 400, "GET /admin/invitations/:id/": 200, "GET /admin/invitations/:id/history/": 200, "POST /admin/invitations/:id/do/revoke": 303,
	"GET /admin/schedules/": 200, "POST /admin/schedules/": 303, "GET /admin/schedules/export.csv": 200, "GET /admin/schedules/export.json": 200, "GET /admin/schedules/preview": 200,
	"GET /admin/schedules/add/": 200, "POST /admin/schedules/add/": 400, "GET /admin/schedules/:id/": 200, "POST /admin/schedules/:id/": 400, "GET /admin/schedules/:id/history/": 200,
	"GET /admin/schedules/:id/delete/": 200, "POST /admin/schedules/:id/delete/": 400, "POST /admin/schedules/:id/do/run": 303,
	"GET /admin/sessions/": 200, "POST /admin/sessions/": 303, "GET /admin/sessions/export.csv": 200, "GET /admin/sessions/export.json": 200,
	"GET /admin/sessions/:id/": 200, "GET /admin/sessions/:id/history/": 200, "POST /admin/sessions/:id/do/abort": 303,
	"GET /admin/files/": 200, "POST /admin/files/": 303, "GET /admin/files/export.csv": 200, "GET /admin/files/export.json": 200, "GET /admin/files/:id/": 200,
	"GET /admin/files/:id/history/": 200, "GET /admin/files/:id/delete/": 200, "POST /admin/files/:id/delete/": 400, "POST /admin/files/:id/do/processed": 303,
	"POST /admin/files/:id/do/failed": 303, "POST /admin/files/:id/do/extend": 303, "POST /admin/files/:id/do/check": 303, "POST /admin/files/:id/do/expire": 303,
	"GET /admin/batches/": 200, "POST /admin/batches/": 303, "GET /admin/batches/export.csv": 200, "GET /admin/batches/export.json": 200, "GET /admin/batches/:id/": 200,
	"POST /admin/batches/:id/": 303, "GET /admin/batches/:id/history/": 200, "POST /admin/batches/:id/do/finalise": 303,
	"GET /admin/parts/": 200, "GET /admin/parts/export.csv": 200, "GET /admin/parts/export.json": 200,
	"GET /admin/events/": 200, "POST /admin/events/": 303, "GET /admin/events/export.csv": 200, "GET /admin/events/export.json": 200, "GET /admin/events/:id/": 200,
	"GET /admin/events/:id/history/": 200, "POST /admin/events/:id/do/retry": 303,
	"GET /admin/endpoints/": 200, "POST /admin/endpoints/": 303, "GET /admin/endpoints/export.csv": 200, "GET /admin/endpoints/export.json": 200, "GET /admin/endpoints/:id/": 200,
	"GET /admin/endpoints/:id/history/": 200, "GET /admin/endpoints/:id/delete/": 200, "POST /admin/endpoints/:id/delete/": 400, "POST /admin/endpoints/:id/do/on": 303, "POST /admin/endpoints/:id/do/off": 303,
	"GET /admin/deliveries/": 200, "POST /admin/deliveries/": 303, "GET /admin/deliveries/export.csv": 200, "GET /admin/deliveries/export.json": 200, "GET /admin/deliveries/:id/": 200,
	"GET /admin/deliveries/:id/history/": 200, "POST /admin/deliveries/:id/do/resend": 303, "POST /admin/deliveries/:id/do/cancel": 303,
	"GET /admin/attempts/": 200, "GET /admin/attempts/export.csv": 200, "GET /admin/attempts/export.json": 200,
	"GET /admin/tokens/": 200, "POST /admin/tokens/": 303, "GET /admin/tokens/export.csv": 200, "GET /admin/tokens/export.json": 200, "GET /admin/tokens/:id/": 200,
	"GET /admin/tokens/:id/history/": 200, "POST /admin/tokens/:id/do/revoke": 303,
	"GET /admin/shares/": 200, "POST /admin/shares/": 303, "GET /admin/shares/export.csv": 200, "GET /admin/shares/export.json": 200, "GET /admin/shares/:id/": 200,
	"GET /admin/shares/:id/history/": 200, "POST /admin/shares/:id/do/revoke": 303,
	"GET /admin/audit/": 200, "GET /admin/audit/export.csv": 200, "GET /admin/audit/export.json": 200, "GET /admin/audit/:id/": 200,
	"GET /admin/jobs": 200, "GET /admin/jobs/*": 200, "POST /admin/jobs": 200, "POST /admin/jobs/*": 200, "DELETE /admin/jobs": 200, "DELETE /admin/jobs/*": 200,
}

func TestEveryRouteTimesEveryRole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var seen []string
	for _, route := range fiberx.RouteTable(h.app) {
		seen = append(seen, route)
		want, ok := expected(route)
		if !ok {
			t.Errorf("%s has no row in this table: say what each role gets", route)
			continue
		}
		for i, role := range roles {
			if got := h.ask(t, route, role); got != want[i] {
				t.Errorf("%s as %s answers %d, not %d", route, role, got, want[i])
			}
		}
	}
	for route := range routes {
		if !slices.Contains(seen, route) {
			t.Errorf("%s is in the table, not in the app", route)
		}
	}
	for route := range adminRoutes {
		if !slices.Contains(seen, route) {
			t.Errorf("%s is in the table, not in the app", route)
		}
	}
	for route := range adminPages {
		if !slices.Contains(seen, route) {
			t.Errorf("%s is in the table, not in the app", route)
		}
	}
}

func expected(route string) ([]int, bool) {
	row, ok := routes[route]
	if ok {
		var codes []int
		for w := range strings.FieldsSeq(row) {
			n, _ := strconv.Atoi(w)
			codes = append(codes, n)
		}
		return codes, len(codes) == len(roles)
	}
	if admin, ok := adminRoutes[route]; ok {
		return []int{401, 403, 403, admin, 403, 403, 403, admin}, true
	}
	admin, ok := adminPages[route]
	nobody := http.StatusUnauthorized
	if strings.HasPrefix(route, "GET ") {
		nobody = http.StatusSeeOther
	}
	return []int{nobody, 403, 403, admin, nobody, nobody, nobody, nobody}, ok
}

// house is a whole portal in this process.
type house struct {
	app      *fiber.App
	p        *portal
	sessions map[string]*usecase.SignedIn
	tokens   map[string]string
	actors   map[string]domain.Actor
	ready    func() // called when the things for a request are made; nil for nothing
}

func newHouse(t *testing.T) *house {
	t.Helper()
	return newHouseOn(t, "")
}

// newHouseOn takes a database's URL; "" is SQLite.
func newHouseOn(t *testing.T, database string) *house {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	cfg, err := readConfig(env(map[string]string{"DATA_DIR": dir, "ADMIN_PASSWORD": "the admin's password", "BASE_URL": "http://portal.test", "WEBHOOK_TIMEOUT_SECONDS": "1", "DATABASE_URL": database, "SECRET_KEY": strings.Repeat("k", 40)}))
	if err != nil {
		t.Fatal(err)
	}
	w := &wiring{cfg: cfg, log: slog.New(slog.DiscardHandler), out: io.Discard, hasher: argon2.NewHasher(rand.Reader, 0)}
	p := &portal{wiring: w, baseURL: cfg.BaseURL}
	t.Cleanup(w.close)
	if err := p.open(ctx); err != nil {
		t.Fatal(err)
	}
	sender := w.sender()
	t.Cleanup(sender.Close)
	p.courier = w.courier(sender, p.baseURL)
	if err := p.prepare(ctx); err != nil {
		t.Fatal(err)
	}
	app, err := p.site(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{app: app, p: p, sessions: map[string]*usecase.SignedIn{}, tokens: map[string]string{}, actors: map[string]domain.Actor{}}
	h.admit(t, "admin", cfg.AdminEmail, "the admin's password")
	for _, who := range []string{"staff", "other staff"} {
		email := strings.ReplaceAll(who, " ", "-") + "@example.com"
		if _, err := p.users().Create(ctx, domain.System(), email, "", "a staff password", domain.RoleStaff); err != nil {
			t.Fatal(err)
		}
		h.admit(t, who, email, "a staff password")
	}
	for _, scope := range domain.AllScopes {
		email := "staff@example.com"
		if scope == domain.ScopeAdmin {
			email = cfg.AdminEmail
		}
		_, secret, err := p.tokens().Create(ctx, domain.System(), usecase.TokenInput{UserEmail: email, Name: string(scope), Scopes: []domain.Scope{scope}})
		if err != nil {
			t.Fatal(err)
		}
		h.tokens["token "+string(scope)] = secret
	}
	return h
}

func (h *house) admit(t *testing.T, who, email, password string) {
	t.Helper()
	in := &accounts.SignIn{DB: h.p.db, Hasher: h.p.hasher, Clock: h.p.clock, IDs: h.p.ids, Random: rand.Reader}
	s, err := in.SignIn(context.Background(), usecase.SignInInput{Email: email, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	h.sessions[who], h.actors[who] = s, s.Actor
}

// ask makes fresh things for the route, asks for them as the role, and returns
// the status.
func (h *house) ask(t *testing.T, route, role string) int {
	t.Helper()
	method, pattern, _ := strings.Cut(route, " ")
	body := ""
	switch {
	case strings.HasSuffix(pattern, "/processed") || strings.HasSuffix(pattern, "/finalise"):
	case strings.HasSuffix(pattern, "/failed"):
		body = `{"reason":"a test"}`
	case strings.HasPrefix(route, "POST /api/v1/") && strings.HasSuffix(pattern, "/shares"):
		body = `{"expires_at":null}`
	case pattern == "/app/files/:id/keep":
		body = "value=24"
	case pattern == "/api/v1/files/:id/extend":
		body = `{"hours":24}`
	case pattern == "/api/v1/files/:id/expire":
	case route == "POST /api/v1/sessions":
		body = `{"filename":"a.txt","size_bytes":5}`
	case pattern == "/files/bundle":
		body = "--b\r\nIdempotency-Key: " + uuid.NewString() + "\r\n\r\nhello\r\n--b--\r\n"
	case strings.Contains(pattern, "/parts/") || strings.HasPrefix(pattern, "/api/v1/files"):
		body = "hello"
	case route == "POST /login":
		body = url.Values{"email": {strings.ReplaceAll(role, " ", "-") + "@example.net"}, "password": {"wrong"}}.Encode()
	}
	req, err := http.NewRequest(method, "http://portal.test"+h.path(t, pattern), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	} else if strings.HasPrefix(body, "--b") {
		req.Header.Set("Content-Type", "multipart/mixed; boundary=b")
		req.Header.Set("Tus-Resumable", "1.0.0")
	} else if method == http.MethodPost && !strings.HasPrefix(pattern, "/api/") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if s := h.sessions[role]; s != nil {
		if pattern == "/logout" {
			h.admit(t, role, s.User.Email, passwordOf(role))
			defer h.admit(t, role, s.User.Email, passwordOf(role))
			s = h.sessions[role]
		}
		req.AddCookie(&http.Cookie{Name: "doorito_session", Value: s.SessionID})
		req.Header.Set("X-CSRF-Token", s.CSRF)
	}
	if token := h.tokens[role]; token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if h.ready != nil {
		h.ready()
	}
	res, err := h.app.Test(req, int((20 * time.Second).Milliseconds()))
	if err != nil {
		t.Fatalf("%s as %s: %v", route, role, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s as %s: %v", route, role, err)
	}
	openapi.Check(t, method, req.URL.Path, res, answer)
	return res.StatusCode
}

func passwordOf(role string) string {
	if role == "admin" {
		return "the admin's password"
	}
	return "a staff password"
}

// path fills a pattern with things of "staff" made for this one request.
func (h *house) path(t *testing.T, pattern string) string {
	t.Helper()
	switch {
	case pattern == "/static/*":
		return "/static/mark.svg"
	case strings.HasPrefix(pattern, "/admin/jobs"):
		return strings.Replace(pattern, "*", "", 1)
	case pattern == "/d/:token":
		f := h.file(t)
		return "/d/" + h.p.keys.SignLink(f.ID, f.LinkSerial)
	}
	out := strings.Replace(pattern, ":name", "a.txt", 1)
	if strings.HasPrefix(pattern, "/s/:token") {
		_, token := h.share(t)
		out = strings.Replace(strings.Replace(out, ":token", token, 1), ":ticket", "none", 1)
	}
	out = strings.Replace(out, ":secret", "0190f0a0-0000-7000-8000-000000000001", 1)
	if !strings.Contains(out, ":id") {
		return out
	}
	var id uuid.UUID
	switch {
	case strings.HasPrefix(out, "/app/profile/sessions/"):
		in := &accounts.SignIn{DB: h.p.db, Hasher: h.p.hasher, Clock: h.p.clock, IDs: h.p.ids, Random: rand.Reader}
		s, err := in.SignIn(context.Background(), usecase.SignInInput{Email: "staff@example.com", Password: passwordOf("staff")})
		if err != nil {
			t.Fatal(err)
		}
		id = s.Session.ID
	case strings.HasPrefix(out, "/api/v1/sessions/"):
		id = h.upload(t, strings.Contains(out, "/parts/"))
		out = strings.Replace(out, ":number", "1", 1)
	case strings.Contains(out, "/sessions/"):
		id = h.upload(t, true)
	case strings.Contains(out, "/users/"):
		u, err := h.p.users().Create(context.Background(), domain.System(), uuid.NewString()+"@example.com", "", "a staff password", domain.RoleStaff)
		if err != nil {
			t.Fatal(err)
		}
		id = u.ID
	case strings.Contains(out, "/invitations/"):
		i, _, err := (&accounts.Invitations{Users: h.p.users()}).Invite(context.Background(), domain.System(), uuid.NewString()+"@example.com", domain.RoleStaff)
		if err != nil {
			t.Fatal(err)
		}
		id = i.ID
	case strings.Contains(out, "/schedules/"):
		page, err := h.p.db.Reads().Schedules.List(context.Background(), ports.ListQuery{Limit: 1})
		if err != nil || len(page.Items) == 0 {
			t.Fatal(page.Items, err)
		}
		id = page.Items[0].ID
	case strings.Contains(out, "/audit/"):
		page, err := h.p.db.Reads().Audit.List(context.Background(), ports.ListQuery{Limit: 1})
		if err != nil || len(page.Items) == 0 {
			t.Fatal(page.Items, err)
		}
		id = page.Items[0].ID
	case strings.Contains(out, "/batches/"):
		id = h.batch(t)
		if strings.HasSuffix(out, "/zip") {
			h.api(t, http.MethodPut, "/api/v1/files/a.txt?batch="+id.String(), "hello", h.sessions["staff"])
		}
	case strings.Contains(out, "/tokens/"):
		id = h.token(t).ID
	case strings.HasSuffix(out, "/preview") && strings.Contains(out, "/files/"):
		made := h.api(t, http.MethodPut, "/api/v1/files/a.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", h.sessions["staff"])
		id = uuid.MustParse(made["id"])
	case strings.Contains(out, "/shares/"):
		l, _ := h.share(t)
		id = l.ID
	case strings.Contains(out, "/files/"):
		id = h.file(t).ID
	case strings.Contains(out, "/endpoints/"):
		id = h.endpoint(t)
	case strings.Contains(out, "/replays/"):
		r, err := h.p.replays().Start(context.Background(), domain.System(), h.endpoint(t), domain.ReplayForm{From: h.p.clock.Now().Add(-time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		id = r.ID
	default:
		d, err := h.p.endpoints(h.p.courier).Test(context.Background(), domain.System(), h.endpoint(t))
		if err != nil {
			t.Fatal(err)
		}
		id = d.Delivery.ID
		if strings.Contains(out, "/events/") {
			id = d.Event.ID
		}
	}
	return strings.Replace(out, ":id", id.String(), 1)
}

func (h *house) file(t *testing.T) *domain.File {
	t.Helper()
	s := h.sessions["staff"]
	a := h.api(t, http.MethodPut, "/api/v1/files/a.txt", "hello", s)
	id, err := uuid.Parse(a["id"])
	if err != nil {
		t.Fatal(err)
	}
	f, err := h.p.db.Reads().Files.Find(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// share makes a link to a file of "staff".
func (h *house) share(t *testing.T) (*domain.ShareLink, string) {
	t.Helper()
	links := &sharing.Links{DB: h.p.db, Hasher: h.p.hasher, Clock: h.p.clock, IDs: h.p.ids, Random: rand.Reader}
	f := h.file(t).ID
	l, token, err := links.Create(context.Background(), h.actors["staff"], usecase.ShareInput{File: &f})
	if err != nil {
		t.Fatal(err)
	}
	return l, token
}

func (h *house) batch(t *testing.T) uuid.UUID {
	t.Helper()
	id, err := uuid.Parse(h.api(t, http.MethodPost, "/api/v1/batches", `{"label":"a batch"}`, h.sessions["staff"])["id"])
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// upload begins one, of five bytes or of none, which can be completed at once.
func (h *house) upload(t *testing.T, bytes bool) uuid.UUID {
	t.Helper()
	body := `{"filename":"a.txt","size_bytes":0}`
	if bytes {
		body = `{"filename":"a.txt","size_bytes":5}`
	}
	id, err := uuid.Parse(h.api(t, http.MethodPost, "/api/v1/sessions", body, h.sessions["staff"])["id"])
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (h *house) endpoint(t *testing.T) uuid.UUID {
	t.Helper()
	e, _, err := h.p.endpoints(h.p.courier).Create(context.Background(), domain.System(), domain.EndpointForm{URL: "http://127.0.0.1:1/"})
	if err != nil {
		t.Fatal(err)
	}
	return e.ID
}

func (h *house) api(t *testing.T, method, path, body string, s *usecase.SignedIn) map[string]string {
	t.Helper()
	req, err := http.NewRequest(method, "http://portal.test"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-CSRF-Token", s.CSRF)
	req.AddCookie(&http.Cookie{Name: "doorito_session", Value: s.SessionID})
	res, err := h.app.Test(req, 20_000)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw := map[string]any{}
	if err := json.NewDecoder(res.Body).Decode(&raw); err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("%s %s: %d %v %v", method, path, res.StatusCode, raw, err)
	}
	out := map[string]string{}
	for k, v := range raw {
		out[k] = fmt.Sprint(v)
	}
	return out
}

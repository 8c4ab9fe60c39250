package main

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"doorito/adapters/fiberx"
	"doorito/app/accounts"
	"doorito/domain"
)

// withheldRoutes are closed to an account from which the permission is withheld,
// and to its tokens; at all others nothing changes for it.
var withheldRoutes = map[domain.Permission][]string{
	domain.MayUpload: {
		"PUT /api/v1/files/:name", "POST /api/v1/files/:name", "POST /api/v1/batches", "POST /api/v1/batches/:id/finalise",
		"POST /api/v1/sessions", "PUT /api/v1/sessions/:id/parts/:number", "POST /api/v1/sessions/:id/complete", "POST /files/bundle",
		"GET /app/upload/", "POST /app/upload/batches", "POST /app/upload/batches/:id/finalise", "POST /app/batches/:id/finalise",
	},
	domain.MayDownload: {
		"GET /api/v1/files/:id/content", "GET /api/v1/files/:id/link", "GET /app/files/:id/download", "GET /app/batches/:id/zip", "GET /api/v1/batches/:id/zip", "GET /app/files/:id/preview",
		"POST /api/v1/files/:id/shares", "POST /api/v1/batches/:id/shares",
	},
	domain.MayDelete:  {"DELETE /api/v1/files/:id", "POST /api/v1/files/:id/extend", "POST /api/v1/files/:id/expire", "POST /app/files/:id/keep", "POST /app/files/:id/delete"},
	domain.MayProcess: {"POST /api/v1/files/:id/processed", "POST /api/v1/files/:id/failed"},
}

// What is withheld is closed from the next request on, for browsers and tokens
// that were there before too, and opens again as soon.
func TestEveryRouteWithoutAPermission(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	withhold := func(ps ...domain.Permission) {
		t.Helper()
		ctx := context.Background()
		u, err := h.p.users().FindByEmail(ctx, domain.System(), "staff@example.com")
		if err != nil {
			t.Fatal(err)
		}
		f := u.Form()
		f.Withheld = ps
		if _, err := (&accounts.Accounts{Users: h.p.users()}).Change(ctx, domain.System(), u.ID, f, u.UpdatedAt); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range domain.Permissions {
		h.ready = func() { withhold(p) }
		for _, route := range fiberx.RouteTable(h.app) {
			row, ok := routes[route]
			// What a link of hers does without it, app/sharing tells.
			if !ok || strings.Contains(route, " /s/") || strings.Contains(route, "/profile/") || strings.Contains(route, "/login") || strings.HasPrefix(route, "POST /logout") {
				continue
			}
			for i, code := range strings.Fields(row) {
				if i == 0 || i == 2 || i == 3 || i == 7 { // not hers
					continue
				}
				want, err := strconv.Atoi(code)
				if err != nil {
					t.Fatal(err)
				}
				if slices.Contains(withheldRoutes[p], route) && (want < 300 || want == http.StatusSeeOther && !strings.HasPrefix(roles[i], "token")) {
					want = http.StatusForbidden
				}
				withhold() // what the route is about is handed in first
				if got := h.ask(t, route, roles[i]); got != want {
					t.Errorf("without %s, %s as %s answers %d, not %d", p, route, roles[i], got, want)
				}
			}
		}
	}
	h.ready = nil
	withhold()
	if got := h.ask(t, "GET /app/files/:id/download", "staff"); got != http.StatusOK {
		t.Errorf("given back, it answers %d", got)
	}
}

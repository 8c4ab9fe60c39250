package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"doorito/domain"
)

func TestANewTokenIsShownOnceWithACommandThatWorks(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	got, again := p.once(t, "/app/tokens/new/", staffSession, url.Values{"name": {"Scanner"}, "scopes": {"read", "upload"}, "expires": {"30d"}})
	if to := again(); to.StatusCode != http.StatusSeeOther || strings.Contains(to.body, tokenSecret) {
		t.Errorf("reloaded it answers %d", to.StatusCode)
	}
	if got.StatusCode != http.StatusOK || got.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d, %s", got.StatusCode, got.Header.Get("Cache-Control"))
	}
	for _, want := range []string{`data-copy="` + tokenSecret, "http://portal.example/api/v1/files/", "Bearer " + tokenSecret, "cannot show it again"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	for _, fault := range faults(got.body) {
		t.Error(fault)
	}
	if in := w.made[0]; in.Name != "Scanner" || in.Expires != 30*24*time.Hour || in.UserEmail != "" || !slices.Equal(in.Scopes, []domain.Scope{domain.ScopeRead, domain.ScopeUpload}) {
		t.Errorf("the use case got %+v", in)
	}
	for _, path := range []string{"/app/tokens/", "/app/tokens/" + w.tokens[0].ID.String() + "/"} {
		if page := p.get(t, path, staffSession); page.StatusCode != http.StatusOK || strings.Contains(page.body, tokenSecret) {
			t.Errorf("%s: %d, or it shows the token", path, page.StatusCode)
		}
	}
}

func TestTheFormOfATokenKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	typed := func() url.Values {
		return url.Values{"name": {"Kept <name>"}, "scopes": {"process"}, "expires": {"never"}}
	}
	for name, c := range map[string]struct {
		key    string
		values []string
		says   string
		code   int
	}{
		"no name":           {"name", []string{" "}, "needs a name", http.StatusBadRequest},
		"no scope":          {"scopes", nil, "at least one of", http.StatusBadRequest},
		"an unknown scope":  {"scopes", []string{"everything"}, "is not a scope", http.StatusBadRequest},
		"no expiry":         {"expires", nil, "how long the token lives", http.StatusBadRequest},
		"an unknown expiry": {"expires", []string{"1h"}, "how long the token lives", http.StatusBadRequest},
		"more than staff":   {"scopes", []string{"admin"}, "is not an admin", http.StatusForbidden},
	} {
		form := typed()
		form[c.key] = c.values
		got := p.post(t, "/app/tokens/new/", staffSession, form)
		if got.StatusCode != c.code || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: %d without the reason", name, got.StatusCode)
		}
		if c.code != http.StatusBadRequest {
			continue
		}
		if c.key != "name" && !strings.Contains(got.body, `value="Kept &lt;name&gt;"`) || c.key != "scopes" && !strings.Contains(got.body, `value="process" checked`) || c.key != "expires" && !strings.Contains(got.body, `value="never" required checked`) {
			t.Errorf("%s: the form forgot what was typed", name)
		}
		for _, fault := range faults(got.body) {
			t.Errorf("%s: %s", name, fault)
		}
	}
	if page := p.get(t, "/app/tokens/new/", staffSession).body; strings.Contains(page, `value="admin"`) || !strings.Contains(page, "your files") {
		t.Error("staff are offered the scope admin")
	}
	if page := p.get(t, "/app/tokens/new/", adminSession).body; !strings.Contains(page, `value="admin"`) || !strings.Contains(page, "files") || !strings.Contains(page, "until 21 Feb 2027") {
		t.Error("an admin is not offered the scope admin, or not told the day")
	}
}

func TestPeopleSeeTheirTokensAndAdminsMayAskForOthers(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	for _, c := range []struct {
		path, session string
		owner         *domain.User
	}{
		{"/app/tokens/", staffSession, priya}, {"/app/tokens/", adminSession, ines},
		{"/app/tokens/?owner=" + priya.ID.String(), adminSession, priya}, {"/app/tokens/?owner=all", adminSession, nil},
	} {
		got := p.get(t, c.path, c.session)
		q := w.asked[len(w.asked)-1]
		if got.StatusCode != http.StatusOK || len(q.Filters) != 0 || (q.Owner == nil) != (c.owner == nil) || q.Owner != nil && *q.Owner != c.owner.ID {
			t.Errorf("%s: %d, asked %+v", c.path, got.StatusCode, q)
		}
	}
	if got := p.get(t, "/app/tokens/?owner=all", staffSession); got.StatusCode != http.StatusBadRequest {
		t.Errorf("staff ask for everybody's: %d", got.StatusCode)
	}
	for _, text := range []string{"not yet", "never", "Expired", "Revoked", "dto_9Qx2kT…"} {
		if page := p.get(t, "/app/tokens/", staffSession).body; !strings.Contains(page, text) {
			t.Errorf("the list does not say %q", text)
		}
	}
}

func TestRevokingAsksFirstAndNamesWhatStops(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	own := "/app/tokens/" + w.tokens[1].ID.String() + "/"
	page := p.get(t, own, staffSession).body
	for _, want := range []string{"Revoke " + w.tokens[1].Name + "?", "can no longer hand in files, list and download files", "last used 3 min ago", "cannot be undone", "Keep it"} {
		if !strings.Contains(page, want) {
			t.Errorf("the question does not say %q", want)
		}
	}
	if got := p.post(t, own+"revoke", staffSession, nil); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != own || len(w.revoked) != 1 {
		t.Errorf("revoke: %d to %s, %d revoked", got.StatusCode, got.Header.Get("Location"), len(w.revoked))
	}
	form := url.Values{"action": {"revoke"}, "id": {w.tokens[0].ID.String(), w.tokens[1].ID.String()}}
	if got := p.post(t, "/app/tokens/", staffSession, form); got.StatusCode != http.StatusSeeOther || len(w.revoked) != 3 {
		t.Errorf("revoke in bulk: %d, %d revoked", got.StatusCode, len(w.revoked))
	}
	if gone := p.get(t, "/app/tokens/"+w.tokens[3].ID.String()+"/", staffSession).body; strings.Contains(gone, "ask-revoke") {
		t.Error("a revoked token can be revoked")
	}
}

func TestATokensPageSaysWhatItLostWithItsUser(t *testing.T) {
	t.Parallel()
	off := *priya
	off.Active = false
	for want, user := range map[string]*domain.User{
		"is no admin any more": priya,
		"is switched off":      &off,
	} {
		w := fullWorld()
		w.tokens[3].RevokedAt, w.tokenUser = nil, user
		page := openPortal(t, w).get(t, "/app/tokens/"+w.tokens[3].ID.String()+"/", adminSession).body
		if !strings.Contains(page, want) || !strings.Contains(page, "Counts for nothing") {
			t.Errorf("the page of a token whose user lost rights does not say %q", want)
		}
	}
}

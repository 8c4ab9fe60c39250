package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func cookieOf(t *testing.T, a answer, name string) *http.Cookie {
	t.Helper()
	i := slices.IndexFunc(a.Cookies(), func(c *http.Cookie) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("%d without the cookie %s: %s", a.StatusCode, name, a.body)
	}
	return a.Cookies()[i]
}

func TestAShareLinkIsMadeAndShownOnce(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	form, own := "/app/files/"+id(1).String()+"/share/", "/app/shares/"+id(881).String()+"/"
	for field, bad := range map[string]url.Values{
		"expires":       {"expires": {"for ever"}},
		"max_downloads": {"expires": {"7d"}, "max_downloads": {"many"}},
		"password":      {"expires": {"7d"}, "password": {"short"}, "max_downloads": {"3"}},
	} {
		got := p.post(t, form, staffSession, bad)
		if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="`+field+`-err"`) || strings.Contains(got.body, `value="short"`) {
			t.Errorf("%s: %d", field, got.StatusCode)
		}
	}
	made := p.post(t, form, staffSession, url.Values{"expires": {"1d"}, "password": {"four words of mine"}, "max_downloads": {"3"}})
	if made.StatusCode != http.StatusSeeOther || made.Header.Get("Location") != own {
		t.Fatalf("%d to %s", made.StatusCode, made.Header.Get("Location"))
	}
	if in := w.shared[0]; *in.File != id(1) || in.MaxDownloads != 3 || in.Password != "four words of mine" || !in.ExpiresAt.Equal(w.now.Add(24*time.Hour)) {
		t.Errorf("made with %+v", in)
	}
	once := cookieOf(t, made, "doorito_once")
	if shown := p.get(t, own, staffSession, func(r *http.Request) { r.AddCookie(once) }).body; !strings.Contains(shown, "http://portal.example/s/the-whole-token") {
		t.Error("the link is not shown")
	}
	if strings.Contains(p.get(t, own, staffSession).body, "the-whole-token") {
		t.Error("the link is shown again")
	}
	if got := p.post(t, own+"revoke", staffSession, nil); got.StatusCode != http.StatusSeeOther || w.revoked[0] != id(881) {
		t.Errorf("%d, %v", got.StatusCode, w.revoked)
	}
}

func TestAStrangerSeesWhatIsSharedAndNothingTellsOfTheLink(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	for path, status := range map[string]int{"/s/of-a-file": 200, "/s/of-a-batch": 200, "/s/with-a-password": 200, "/s/used-up": 410, "/s/none": 404, "/s/of-a-file/get/none": 410} {
		got := p.get(t, path, "")
		h := got.Header
		if got.StatusCode != status || h.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(h.Get("X-Robots-Tag"), "noindex") || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", path, got.StatusCode, h)
		}
	}
	if page := p.get(t, "/s/used-up", "").body; !strings.Contains(page, "they are used up") {
		t.Error("a link that is used up does not say so")
	}
	if page := p.get(t, "/s/with-a-password", "").body; strings.Contains(page, ".pdf") || !strings.Contains(page, `type="password"`) {
		t.Error("a link with a password tells what is behind it")
	}
	if got := p.post(t, "/s/with-a-password/download", "", nil); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/s/with-a-password" {
		t.Errorf("without the password: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	if got := p.post(t, "/s/with-a-password/password", "", url.Values{"password": {"wrong"}}); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="password-err"`) {
		t.Errorf("a wrong password: %d", got.StatusCode)
	}
	opened := p.post(t, "/s/with-a-password/password", "", url.Values{"password": {"four words of mine"}})
	pass := cookieOf(t, opened, "doorito_share")
	if pass.Path != "/s/with-a-password" || !pass.HttpOnly || pass.SameSite != http.SameSiteLaxMode {
		t.Errorf("the pass is %+v", pass)
	}
	with := func(r *http.Request) { r.AddCookie(pass) }
	if page := p.get(t, "/s/with-a-password", "", with).body; !strings.Contains(page, "customs-declaration-4471.pdf") {
		t.Error("the password opens nothing")
	}
	begun := p.post(t, "/s/of-a-file/download", "", nil)
	if begun.StatusCode != http.StatusSeeOther || begun.Header.Get("Location") != "/s/of-a-file/get/a-ticket" {
		t.Fatalf("%d to %s", begun.StatusCode, begun.Header.Get("Location"))
	}
	got := p.get(t, "/s/of-a-file/get/a-ticket", "", with, func(r *http.Request) { r.Header.Set("Range", "bytes=1-3") })
	if got.StatusCode != http.StatusPartialContent || len(got.body) != 3 || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d with %d bytes", got.StatusCode, len(got.body))
	}
	if got := p.post(t, "/s/of-a-file/download", "", nil, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }); got.StatusCode != http.StatusForbidden {
		t.Errorf("from another site's page: %d", got.StatusCode)
	}
}

func TestAdminsRevokeShareLinksAndReadWhoUsedThem(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	list := p.get(t, "/admin/shares/?state=live&kind=file", adminSession).body
	for _, words := range []string{`href="/admin/shares/` + id(881).String(), "Xy12-_…", "2 of 5", "Used up", `name="action" value="revoke"`} {
		if !strings.Contains(list, words) {
			t.Errorf("the list has no %s", words)
		}
	}
	page := p.get(t, "/admin/shares/"+id(881).String()+"/", adminSession).body
	for _, words := range []string{"Wrong password", "Too late", "192.0.2.1", `href="/admin/users/` + priya.ID.String(), `href="/admin/files/` + id(1).String(), "/app/shares/" + id(881).String()} {
		if !strings.Contains(page, words) {
			t.Errorf("the page has no %s", words)
		}
	}
	if page := p.get(t, "/admin/shares/"+id(883).String()+"/", adminSession).body; strings.Contains(page, "do/revoke") {
		t.Error("a revoked link can be revoked")
	}
	done := p.post(t, "/admin/shares/", adminSession, url.Values{"action": {"revoke"}, "id": {id(881).String(), id(882).String()}})
	if done.StatusCode != http.StatusSeeOther || len(w.revoked) != 2 {
		t.Errorf("%d, revoked %v", done.StatusCode, w.revoked)
	}
	if json := p.get(t, "/admin/shares/export.json", adminSession).body; strings.Contains(json, "hash") || strings.Contains(json, "whole-token") {
		t.Error("links are exported with what nobody may have")
	}
}

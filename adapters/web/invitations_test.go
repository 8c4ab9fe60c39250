package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestTheLinkOfAnInvitationIsShownOnceAndOpensTheDoor(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	own := "/admin/invitations/" + id(991).String() + "/"
	if got := p.post(t, "/admin/invitations/add/", adminSession, url.Values{"email": {"nobody"}, "role": {"staff"}}); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="email-err"`) {
		t.Errorf("no address: %d", got.StatusCode)
	}
	made := p.post(t, "/admin/invitations/add/", adminSession, url.Values{"email": {"new@halden.example"}, "role": {"staff"}})
	i := slices.IndexFunc(made.Cookies(), func(c *http.Cookie) bool { return c.Name == "doorito_once" })
	if made.StatusCode != http.StatusSeeOther || made.Header.Get("Location") != own || i < 0 {
		t.Fatalf("%d to %s", made.StatusCode, made.Header.Get("Location"))
	}
	shown := p.get(t, own, adminSession, func(r *http.Request) { r.AddCookie(made.Cookies()[i]) }).body
	if !strings.Contains(shown, "http://portal.example/join/the-token") || !strings.Contains(shown, "Link for the person invited") || strings.Contains(shown, "New password") {
		t.Error("the link is not shown")
	}
	if strings.Contains(p.get(t, own, adminSession).body, "the-token") {
		t.Error("the link is shown again")
	}
	if page := p.get(t, "/join/the-token", "").body; !strings.Contains(page, "new@halden.example") || !strings.Contains(page, `action="/join/the-token"`) {
		t.Error("the door is not there")
	}
	wrong := p.post(t, "/join/the-token", "", url.Values{"name": {"New"}, "password": {"password123"}})
	if wrong.StatusCode != http.StatusBadRequest || !strings.Contains(wrong.body, `id="password-err"`) || !strings.Contains(wrong.body, `value="New"`) || strings.Contains(wrong.body, "password123") {
		t.Errorf("a common password: %d", wrong.StatusCode)
	}
	if got := p.post(t, "/join/the-token", "", url.Values{"name": {"New"}, "password": {"four words of mine"}}); got.StatusCode != http.StatusSeeOther || w.governed[len(w.governed)-1] != "joined as New" {
		t.Errorf("%d, %q", got.StatusCode, w.governed)
	}
	if got := p.get(t, "/join/another", ""); got.StatusCode != http.StatusGone || !strings.Contains(got.body, "This invitation was used.") {
		t.Errorf("one that is over: %d", got.StatusCode)
	}
}

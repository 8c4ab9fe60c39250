package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestTheProfileTellsBrowsersApartAndRefusesBesideTheField(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	page := p.get(t, "/app/profile/", staffSession).body
	for _, words := range []string{"Firefox on Linux", "An unknown browser", "192.0.2.1", "Sign out all others", "3.20 GB of 10.0 GB used", `value="32" max="100"`, "image/*"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	for field, form := range map[string]url.Values{
		"current":  {"current": {"typed-current"}, "password": {"typed-secret-long"}},
		"password": {"current": {"the old one"}, "password": {"Password123"}},
	} {
		got := p.post(t, "/app/profile/password", staffSession, form)
		if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="`+field+`-err"`) || strings.Contains(got.body, "typed-") {
			t.Errorf("%s: %d, or what was typed is in the page", field, got.StatusCode)
		}
	}
	if got := p.post(t, "/app/profile/password", staffSession, url.Values{"current": {"the old one"}, "password": {"four words of mine"}}); got.StatusCode != http.StatusSeeOther || len(w.governed) != 1 {
		t.Errorf("%d, %q", got.StatusCode, w.governed)
	}
	if got := p.post(t, "/app/profile/name", staffSession, url.Values{"name": {strings.Repeat("x", 121)}}); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="name-err"`) {
		t.Errorf("a name that is too long: %d", got.StatusCode)
	}
}

func TestRecoveryCodesAreShownOnceAfterTheFirstCode(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	page := p.get(t, "/app/profile/second-factor/", staffSession).body
	if !strings.Contains(page, "ABCD EFGH") || !strings.Contains(page, "<path fill=\"#000\" d=\"M") {
		t.Error("neither secret nor QR code")
	}
	if got := p.post(t, "/app/profile/second-factor/", staffSession, url.Values{"code": {"1"}}); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="code-err"`) {
		t.Errorf("a wrong code: %d", got.StatusCode)
	}
	made := p.post(t, "/app/profile/second-factor/", staffSession, url.Values{"code": {"123456"}})
	i := slices.IndexFunc(made.Cookies(), func(c *http.Cookie) bool { return c.Name == "doorito_once" })
	if made.StatusCode != http.StatusSeeOther || i < 0 || strings.Contains(made.Cookies()[i].Value, "abcd") {
		t.Fatalf("%d, %v", made.StatusCode, made.Cookies())
	}
	shown := p.get(t, "/app/profile/second-factor/codes/", staffSession, func(r *http.Request) { r.AddCookie(made.Cookies()[i]) })
	if !strings.Contains(shown.body, "abcd-efgh\nijkl-mnop") {
		t.Error("the codes are not shown")
	}
	for _, fault := range faults(shown.body) {
		t.Error(fault)
	}
	if again := p.get(t, "/app/profile/second-factor/codes/", staffSession); again.StatusCode != http.StatusSeeOther {
		t.Errorf("again: %d", again.StatusCode)
	}
	for _, path := range []string{"codes/", "off"} {
		got := p.post(t, "/app/profile/second-factor/"+path, adminSession, url.Values{"password": {"a guess"}})
		if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, "That is not your password") {
			t.Errorf("%s with a wrong password: %d", path, got.StatusCode)
		}
		for _, fault := range faults(got.body) {
			t.Error(fault)
		}
	}
}

func TestSigningInAsksForACodeAndGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	post := func(path string, form url.Values, ticket string) answer {
		return p.post(t, path, "", form, func(r *http.Request) {
			if ticket != "" {
				r.AddCookie(&http.Cookie{Name: "doorito_second", Value: ticket})
			}
		})
	}
	first := post("/login", url.Values{"email": {priya.Email}, "password": {"right password"}, "next": {"/app/files/"}}, "")
	i := slices.IndexFunc(first.Cookies(), func(c *http.Cookie) bool { return c.Name == "doorito_second" })
	if first.StatusCode != http.StatusSeeOther || first.Header.Get("Location") != "/login/code?next=%2Fapp%2Ffiles%2F" || i < 0 || !first.Cookies()[i].HttpOnly || first.Cookies()[i].Path != "/login/code" {
		t.Fatalf("%d to %s, %v", first.StatusCode, first.Header.Get("Location"), first.Cookies())
	}
	if slices.ContainsFunc(first.Cookies(), func(c *http.Cookie) bool { return c.Name == "doorito_session" }) {
		t.Fatal("a session before the second step")
	}
	wrong := post("/login/code", url.Values{"code": {"1"}, "next": {"/app/files/"}}, "the-ticket")
	if wrong.StatusCode != http.StatusBadRequest || !strings.Contains(wrong.body, "4 tries left") || !strings.Contains(wrong.body, `value="/app/files/"`) {
		t.Errorf("a wrong code: %d", wrong.StatusCode)
	}
	right := post("/login/code", url.Values{"code": {"123456"}, "next": {"//evil.example"}}, "the-ticket")
	if right.StatusCode != http.StatusSeeOther || right.Header.Get("Location") != "/app/" || !slices.ContainsFunc(right.Cookies(), func(c *http.Cookie) bool { return c.Value == adminSession }) {
		t.Errorf("the right code: %d to %s", right.StatusCode, right.Header.Get("Location"))
	}
	late := post("/login/code", url.Values{"code": {"123456"}}, "another")
	if late.StatusCode != http.StatusGone || !strings.Contains(late.body, "took too long") || !strings.Contains(late.body, `name="email"`) {
		t.Errorf("an old ticket: %d", late.StatusCode)
	}
	if got := p.get(t, "/login/code", ""); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/login" {
		t.Errorf("without a ticket: %d", got.StatusCode)
	}
}

package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestNewEndpointShowsItsSecretOnceWithHowToVerify(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	got, again := p.once(t, "/app/endpoints/new/", adminSession, url.Values{"url": {"https://receiver.example/hook"}, "event_types": {"file.*", "batch.completed"}})
	if to := again(); to.StatusCode != http.StatusSeeOther || strings.Contains(to.body, secretText) {
		t.Errorf("reloaded it answers %d", to.StatusCode)
	}
	if got.StatusCode != http.StatusOK || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d, %s", got.StatusCode, got.Header.Get("Cache-Control"))
	}
	for _, want := range []string{secretText, "hmac.compare_digest", "timingSafeEqual", "hmac.Equal"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	for _, fault := range faults(got.body) {
		t.Error(fault)
	}
	wrong := p.post(t, "/app/endpoints/new/", adminSession, url.Values{"url": {"ftp://x"}, "name": {"Kept"}, "event_types": {"file.stored"}})
	if wrong.StatusCode != http.StatusBadRequest || !strings.Contains(wrong.body, `value="Kept"`) || !strings.Contains(wrong.body, `value="file.stored" checked`) || !strings.Contains(wrong.body, "is not a web address") {
		t.Errorf("a wrong address: %d, or the form forgot what was typed", wrong.StatusCode)
	}
}

func TestEndpointPageActsInPlaceAndWithoutScript(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	own := "/app/endpoints/" + w.endpoints[0].Endpoint.ID.String() + "/"
	if page := p.get(t, own, adminSession).body; strings.Contains(page, secretText) || !strings.Contains(page, "deliveries go with it") {
		t.Error("the page shows the secret unasked, or does not count what goes with it")
	}
	htmx := []func(*http.Request){header("HX-Request", "true"), header("HX-Target", "secrets")}
	if part := p.post(t, own+"secret", adminSession, nil, htmx...).body; !strings.Contains(part, secretText) || strings.Contains(part, "<html") {
		t.Error("HTMX does not get the secret as a part")
	}
	if page := p.post(t, own+"secret", adminSession, nil).body; !strings.Contains(page, secretText) || !strings.Contains(page, "<html") {
		t.Error("without script the page does not show the secret")
	}
	test := p.post(t, own+"test", adminSession, nil).body
	if !strings.Contains(test, "Test event") || !strings.Contains(test, "Timeout") {
		t.Error("the answer to the test event is not shown")
	}
	for path, to := range map[string]string{"switch": own, "delete": "/app/endpoints/"} {
		if got := p.post(t, own+path, adminSession, url.Values{"active": {"false"}}); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != to {
			t.Errorf("%s: %d to %s", path, got.StatusCode, got.Header.Get("Location"))
		}
	}
	if got := p.post(t, own+"switch", adminSession, url.Values{"active": {"maybe"}}); got.StatusCode != http.StatusBadRequest {
		t.Errorf("switch to maybe: %d", got.StatusCode)
	}
}

func TestDeliveryShowsTheAttemptThatIsAskedFor(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	own := "/app/deliveries/" + w.deliveries[0].ID.String() + "/"
	if page := p.get(t, own+"?attempt=3", adminSession).body; !strings.Contains(page, "answer to attempt 3") || !strings.Contains(page, "nginx/1.24.0") || !strings.Contains(page, "curl -X POST") {
		t.Error("attempt 3 is not shown with its answer")
	}
	if got := p.get(t, own+"?attempt=77", adminSession); got.StatusCode != http.StatusBadRequest {
		t.Errorf("attempt 77: %d", got.StatusCode)
	}
	if got := p.post(t, own+"redeliver", adminSession, nil); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != own {
		t.Errorf("redeliver: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	busy := p.post(t, "/app/deliveries/"+id(666).String()+"/redeliver", adminSession, nil)
	if busy.StatusCode != http.StatusSeeOther || !strings.Contains(busy.Header.Get("Set-Cookie"), "doorito_toast=") {
		t.Errorf("a delivery that is being sent: %d without a word", busy.StatusCode)
	}
}

func TestLivePartsAskAgainOnlyWhileSomethingIsPending(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	for i, want := range []bool{true, false, false, false} { // pending, delivered, failed, cancelled
		page := p.get(t, "/app/deliveries/"+w.deliveries[i].ID.String()+"/", adminSession).body
		if got := strings.Contains(page, `hx-trigger="every`); got != want {
			t.Errorf("a delivery that is %s asks again: %t", w.deliveries[i].Status, got)
		}
	}
}

func TestJobsHaveTheirOwnPolicy(t *testing.T) {
	t.Parallel()
	p := openPortal(t, emptyWorld())
	got := p.get(t, "/admin/jobs/", adminSession)
	if got.StatusCode != http.StatusOK || got.body != "<html><body>the jobs</body></html>" {
		t.Errorf("%d %q", got.StatusCode, got.body)
	}
	if csp := got.Header.Get("Content-Security-Policy"); csp != "" {
		t.Errorf("our policy is on a page that is not ours: %s", csp)
	}
}

func TestStaticFilesAreCachedForEverUnderTheirHash(t *testing.T) {
	t.Parallel()
	p := openPortal(t, emptyWorld())
	page := p.get(t, "/login", "").body
	address := regexp.MustCompile(`/static/app\.css\?v=[0-9a-f]+`).FindString(page)
	got := p.get(t, address, "", header("Accept-Encoding", "gzip"))
	if got.StatusCode != http.StatusOK || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") || got.Header.Get("Content-Encoding") != "gzip" || got.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%s: %d %v", address, got.StatusCode, got.Header)
	}
	if again := p.get(t, address, "", header("If-None-Match", got.Header.Get("ETag"))); again.StatusCode != http.StatusNotModified {
		t.Errorf("with its ETag: %d", again.StatusCode)
	}
	if plain := p.get(t, "/static/app.css", ""); strings.Contains(plain.Header.Get("Cache-Control"), "immutable") {
		t.Error("an address without a hash is cached for ever")
	}
	for _, path := range []string{"/static/_src/input.css", "/static/../go.mod", "/static/none.css"} {
		if got := p.get(t, path, ""); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}

// TestEveryIconIsInTheSprite reads the pages, so that an icon that nobody drew
// is found before somebody sees a hole.
func TestEveryIconIsInTheSprite(t *testing.T) {
	t.Parallel()
	sprite, err := os.ReadFile("../../static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	w := fullWorld()
	p := openPortal(t, w)
	seen := map[string]bool{}
	for _, path := range pages(w) {
		for _, m := range regexp.MustCompile(`#i-([a-z0-9-]+)"`).FindAllStringSubmatch(p.get(t, path, adminSession).body, -1) {
			seen[m[1]] = true
		}
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`Icon: +"([a-z0-9-]+)"`).FindAllStringSubmatch(string(text), -1) {
			seen[m[1]] = true
		}
	}
	for icon := range seen {
		if !strings.Contains(string(sprite), `id="i-`+icon+`"`) {
			t.Errorf("icon %q is not in static/icons.svg", icon)
		}
	}
}

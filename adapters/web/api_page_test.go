package web_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"doorito/adapters/fiberx"
)

var (
	anchorTo = regexp.MustCompile(`href="#([^"]+)"`)
	anchorAt = regexp.MustCompile(` id="([^"]+)"`)
)

func TestTheAPIsPageShowsEachOperationAndLeadsSomewhere(t *testing.T) {
	t.Parallel()
	got := openPortal(t, emptyWorld()).get(t, "/app/api/", staffSession)
	page := html.UnescapeString(got.body)
	for _, want := range []string{
		"Hand in a file", "PUT</b> /api/v1/sessions/{id}/parts/{number}", "export PORTAL=\"http://portal.example\"",
		`curl -X POST "$PORTAL/api/v1/batches/`, `href="/api/v1/openapi.json"`, ">upload</span>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if strings.Contains(page, "(refused)") {
		t.Error("the page shows an operation that only refuses")
	}
	there := map[string]bool{}
	for _, m := range anchorAt.FindAllStringSubmatch(got.body, -1) {
		there[m[1]] = true
	}
	for _, m := range anchorTo.FindAllStringSubmatch(got.body, -1) {
		if !there[m[1]] {
			t.Errorf("#%s leads nowhere", m[1])
		}
	}
}

// The body is refused before anybody is recognised; its page knows them still.
func TestTooLargeAFormLeadsSignedInPeopleBack(t *testing.T) {
	t.Parallel()
	p := openPortal(t, emptyWorld())
	big := strings.Repeat("x", fiberx.MaxSmallBody+1)
	for session, want := range map[string]string{staffSession: "Back to upload", "": "Sign in"} {
		got := p.do(t, http.MethodPost, "/app/tokens/new/", session, strings.NewReader(big), header("Content-Type", "application/x-www-form-urlencoded"))
		if got.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(got.body, want) {
			t.Errorf("%q: %d, without %q", session, got.StatusCode, want)
		}
	}
}

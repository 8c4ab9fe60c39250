package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

// inParts begins an upload of three parts and sends the last of them; it
// returns the id of its session.
func inParts(t *testing.T, c *portal.Client, name string) string {
	t.Helper()
	a := c.Do(t, http.MethodPost, "/api/v1/sessions", "application/json", strings.NewReader(fmt.Sprintf(`{"filename":%q,"size_bytes":%d}`, name, 2*8<<20+500_000)))
	var made struct{ ID string }
	if err := json.Unmarshal(a.Body, &made); err != nil || a.Code != http.StatusCreated {
		t.Fatalf("session: %d %s", a.Code, a.Body)
	}
	sendPart(t, c, made.ID, 3, 500_000)
	return made.ID
}

func sendPart(t *testing.T, c *portal.Client, session string, number, size int) {
	t.Helper()
	path := fmt.Sprintf("/api/v1/sessions/%s/parts/%d", session, number)
	if a := c.Do(t, http.MethodPut, path, "application/octet-stream", bytes.NewReader(make([]byte, size))); a.Code/100 != 2 {
		t.Fatalf("part %d: %d %s", number, a.Code, a.Body)
	}
}

// anAdminFindsAndActs jumps through the admin by keys, watches an upload come in
// and ends it, and marks files by keyboard alone.
func anAdminFindsAndActs(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	c := p.WithToken(t, p.Token(t, "upload,read"))
	report := c.Upload(t, "quarterly report.txt", []byte("a report"))
	c.Upload(t, "other.txt", []byte("another"))
	session := inParts(t, c, "survey.bin")

	w := asAdmin(t, chromium, p)
	w.Go("/app/")
	w.Chord(input.ControlLeft, input.KeyK)
	w.See("#palette input:focus")
	w.Type("quarterly")
	w.See("#palette [data-found].on", "quarterly report.txt")
	w.Press(input.Enter)
	w.At("/app/files/" + report.ID + "/")

	w.Press(input.KeyG, input.KeyA)
	w.At("/admin/")
	w.Press(input.Key('?'))
	w.See("#keys[open]", "Keyboard shortcuts")
	w.Press(input.Escape)
	w.Gone("#keys[open]")

	w.Go("/admin/sessions/" + session + "/")
	w.See("#object", "1 of 3 parts")
	sendPart(t, c, session, 1, 8<<20)
	w.See("#object", "2 of 3 parts")
	w.Until("the map shows two runs", `document.querySelectorAll(".bytes rect:not(.hole)").length === 2`)
	thePressedStays(w, session)
	w.Click("#ask-abort-open")
	w.Click("#ask-abort button", "Abort upload")
	w.See("h1 + div .pill", "Aborted")
	w.See("main", "Aborted")
	theDashboardLeadsToIt(w)
	everythingIsSearched(w, report.ID)

	w.Go("/admin/files/?status=stored")
	w.Press(input.KeyJ)
	w.See("tbody tr:first-child a:focus")
	w.Press(input.KeyX)
	w.See(".bulk", "1 selected")
	w.Click(".bulk button", "Mark processed")
	w.See(".toast", "1 file marked processed")
	w.At("/admin/files/?status=stored")
	w.Click("#list-order")
	w.See(".panel-f", "oldest first")
}

// thePressedStays presses a link of a part that comes anew each second, and lets
// go two answers later.
func thePressedStays(w *browser.Page, session string) {
	const asked = `performance.getEntriesByType("resource").filter((r) => r.name === location.href && r.responseEnd > 0).length`
	var before int
	release := w.Hold("#object a", "In the list")
	w.Value(asked, &before)
	w.Until("it was asked for twice", fmt.Sprintf("%s >= %d", asked, before+2))
	release()
	w.At("/admin/parts/?session=" + session)
	w.See("tbody a", "survey.bin")
	w.Go("/admin/sessions/" + session + "/")
}

// theDashboardLeadsToIt looks at each span, and goes where what needs attention
// leads: to the file of the upload that was aborted.
func theDashboardLeadsToIt(w *browser.Page) {
	w.Go("/app/")
	w.See("h1", "Seven days")
	for id, title := range map[string]string{"span-24h": "Last 24 hours", "span-30d": "Thirty days", "span-7d": "Seven days"} {
		w.Click("#" + id)
		w.See("h1", title)
		w.See("#" + id + "[aria-current=true]")
		w.See("svg.chart[aria-label^='Files over time: 2 stored, 1 refused']")
	}
	w.See("#attention li", "1 file failed since yesterday")
	w.Click("#attention a", "See files")
	w.At("/app/files/?status=failed")
	w.See("tbody a", "survey.bin")
	w.Gone("tbody a", "other.txt")
}

// everythingIsSearched types, goes to a result by keys, finds nothing, and comes
// in from the palette.
func everythingIsSearched(w *browser.Page, report string) {
	w.Go("/app/search/")
	w.Click("#search-words")
	w.Type("quarter")
	w.See("#search-found a", "quarterly report.txt")
	w.Gone("#search-found a", "other.txt")
	w.At("/app/search/?q=quarter")
	w.TabTo("#search-found a", "quarterly report.txt")
	w.Press(input.Enter)
	w.At("/app/files/" + report + "/")

	w.Chord(input.ControlLeft, input.KeyK)
	w.See("#palette input:focus")
	w.Type("zeppelin")
	w.See("#palette #found-all", "zeppelin")
	w.Click("#palette #found-all")
	w.At("/app/search/?q=zeppelin")
	w.See("#search-found", "Nothing has that in its name")
}

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

func listsAreSearched(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	c := p.WithToken(t, p.Token(t, "upload"))
	for i := range 53 {
		c.Upload(t, fmt.Sprintf("report %02d.txt", i), []byte("a report"))
	}
	for i := range 4 {
		c.Upload(t, fmt.Sprintf("invoice %02d.txt", i), []byte("an invoice"))
	}
	w := asAdmin(t, chromium, p)
	w.Go("/app/files/")
	seeRows(t, w, 50, "")
	w.Press(input.Slash)
	w.See("#list-q:focus")
	w.Type("report")
	w.Press(input.Enter)
	w.At("/app/files/?q=report")
	seeRows(t, w, 50, "report")
	w.Click("#menu-status")
	w.Click("details[open] a", "Stored")
	w.See(".chip", "Stored")
	w.See(".panel-f", "50 of 53")
	first := w.Path()
	if !strings.Contains(first, "q=report") || !strings.Contains(first, "status=stored") {
		t.Errorf("the address is %s", first)
	}

	w.Click("a[rel=next]", "Older")
	seeRows(t, w, 3, "report")
	w.See(".chip", "Stored")
	second := w.Path()
	w.Click("a[rel=prev]", "Newer")
	seeRows(t, w, 50, "report")
	w.Back()
	w.At(second)
	seeRows(t, w, 3, "report")
	w.Back()
	w.At(first)
	seeRows(t, w, 50, "report")
	w.Until("the search still says what is searched", `document.querySelector("#list-q").value === "report"`)
	w.Reload()
	seeRows(t, w, 50, "report")

	w.Click("[aria-label^='Remove filter Status']")
	w.Gone(".chip", "Stored")
	seeRows(t, w, 50, "report")
	w.Fill("Search files", "no such file")
	w.Press(input.Enter)
	w.See("h3", "No files match")
	w.Click("a", "Clear")
	w.At("/app/files/")
	seeRows(t, w, 50, "")
}

// seeRows sees n rows, each with a name that has the word.
func seeRows(t *testing.T, w *browser.Page, n int, word string) {
	t.Helper()
	w.Until(fmt.Sprintf("there are %d rows of %q", n, word), fmt.Sprintf(
		`((names) => names.length === %d && names.every((a) => a.title.includes(%q)))([...document.querySelectorAll("tbody a.name")])`, n, word))
}

func filesAreDeletedTogether(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	c := p.WithToken(t, p.Token(t, "upload"))
	for i := range 6 {
		c.Upload(t, fmt.Sprintf("old %d.txt", i), make([]byte, 1000*(i+1)))
	}
	c.Upload(t, "kept.txt", []byte("kept"))
	w := asAdmin(t, chromium, p)
	w.Go("/app/files/?q=old")
	seeRows(t, w, 6, "old")
	if n := w.Count(".bulk"); n != 0 {
		t.Error("the bar stands before anything is ticked")
	}
	for _, i := range []string{"0", "2", "4"} {
		w.Click("input[aria-label='Select old " + i + ".txt']")
	}
	w.See(".bulk", "3 selected")
	w.See(".bulk", "9.00")
	w.Click(".bulk button", "Delete…")
	w.See("dialog h3", "Delete 3 files?")
	w.Press(input.Escape)
	w.Gone("dialog h3")
	w.See(".bulk", "3 selected")
	w.Click(".bulk button", "Delete…")
	w.Click("dialog button", "Delete 3 files")
	w.See(".toast", "3 files deleted")
	w.At("/app/files/?q=old")
	w.Go("/app/files/?status=stored")
	seeRows(t, w, 4, ".txt")
	w.Click("input[data-pick-all]")
	w.See(".bulk", "4 selected")
	w.Click(".bulk button", "Clear")
	w.Gone(".bulk")
}

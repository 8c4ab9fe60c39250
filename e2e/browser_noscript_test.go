package e2e

import (
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
	"doorito/e2e/world"
)

func withoutJavaScript(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	r := world.NewReceiver(t)
	w := chromium.Visit(t, p.URL)
	w.NoScript()

	w.Go("/login")
	w.Fill("Email", portal.AdminEmail)
	w.Fill("Password", portal.AdminPassword)
	w.Click("button", "Sign in")
	w.At("/app/")

	dir := t.TempDir()
	one, sum := onDisk(t, dir, "one.txt", []byte("the first"))
	two, _ := onDisk(t, dir, "Zwei März.txt", []byte("the second"))
	w.Go("/app/upload/")
	w.Fill("Label of the batch", "Plain papers")
	w.Choose(func() { w.Click("#pick") }, one, two)
	w.Click("button", "Upload files")
	w.See("section", "What came in")
	w.See("li", sum[:8])
	w.See("li", "Zwei März.txt")
	w.Click("a", "Open batch")
	w.See("h1", "Plain papers")
	w.See(".pill", "Complete")

	w.Go("/app/files/")
	w.Click("#menu-status")
	w.Click("details[open] a", "Stored")
	w.See(".chip", "Stored")
	w.See("table", "one.txt")
	w.Click("tr:has(a[title='one.txt']) input.pick")
	w.Click(".bulk button", "Delete")
	w.See("dialog", "This cannot be undone.")
	w.Click("dialog button", "Delete")
	w.See(".toast", "1 file deleted")
	w.See("table", "Zwei März.txt")
	w.Gone("table", "one.txt")

	w.Go("/app/endpoints/new/")
	w.Fill("Address", r.URL+"/hook")
	w.Click("button", "Add endpoint")
	w.See("#the-secret", "whsec_")
	w.Click("a", "Open endpoint")
	w.Click("button", "Send test event")
	w.See("#test", "204")
	w.Click("summary", "account menu")
	w.Click("button", "Sign out")
	w.At("/login")
}

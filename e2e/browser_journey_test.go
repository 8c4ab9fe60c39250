package e2e

import (
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// fromLoginToRedelivery walks the whole way in both forms of the portal.
func fromLoginToRedelivery(t *testing.T, chromium *browser.Browser) {
	t.Run("embedded", func(t *testing.T) {
		p := portal.MustStart(t, portal.Options{})
		walkTheWholeWay(t, chromium, &deployment{Portal: p, worker: p, embedded: true})
	})
	t.Run("production", func(t *testing.T) { walkTheWholeWay(t, chromium, production(t)) })
}

func walkTheWholeWay(t *testing.T, chromium *browser.Browser, d *deployment) {
	r := world.NewReceiver(t)
	endpoint(t, d, r, "file.stored")
	w := chromium.Visit(t, d.URL)

	w.Go("/app/upload/")
	w.At("/login")
	w.Forgive("status of 401")
	w.Fill("Email", portal.AdminEmail)
	w.Fill("Password", "not the password")
	w.Click("button", "Sign in")
	w.See("[role=alert]", "do not match")
	w.Fill("Password", portal.AdminPassword)
	w.Click("button", "Sign in")
	w.At("/app/upload/")

	sums := dropThree(t, w)
	w.See("main", "3 files are here")
	w.See(".pill", "Complete")
	seeStored(t, w, sums)

	w.Click(row("big film.bin", " a"), "Open")
	w.See("h1", "big film.bin")
	if got := w.Attr("#copy-hash", "data-copy"); got != sums["big film.bin"] {
		t.Errorf("the page says SHA-256 %s", got)
	}
	w.See("section", "1 of 1 delivered")
	r.Await(t, 3)
	w.Click("table a.name", "127.0.0.1")
	w.At("/app/deliveries/")
	seeTheDelivery(t, w, sums["big film.bin"])

	w.Click("button", "Send again")
	r.Await(t, 4)
	w.See("#try-2", "Attempt 2")
	w.See("li", "204")
	w.Click("#seg-1")
	w.See("section", "answer to attempt 1")
}

// dropThree drops three files, sees the big one on its way, and returns their
// sums by name.
func dropThree(t *testing.T, w *browser.Page) map[string]string {
	t.Helper()
	dir, sums := t.TempDir(), map[string]string{}
	var paths []string
	for name, size := range map[string]int{"big film.bin": 4_000_000, "Vertrag März.txt": 900, "scan <b>1<b>.txt": 12_000} {
		path, sum := onDisk(t, dir, name, noise(size))
		paths, sums[name] = append(paths, path), sum
	}
	w.Connect(slow)
	letGo := w.Drag("main", paths...)
	w.See("p", "Let go to add 3 files")
	letGo()
	w.See(".pill", "Uploading")
	w.Until("the big file is on its way, neither at its start nor at its end",
		`((m) => m.value > 0 && m.value < 100)(document.querySelector('[data-file="big film.bin"] progress'))`)
	w.See(row("big film.bin"), "of 4.00 MB")
	w.Connect(browser.Network{})
	return sums
}

// seeStored sees every row end with its sum.
func seeStored(t *testing.T, w *browser.Page, sums map[string]string) {
	t.Helper()
	for name, sum := range sums {
		w.See(row(name, "[data-state=stored]"), sum[:8])
		if got := w.Attr(row(name, " .id"), "title"); got != sum {
			t.Errorf("%s has SHA-256 %s, the page says %s", name, sum, got)
		}
	}
}

// seeTheDelivery sees request, response and duration of the first attempt.
func seeTheDelivery(t *testing.T, w *browser.Page, sum string) {
	t.Helper()
	w.See("h1", "file.stored to")
	w.See(".pill", "Delivered")
	w.See("#try-1", "Attempt 1")
	w.See("section", "webhook-signature")
	w.See("#request-body", sum)
	w.See("section", "204")
	w.See("section", "The answer has no body.")
	if took := w.Text("li:has(#try-1) b"); took == "" {
		t.Error("the attempt has no duration")
	}
}

package e2e

import (
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

const (
	// isDark is whether the page is drawn dark, whoever decided that.
	isDark = `((c) => c[0] + c[1] + c[2] < 200)(((p) => { p.fillStyle = getComputedStyle(document.documentElement).backgroundColor; p.fillRect(0, 0, 1, 1); return p.getImageData(0, 0, 1, 1).data; })(document.createElement("canvas").getContext("2d")))`
	// sentTheme is what the server wrote on the page, before any script ran.
	sentTheme = `fetch(location.href).then((r) => r.text()).then((t) => (t.match(/<html[^>]*data-theme="(\w+)"/) ?? ["", ""])[1])`
)

func theThemeIsKept(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	sent := func(want string) {
		t.Helper()
		var got string
		if w.Value(sentTheme, &got); got != want {
			t.Errorf("the server sends the page with theme %q, not %q", got, want)
		}
	}
	w.System("light")
	w.Go("/app/")
	w.Until("it is light as the system", "!"+isDark)
	w.System("dark")
	w.Until("it follows the system into the dark", isDark)
	sent("")

	w.Click("label[title=Light]")
	w.Until("it is light against the system", "!"+isDark)
	w.Reload()
	w.Until("it stays light", "!"+isDark)
	sent("light")
	w.System("light")
	w.Click("label[title=Dark]")
	w.Until("it is dark against the system", isDark)
	w.Go("/app/files/")
	w.Until("every page is dark", isDark)
	w.Until("the switch says so", `document.querySelector("input[name=theme][value=dark]").checked`)
	sent("dark")

	w.Click("label[title='As the system']")
	w.Until("it is the system's choice again", "!"+isDark)
	w.Reload()
	w.Until("and stays so", "!"+isDark)
	sent("")
}

func theJobsAreForAdmins(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	p.WithToken(t, p.Token(t, "upload")).Upload(t, "a.txt", []byte("something to do"))
	w := asAdmin(t, chromium, p)
	w.Go("/app/")
	w.Click("nav a", "Jobs")
	w.At("/admin/jobs/")
	for _, queue := range []string{"relay", "delivery", "housekeeping"} {
		w.See("#root table", queue)
	}
	w.Click("a", "Back to Doorito")
	w.At("/app/")

	s := signedIn(t, chromium, p, "ana@example.com", p.MustCLI(t, "user", "create", "ana@example.com"))
	s.Forgive("status of 403")
	s.Go("/app/")
	s.Gone("nav a", "Jobs")
	s.Go("/admin/jobs/")
	s.See("h1", "This door is not yours to open")
	s.Click("a", "Go to the dashboard")
	s.At("/app/")
}

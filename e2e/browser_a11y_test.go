package e2e

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// inspect holds a page as it stands against the promises of the look: axe-core
// finds nothing, at the widths of a desk and of a phone, light and dark; and
// nothing scrolls sideways. A theme changes colours alone, so that the other
// rules are asked once a width.
func inspect(t *testing.T, w *browser.Page, name string) {
	t.Helper()
	for _, width := range []int{320, 390, 1440} {
		w.Size(width, 900)
		for _, wide := range w.Overflow() {
			t.Errorf("%s scrolls sideways at %d px: %s", name, width, wide)
		}
		if width == 320 {
			continue
		}
		all := w.Axe()
		for _, theme := range []string{"light", "dark"} {
			w.System(theme)
			all = append(all, w.AxeColours()...)
			w.Picture(strings.Join([]string{name, strconv.Itoa(width), theme}, "-"))
		}
		for _, found := range all {
			t.Errorf("%s at %d px: %s", name, width, found)
		}
	}
}

// barePagesAreAccessible visits what a portal shows on its first day, and the
// way in.
func barePagesAreAccessible(t *testing.T, chromium *browser.Browser) {
	bare := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, bare)
	for _, page := range []string{"", "upload", "files", "batches", "endpoints", "deliveries", "events", "tokens"} {
		w.Go(strings.TrimSuffix("/app/"+page, "/") + "/")
		inspect(t, w, "bare-"+page)
	}
	a := chromium.Visit(t, bare.URL)
	a.Forgive("status of 401")
	a.Go("/login")
	inspect(t, a, "login")
	a.Size(1440, 900)
	a.Fill("Email", "ana@example.com")
	a.Fill("Password", "not the password")
	a.Click("button", "Sign in")
	a.See("[role=alert]")
	inspect(t, a, "login-refused")
}

// everyPageIsAccessible visits every page of a portal in which all kinds of
// things have happened.
func everyPageIsAccessible(t *testing.T, chromium *browser.Browser) {
	l := newLived(t)
	w := asAdmin(t, chromium, l.Portal)
	for _, page := range l.pages(t) {
		w.Go(page.path)
		w.See("h1")
		inspect(t, w, page.name)
	}
}

// whatOpensIsAccessible looks at what stands over a page, at results and at the
// pages that say no.
func whatOpensIsAccessible(t *testing.T, chromium *browser.Browser) {
	l := newLived(t)
	w := asAdmin(t, chromium, l.Portal)
	inspectWhatOpens(t, w, l)
	inspectUploads(t, w)
	inspectNewEndpoint(t, w)
	inspectRefusals(t, chromium, w, l)
}

// inspectWhatOpens looks at what stands over a page: palette, menus, questions.
func inspectWhatOpens(t *testing.T, w *browser.Page, l *lived) {
	t.Helper()
	w.Size(1440, 900)
	w.Go("/app/files/")
	w.Chord(input.ControlLeft, input.KeyK)
	w.See("#palette input")
	inspect(t, w, "palette")
	w.Press(input.Escape)
	w.Click("input[data-pick-all]")
	w.Click("#menu-status")
	inspect(t, w, "files-selected")
	w.Size(1440, 900)
	w.Click(".bulk button", "Delete…")
	w.See("dialog h3")
	inspect(t, w, "files-question")
	w.Go("/app/files/" + l.plain.ID + "/")
	w.Click("#ask-delete-open")
	w.See("dialog h3")
	inspect(t, w, "file-question")
	w.Press(input.Escape)
	w.Size(390, 900)
	w.Click(".bar button", "Menu")
	w.See(".side nav")
	w.Click("summary", "account menu")
	all := w.Axe()
	for _, theme := range []string{"light", "dark"} {
		w.System(theme)
		all = append(all, w.AxeColours()...)
	}
	for _, found := range all {
		t.Errorf("the menu on a phone: %s", found)
	}
	w.Picture("menu-390-dark")
	w.Size(1440, 900)
}

// inspectUploads looks at the upload page with results, of the script and of the
// plain form.
func inspectUploads(t *testing.T, w *browser.Page) {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for name, content := range map[string]string{longName: "long", rightToLeft: "from the right", "refused.png": "PK\x03\x04 no picture"} {
		path, _ := onDisk(t, dir, name, []byte(content))
		paths = append(paths, path)
	}
	w.Forgive("status of 415")
	w.Go("/app/upload/")
	w.Drop("main", paths...)
	w.See("main", "2 of 3 files")
	inspect(t, w, "upload-results")
	w.Go("/app/upload/")
	w.Value(`(() => {
		const files = new DataTransfer();
		files.items.add(new File(["hello"], "plain.txt"));
		files.items.add(new File(["PK\x03\x04"], "refused.png"));
		document.querySelector("#pick").files = files.files;
		document.querySelector("[data-u=form]").submit();
	})()`, nil)
	w.See("section", "What came in")
	inspect(t, w, "upload-plain-results")
}

// inspectNewEndpoint looks at the form with its error, and at the page with the
// secret.
func inspectNewEndpoint(t *testing.T, w *browser.Page) {
	t.Helper()
	w.Size(1440, 900)
	w.Forgive("status of 400", "status of 422")
	w.Go("/app/endpoints/new/")
	w.Fill("Address", "ftp://files.example/")
	w.Click("button", "Add endpoint")
	w.See("#url-err")
	inspect(t, w, "endpoint-new-refused")
	w.Size(1440, 900)
	w.Fill("Address", "https://"+strings.Repeat("a-long-host-name.", 6)+"example/"+strings.Repeat("hooks/", 12))
	w.Click("button", "Add endpoint")
	w.See("#the-secret")
	inspect(t, w, "endpoint-created")
	w.Size(1440, 900)
	w.Click("a", "Open endpoint")
	w.Click("#secrets button", "Rotate…")
	w.See("dialog h3", "Make a new secret")
	inspect(t, w, "endpoint-rotate")
	w.Size(1440, 900)
	w.Value(`document.querySelector("#kind").value = "v1a"`, nil)
	w.Click("dialog button", "Make a new secret")
	w.See("#secrets code", "whpk_")
	w.Click("#secrets button", "Rotate…")
	w.Click("dialog button", "Make a new secret")
	w.See("#secrets .pill", "Previous")
	w.Click("#certificate a", "Set a certificate")
	w.Click("label", "Certificate")
	w.Fill("Certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")
	w.Fill("Private key", "not a key")
	w.Click("button", "Save certificate")
	w.See("#private_key-err")
	inspect(t, w, "endpoint-certificate-refused")
	w.Size(1440, 900)
	cert, key := world.ClientCert(t, time.Now().Add(20*24*time.Hour-time.Minute))
	w.Fill("Certificate", cert)
	w.Fill("Private key", key)
	w.Click("button", "Save certificate")
	w.See("#certificate .pill", "Expires in 19 d")
	w.See("#secrets .pill", "Previous")
	inspect(t, w, "endpoint-keys")
}

// inspectRefusals looks at the pages that say no.
func inspectRefusals(t *testing.T, chromium *browser.Browser, w *browser.Page, l *lived) {
	t.Helper()
	delivery := l.first(t, "/app/deliveries/", "/app/deliveries/")
	w.Forgive("status of 404", "status of 405", "status of 413", "status of 500", "status of 503")
	w.Go("/app/nowhere/")
	w.See("h1")
	inspect(t, w, "404")
	w.Go("/logout")
	w.See("h1")
	inspect(t, w, "405")
	w.Value(`(() => {
		const form = document.createElement("form");
		form.method = "post";
		form.action = "/app/files/";
		const field = form.appendChild(document.createElement("input"));
		field.name = "_csrf";
		field.value = "x".repeat(3000000);
		document.body.append(form);
		form.submit();
	})()`, nil)
	w.See("p", "413")
	inspect(t, w, "413")

	s := signedIn(t, chromium, l.Portal, staff, l.staffPassword)
	s.Forgive("status of 403")
	s.Go("/app/endpoints/")
	s.See("h1", "This door is not yours to open")
	inspect(t, s, "403")
	for _, page := range []string{"", "files/", "batches/"} {
		s.Go("/app/" + page)
		inspect(t, s, "staff-"+strings.TrimSuffix(page, "/"))
	}

	l.breakDown(t)
	w.Go("/app/files/" + l.plain.ID + "/download")
	w.See("p", "503")
	inspect(t, w, "503")
	w.Go("/app/deliveries/" + delivery + "/")
	w.See("p", "500")
	inspect(t, w, "500")
}

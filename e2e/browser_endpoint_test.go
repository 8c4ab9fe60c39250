package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
	"doorito/e2e/world"
)

func anAdminLooksAfterAnEndpoint(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	r := world.NewReceiver(t)
	w := asAdmin(t, chromium, p)

	w.Go("/app/endpoints/")
	w.Click("a", "Add endpoint")
	w.At("/app/endpoints/new/")
	w.Fill("Address", r.URL+"/hook")
	w.Fill("Name", "Customs broker")
	w.Click("input[value='file.stored']")
	w.Click("input[value='batch.*']")
	w.Click("button", "Add endpoint")
	w.See("h1", "Customs broker is listening")
	secret := w.Text("#the-secret")
	if !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("the secret is %q", secret)
	}
	copies(t, func() { w.Click("[aria-label='Copy secret']") }, func() (ok bool) {
		copied := w.Clipboard()
		w.Value(`document.querySelector("[aria-label='Copy secret'] use[href*='i-check']") !== null`, &ok) // for a second and a half
		return ok && copied == secret
	})
	seeTheGuide(t, w)

	w.Click("a", "Open endpoint")
	w.See("dd .tag", "file.stored")
	w.See("dd .tag", "batch.*")
	w.Gone("code", secret)
	testEventsAnswerInPlace(t, w, r)
	w.Click("#secrets button", "Show")
	w.See("#secrets code", secret)
	w.See("#endpoint-history", "Secret shown by")
	secretsAreRotatedAndRetired(t, w, r, secret)
	conditionsAndHeaders(t, w, r)
	editingKeepsWhatWasTyped(t, w, r)
	switchedOffAndOn(t, w, p, r)

	w.Reload()
	w.Click("summary[aria-label=More]")
	w.Click(".menu button", "Delete…")
	w.See("dialog h3", "Delete Customs broker EU?")
	w.See("dialog", "5 deliveries go with it, with every attempt.")
	w.Click("dialog button", "Keep it")
	w.Gone("dialog h3", "Delete")
	w.Click("summary[aria-label=More]")
	w.Click(".menu button", "Delete…")
	w.Click("dialog button", "Delete endpoint")
	w.At("/app/endpoints/")
	w.See(".toast", "Endpoint deleted with its deliveries.")
	w.Gone("table a", "Customs broker EU")
}

// secretsAreRotatedAndRetired: a new secret, then a key pair, sign beside the
// first one, which is retired.
func secretsAreRotatedAndRetired(t *testing.T, w *browser.Page, r *world.Receiver, first string) {
	t.Helper()
	w.Click("#secrets button", "Rotate…")
	w.See("dialog h3", "Make a new secret for Customs broker?")
	w.Click("dialog button", "Make a new secret")
	w.See("#secrets .pill", "Previous")
	w.Until("a new secret is shown", `[...document.querySelectorAll("#secrets code")].some(c => /^whsec_.{43}=$/.test(c.textContent) && c.textContent !== "`+first+`")`)
	w.Until("the dialog is closed", `!document.querySelector("dialog[open]")`)
	w.Click("#secrets button", "Rotate…")
	w.Value(`document.querySelector("#kind").value = "v1a"`, nil)
	w.Click("dialog button", "Make a new secret")
	w.See("#secrets code", "whpk_")
	w.Picture("endpoint-secrets")
	w.Click("button", "Send test event")
	w.See("#test .pill", "Delivered")
	got := r.Got()
	if n := len(strings.Fields(got[len(got)-1].Header.Get("Webhook-Signature"))); n != 3 {
		t.Errorf("%d signatures", n)
	}
	w.Click("li:has(.is-pending) button", "Retire now…")
	w.See("dialog", "It cannot be brought back.")
	w.Click("dialog button", "Retire it")
	w.See(".toast", "Retired.")
	w.Gone("#secrets .pill", "Previous")
}

// conditionsAndHeaders: the form tells at once what its conditions would have
// let through, and keeps the value of a header to itself.
func conditionsAndHeaders(t *testing.T, w *browser.Page, r *world.Receiver) {
	t.Helper()
	w.Click("a", "Edit")
	w.Until("the form has its script", `location.pathname.endsWith("/edit/") && document.readyState === "complete"`)
	w.Fill("Content type", "image")
	w.See("#preview .err", "not a content type")
	w.Fill("Content type", "image/*")
	w.Gone("#preview .err", "not a content type")
	w.Fill("Name of header 1", "X-Tenant")
	w.Fill("Value of header 1", "halden-hush")
	w.Picture("endpoint-form")
	w.Click("button", "Save changes")
	w.See("dd", "type image/*")
	w.See("dd code", "X-Tenant")
	w.Gone("body", "halden-hush")
	w.Click("button", "Send test event")
	w.See("#test .pill", "Delivered")
	got := r.Got()
	if v := got[len(got)-1].Header.Get("X-Tenant"); v != "halden-hush" {
		t.Errorf("sent %q", v)
	}
	w.Click("a", "Edit")
	w.Fill("Content type", "")
	w.Click("button", "Save changes")
	w.Gone("dd", "type image/*")
}

// copies clicks until what is copied is as wished. The clipboard is one for all
// windows of the browser: another test may copy in between.
func copies(t *testing.T, click func(), wished func() bool) {
	t.Helper()
	world.Eventually(t, "copied", func() bool {
		click()
		return wished()
	})
}

// seeTheGuide sees how to verify in three languages.
func seeTheGuide(t *testing.T, w *browser.Page) {
	t.Helper()
	for lang, word := range map[string]string{"Go": "hmac.New(sha256.New", "Python": "def verify(", "Node": "export function verify("} {
		id := "#code-" + strings.ToLower(lang)
		if lang != "Go" { // the first is open
			w.Click("details[name=verify] summary", lang)
		}
		w.See(id, word)
		copies(t, func() { w.Click("button[data-copy-from='"+id+"']", "Copy Verifying in "+lang) }, func() bool { return strings.Contains(w.Clipboard(), word) })
		w.Click("details[name=verify] summary", "Go")
	}
}

func testEventsAnswerInPlace(t *testing.T, w *browser.Page, r *world.Receiver) {
	t.Helper()
	at := w.Path()
	w.Click("button", "Send test event")
	w.See("#test .pill", "Delivered")
	w.See("#test", "204")
	if got := r.Await(t, 1)[0].Header.Get("X-Webhook-Event"); got != "ping" {
		t.Errorf("sent as %s", got)
	}
	r.Answer(http.StatusTeapot)
	w.Click("button", "Send test event")
	w.See("#test .pill", "Failed")
	w.See("#test", "418")
	r.Answer(http.StatusNoContent)
	if w.Path() != at {
		t.Errorf("the answer is at %s", w.Path())
	}
}

func editingKeepsWhatWasTyped(t *testing.T, w *browser.Page, r *world.Receiver) {
	t.Helper()
	w.Forgive("status of 400", "status of 422")
	w.Click("a", "Edit")
	w.Fill("Name", "Customs broker EU")
	w.Fill("Address", "ftp://files.example/in")
	w.Click("input[value='file.deleted']")
	w.Click("button", "Save changes")
	w.See("#url-err")
	w.Until("what was typed still stands", `document.querySelector("#url").value === "ftp://files.example/in" && document.querySelector("#name").value === "Customs broker EU" && document.querySelector("input[value='file.deleted']").checked && document.querySelector("input[value='file.stored']").checked && !document.querySelector("input[value='file.failed']").checked`)
	w.Fill("Address", r.URL+"/other")
	w.Click("button", "Save changes")
	w.See(".toast", "Saved.")
	w.See("h1", "Customs broker EU")
	w.See("dd .tag", "file.deleted")
}

func switchedOffAndOn(t *testing.T, w *browser.Page, p *portal.Portal, r *world.Receiver) {
	t.Helper()
	w.Click("summary[aria-label=More]")
	w.Click(".menu button", "Switch off…")
	w.See("dialog h3", "Switch Customs broker EU off?")
	w.Click("dialog button", "Switch off")
	w.See(".banner", "Switched off since")
	c := p.WithToken(t, p.Token(t, "upload,read,admin"))
	c.Upload(t, "unheard.txt", []byte("nobody listens"))
	world.Eventually(t, "its event found that nobody listens", func() bool {
		return !strings.Contains(string(c.Get(t, "/api/v1/events?status=pending").Body), "unheard.txt")
	})
	w.Click("summary[aria-label=More]")
	w.Click(".menu button", "Switch on")
	w.See(".toast", "Switched on.")
	w.Gone(".banner", "Switched off since")
	heard := c.Upload(t, "heard.txt", []byte("somebody listens"))
	world.Eventually(t, "the file that somebody listened to was sent", func() bool {
		return slices.ContainsFunc(r.Got(), func(w world.Webhook) bool { return read(t, w).Data.FileID == heard.ID })
	})
	for _, got := range r.Got() {
		if id := read(t, got).Data.FileID; id != "" && id != heard.ID {
			t.Errorf("sent while it was switched off: %s", id)
		}
	}
}

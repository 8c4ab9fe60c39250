package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// theConsoleByKeyboard walks through everything an admin does with webhooks,
// without a mouse: menus and dialogs open, keep and give back the focus, and Tab
// comes to whatever can be used.
func theConsoleByKeyboard(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{Env: []string{"WEBHOOK_RETRY_SCHEDULE=0s"}})
	r := world.NewReceiver(t)
	r.Answer(http.StatusTeapot)
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(p.MustCLI(t, "endpoint", "create", "--name", "Archive", "--url", r.URL+"/hook", "--events", "file.stored")), &made); err != nil {
		t.Fatal(err)
	}
	p.WithToken(t, p.Token(t, "upload")).Upload(t, "report.txt", []byte("a report"))
	r.Await(t, 1)
	own := "/app/endpoints/" + made.ID + "/"

	w := chromium.Visit(t, p.URL)
	w.System("light")
	w.Go("/login")
	w.TabTo("#email")
	w.Type(portal.AdminEmail)
	w.Press(input.Tab)
	w.Type(portal.AdminPassword)
	w.Press(input.Enter)
	w.At("/app/")
	w.Press(input.Tab)
	w.See(".skip:focus", "Skip to content")
	w.Press(input.Enter)
	w.See("#main:focus")

	w.Chord(input.ControlLeft, input.KeyK)
	w.See("#palette input:focus")
	w.Type("endpoints")
	w.Press(input.Enter)
	w.At("/app/endpoints/")
	w.TabTo("table a", "Archive")
	w.Press(input.Enter)
	w.At(own)
	everythingIsReachedByTab(t, w)
	menuAndDialogByKeyboard(t, w)

	w.TabTo("button", "Send test event")
	r.Answer(http.StatusNoContent)
	w.Press(input.Enter)
	w.See("#test", "204")
	sampleByKeyboard(t, w, r, own)
	deliveriesByKeyboard(t, w, r)

	for _, page := range []string{own + "replay/", own + "edit/", own + "certificate/", "/app/deliveries/stuck/", "/app/replays/", "/app/events/", "/app/endpoints/receive/"} {
		w.Go(page)
		everythingIsReachedByTab(t, w)
	}
	w.Go(own + "replay/")
	w.TabTo("input[name=scope]:checked")
	w.Press(input.ArrowDown)
	w.See("input[value=all]:checked")
	w.TabTo("button", "Count first")
	w.Press(input.Enter)
	w.See("#preview-sends", "1")
	w.TabTo("button", "Start replay")
	w.Press(input.Enter)
	w.At("/app/replays/0")
	w.See(".pill", "Complete")
}

// menuAndDialogByKeyboard opens a menu and what it asks, and leaves both.
func menuAndDialogByKeyboard(t *testing.T, w *browser.Page) {
	t.Helper()
	const more = "summary[aria-label=More]"
	w.TabTo(more)
	w.Press(input.Enter)
	w.See("details[open] .menu a", "Replay")
	w.Press(input.ArrowDown)
	w.See(".menu a:focus", "Send a sample event")
	w.Press(input.ArrowUp)
	w.See(".menu button:focus", "Delete")
	w.Press(input.Escape)
	w.Gone("details[open] .menu")
	w.See(more + ":focus")

	w.Press(input.Enter, input.ArrowUp, input.Enter)
	w.See("dialog h3", "Delete Archive?")
	w.See("dialog button:focus", "Keep it")
	for range 5 {
		w.Press(input.Tab)
		w.Until("the focus stays in the dialog", `document.activeElement === document.body || document.activeElement.closest("dialog[open]")`)
	}
	w.Press(input.Escape)
	w.Gone("dialog h3")
	w.See(more + ":focus")

	w.TabTo("#secrets button", "Rotate…")
	w.Press(input.Enter)
	w.See("dialog h3", "Make a new secret")
	w.Press(input.Escape)
	w.See("#secrets button:focus", "Rotate…")
}

// sampleByKeyboard sends a sample with data of one's own.
func sampleByKeyboard(t *testing.T, w *browser.Page, r *world.Receiver, own string) {
	t.Helper()
	w.Go(own)
	w.TabTo("summary[aria-label=More]")
	w.Press(input.Enter, input.ArrowDown, input.Enter)
	w.At(own + "sample/")
	everythingIsReachedByTab(t, w)
	w.Go(own + "sample/?type=batch.completed")
	w.TabTo("#data")
	w.Chord(input.ControlLeft, input.KeyA)
	w.Type(`{"batch_id": "by keyboard"}`)
	w.TabTo("button", "Send sample")
	before := len(r.Got())
	w.Press(input.Enter)
	w.At("/app/deliveries/0")
	w.See("#request-body", "by keyboard")
	if got := string(r.Await(t, before+1)[before].Body); !strings.Contains(got, "by keyboard") {
		t.Errorf("sent %s", got)
	}
}

// deliveriesByKeyboard filters the list, sends one again and selects.
func deliveriesByKeyboard(t *testing.T, w *browser.Page, r *world.Receiver) {
	t.Helper()
	w.Go("/app/deliveries/")
	w.Press(input.Slash)
	w.See("#list-q:focus")
	w.Type("report")
	w.Press(input.Enter)
	w.At("/app/deliveries/?q=report")
	w.TabTo("#menu-code")
	w.Press(input.Enter, input.ArrowDown, input.ArrowDown, input.ArrowDown)
	w.See(".menu a:focus", "4xx")
	w.Press(input.Enter)
	w.See(".chip", "4xx refused")
	everythingIsReachedByTab(t, w)
	w.TabTo("tbody input[type=checkbox]")
	w.Press(input.Space)
	w.TabTo(".bulk button", "Send again…")
	w.Press(input.Enter)
	w.See("dialog h3", "Send again")
	w.Press(input.Escape)
	w.See(".bulk button:focus", "Send again…")
	w.TabTo("table a", "report.txt")
	w.Press(input.Enter)
	w.See("h1", "file.stored to Archive")
	everythingIsReachedByTab(t, w)
	w.TabTo("#copy-curl")
	w.Press(input.Enter)
	w.See(".toast", "Copied.")
	before := len(r.Got())
	w.TabTo("#send-again")
	w.Press(input.Enter)
	r.Await(t, before+1)
	w.See(".pill", "Delivered")
}

// everythingIsReachedByTab presses Tab through the whole page: each link, button,
// field and scrolling part is met, in sight and with a ring around it. Of radio
// buttons the chosen one is.
func everythingIsReachedByTab(t *testing.T, w *browser.Page) {
	t.Helper()
	var n int
	w.Value(`(() => {
		document.activeElement.blur();
		getSelection().removeAllRanges();
		const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
		window.unmet = new Set(all.filter((el) => !el.disabled && el.tabIndex >= 0 && el.checkVisibility({ visibilityProperty: true }) && el.getClientRects().length > 0 &&
			!(el.type === "radio" && !el.checked && document.querySelector("input[name=" + el.name + "]:checked"))));
		window.blind = [];
		// Tab stops at each part of a date.
		return unmet.size + 8 * document.querySelectorAll("input[type=datetime-local]").length;
	})()`, &n)
	for range n + 10 {
		w.Press(input.Tab)
		w.Value(`(() => {
			const el = document.activeElement;
			if (!unmet.delete(el)) return;
			const style = getComputedStyle(el), box = el.getBoundingClientRect();
			const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
			if (!ring || box.bottom <= 0 || box.top >= innerHeight) blind.push(el.outerHTML.slice(0, 160));
		})()`, nil)
	}
	var left, blind []string
	w.Value(`[...unmet].map((el) => el.outerHTML.slice(0, 160))`, &left)
	w.Value(`blind`, &blind)
	for _, el := range left {
		t.Errorf("%s: Tab does not come to %s", w.Path(), el)
	}
	for _, el := range blind {
		t.Errorf("%s: one does not see that the focus is on %s", w.Path(), el)
	}
}

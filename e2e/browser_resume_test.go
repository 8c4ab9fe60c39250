package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

// slow is a network on which an upload of some megabytes can be stopped.
var slow = browser.Network{Upload: 250_000}

// noteOffsets notes in window.offsets where each request with bytes begins.
const noteOffsets = `(() => {
	const set = XMLHttpRequest.prototype.setRequestHeader;
	window.offsets = [];
	XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
		if (name === "Upload-Offset") window.offsets.push(Number(value));
		return set.call(this, name, value);
	};
})()`

// breakBundle changes the last file's last byte in each request with many.
const breakBundle = `(() => {
	const send = XMLHttpRequest.prototype.send;
	XMLHttpRequest.prototype.send = function (body) {
		const end = "\\r\\n--".length + 32 + "--\\r\\n".length; // the boundary has 32 digits
		const at = body instanceof Blob ? body.size - end - 1 : 0;
		return send.call(this, at > 0 ? new Blob([body.slice(0, at), "?", body.slice(at + 1)]) : body);
	};
})()`

// resumed sees that the last request began where an earlier one had stopped.
func resumed(t *testing.T, w *browser.Page, size int) {
	t.Helper()
	var offsets []int
	w.Value("window.offsets", &offsets)
	if len(offsets) == 0 || offsets[len(offsets)-1] <= 0 || offsets[len(offsets)-1] >= size {
		t.Errorf("requests of %d bytes began at %v", size, offsets)
	}
}

// openUpload opens the page ready to take files.
func openUpload(w *browser.Page) {
	w.Go("/app/upload/")
	w.Until("the page takes files", `document.querySelector("[data-upload][data-ready]")`)
	w.Value(noteOffsets, nil)
}

// partly waits until some of a file has gone out.
func partly(w *browser.Page, name string) {
	w.Until("some of "+name+" is sent", fmt.Sprintf(`((m) => m && m.value > 8 && m.value < 90)(document.querySelector(%q))`, row(name, "[data-state=uploading] progress")))
}

func uploadsArePausedAndCancelled(t *testing.T, chromium *browser.Browser) {
	inBothForms(t, func(t *testing.T, d *deployment) {
		w := asAdmin(t, chromium, d.Portal)
		dir := t.TempDir()
		film, sum := onDisk(t, dir, "film.bin", noise(3_000_000))
		long, longSum := onDisk(t, dir, "long.bin", noise(3_000_000))
		gone, _ := onDisk(t, dir, "gone.bin", noise(3_000_000))

		openUpload(w)
		w.Forgive("status of 409") // what was sent last is just being saved: asked again
		w.Connect(slow)
		w.Drop("main", film)
		partly(w, "film.bin")
		w.Click(row("film.bin", " button"), "Pause")
		w.See(row("film.bin", "[data-state=paused]"), "of 3.00 MB")
		w.See("#now", "Paused")
		w.Connect(browser.Network{})
		w.Click(row("film.bin", " button"), "Resume")
		seeStored(t, w, map[string]string{"film.bin": sum})
		w.See(row("film.bin"), "same bytes")
		resumed(t, w, 3_000_000)

		w.Connect(slow)
		w.Drop("main", long, gone)
		partly(w, "long.bin")
		w.Click("button", "Pause all")
		w.See(row("long.bin", "[data-state=paused]"))
		w.See(row("gone.bin", "[data-state=paused]"))
		if d.embedded {
			inspect(t, w, "upload-paused")
		}
		w.Click(row("gone.bin", " button"), "Cancel")
		w.See(row("gone.bin", "[data-state=cancelled]"), "nothing was kept")
		w.Connect(browser.Network{})
		w.Click("button", "Resume all")
		seeStored(t, w, map[string]string{"long.bin": longSum})
		// The batch ends: what was cancelled is failed, and nothing is unfinished.
		w.See("aside .pill", "Partial")
		openUpload(w)
		w.Gone("#unfinished-from-earlier")
	})
}

func uploadSurvivesACutNetwork(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	w.Forgive("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_RE", "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED", "ERR_NETWORK_CHANGED")
	dir, sums := t.TempDir(), map[string]string{}
	var paths []string
	for _, name := range []string{"a.txt", "b.txt", "c.txt"} {
		path, sum := onDisk(t, dir, name, []byte("it is about "+name))
		paths, sums[name] = append(paths, path), sum
	}

	// Nobody answers: the queue holds, and goes on by itself.
	openUpload(w)
	w.Connect(browser.Network{Offline: true})
	w.Drop("main", paths...)
	w.See(".banner", "Waiting for the network. 3 files wait; it goes on by itself, where it stopped")
	w.Connect(browser.Network{})
	seeStored(t, w, sums)
	w.Gone(".banner")

	// It goes away in the middle of a file: only the rest is sent then. (Chromium
	// lets a request that is under way pass, so the file is paused for a moment.)
	film, sum := onDisk(t, dir, "film.bin", noise(3_000_000))
	w.Connect(slow)
	w.Drop("main", film)
	partly(w, "film.bin")
	w.Click(row("film.bin", " button"), "Pause")
	w.See(row("film.bin", "[data-state=paused]"))
	w.Connect(browser.Network{Offline: true})
	w.Click(row("film.bin", " button"), "Resume")
	w.See(row("film.bin", "[data-state=waiting]"), "goes on where it stopped")
	inspect(t, w, "upload-waiting")
	w.Connect(browser.Network{})
	seeStored(t, w, map[string]string{"film.bin": sum})
	resumed(t, w, 3_000_000)

	// The portal is killed in the middle: the page goes on when it is back.
	long, sum := onDisk(t, dir, "long.bin", noise(4_000_000))
	w.Connect(slow)
	w.Drop("main", long)
	w.Until("some seconds of it are sent", `document.querySelector('[data-file="long.bin"] progress')?.value > 40`)
	p.Kill()
	w.See(row("long.bin", "[data-state=waiting]"))
	w.See(".banner", "The portal does not answer.")
	p.MustRestart(t)
	w.Connect(browser.Network{})
	seeStored(t, w, map[string]string{"long.bin": sum})
	resumed(t, w, 4_000_000)
	w.See("main", "5 files are here")
}

func uploadsGoOnAfterTheBrowserWasClosed(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	dir := t.TempDir()
	onDisk(t, dir, "Container 7/film.bin", noise(3_000_000))
	film, other := dir+"/Container 7/film.bin", dir+"/other.bin"
	onDisk(t, dir, "other.bin", noise(3_000_000))

	openUpload(w)
	w.Connect(slow)
	w.Drop("main", dir+"/Container 7", other)
	partly(w, "film.bin")
	w.Go("about:blank") // what a closed window does, too: every request ends

	// A new window of the same person lists both and sends only what is missing.
	w = asAdmin(t, chromium, p)
	openUpload(w)
	w.See("section", "Unfinished from earlier")
	w.See(`[data-unfinished][data-name="film.bin"]`, "of 3.00 MB")
	w.See(`[data-unfinished][data-name="film.bin"]`, "Container 7")
	inspect(t, w, "upload-unfinished")

	w.Choose(func() { w.Click(`[data-name="film.bin"] button`, "Pick file to go on") }, other)
	w.See(".toast", "That is other.bin. Pick film.bin")
	w.Choose(func() { w.Click(`[data-name="film.bin"] button`, "Pick file to go on") }, film)
	w.See(row("film.bin", "[data-state=stored]"), "same bytes")
	resumed(t, w, 3_000_000)

	// Reloaded in the middle, and dropped again.
	w.Reload()
	w.Click(`[data-name="other.bin"] button`, "Discard")
	w.Gone("#unfinished-from-earlier")
	w.Connect(slow)
	w.Drop("main", other)
	partly(w, "other.bin")
	w.Reload()
	w.Connect(browser.Network{})
	w.Value(noteOffsets, nil)
	w.See(`[data-unfinished][data-name="other.bin"]`, "of 3.00 MB")
	w.Drop("main", other)
	w.See(row("other.bin", "[data-state=stored]"), "same bytes")
	w.Gone("#unfinished-from-earlier")
	resumed(t, w, 3_000_000)
}

func uploadSurvivesTheEndOfItsSession(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	w.Forgive("status of 401", "ERR_FAILED", "ERR_UNSAFE_REDIRECT")
	film, sum := onDisk(t, t.TempDir(), "film.bin", noise(3_000_000))
	openUpload(w)
	w.Connect(slow)
	w.Drop("main", film)
	partly(w, "film.bin")
	w.Click(row("film.bin", " button"), "Pause")
	w.See(row("film.bin", "[data-state=paused]"))
	w.ForgetCookies()
	w.Click(row("film.bin", " button"), "Resume")
	w.See(".banner", "Your session has ended. 1 file waits. Sign in in a new tab")
	inspect(t, w, "upload-signed-out")

	// Signed in again, in another tab: the page's token is an old one now.
	at, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	w.Cookies(p.SignIn(t, portal.AdminEmail, portal.AdminPassword).HTTP.Jar.Cookies(at))
	w.Connect(browser.Network{})
	w.Click(".banner button", "Go on")
	seeStored(t, w, map[string]string{"film.bin": sum})
	w.Gone(".banner")
	resumed(t, w, 3_000_000)
}

func anExpiredUploadStartsAnew(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	w.Forgive("status of 410")
	film, sum := onDisk(t, t.TempDir(), "film.bin", noise(3_000_000))
	openUpload(w)
	w.Connect(slow)
	w.Drop("main", film)
	partly(w, "film.bin")
	w.Click(row("film.bin", " button"), "Pause")
	w.See(row("film.bin", "[data-state=paused]"))
	w.Connect(browser.Network{})

	// Somebody discards it in another window.
	other := asAdmin(t, chromium, p)
	other.Go("/app/upload/")
	other.Click(`[data-name="film.bin"] button`, "Discard")
	other.Gone("#unfinished-from-earlier")

	w.Connect(slow)
	w.Click(row("film.bin", " button"), "Resume")
	w.See(row("film.bin"), "had expired or was discarded, so it starts anew")
	w.Connect(browser.Network{})
	seeStored(t, w, map[string]string{"film.bin": sum})
}

func otherBytesAreSeen(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	w.Forgive("status of 400")
	dir := t.TempDir()
	note, noteSum := onDisk(t, dir, "note.txt", []byte("what was meant"))
	film, filmSum := onDisk(t, dir, "film.bin", noise(400_000))
	openUpload(w)

	// A small file that arrives changed is refused before anybody hears of it.
	mend := w.Tamper(browser.Fault{URL: "*/files/", Method: "POST", Body: []byte("what was heard")})
	w.Drop("main", note)
	w.See(row("note.txt", "[data-state=failed]"), "not "+noteSum[:12]+"… as declared. Send it again.")
	mend()
	w.Click(row("note.txt", " button"), "Retry")
	seeStored(t, w, map[string]string{"note.txt": noteSum})

	// A bigger one is compared when it is there; Retry takes the wrong one away.
	mend = w.Tamper(browser.Fault{URL: "*/files/*", Method: "PATCH", Header: map[string]string{"X-File-Sha256": strings.Repeat("0", 64)}})
	w.Drop("main", film)
	w.See(row("film.bin", "[data-state=failed]"), "The portal holds other bytes than this file: SHA-256 00000000… there, "+filmSum[:8]+"… here.")
	inspect(t, w, "upload-mismatch")
	mend()
	w.Click(row("film.bin", " button"), "Retry")
	seeStored(t, w, map[string]string{"film.bin": filmSum})
	w.Go("/app/files/?status=deleted")
	w.See("a.name", "film.bin")
}

func onlyFailedFilesAreSentAgain(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	dir := t.TempDir()
	for _, name := range []string{"1.txt", "2.txt", "3.txt"} {
		onDisk(t, dir, "scans/"+name, []byte("scan "+name))
	}
	openUpload(w)
	// The last of them arrives changed; the others are there.
	w.Value(breakBundle, nil)
	w.Drop("main", dir+"/scans")
	w.See(row("1.txt", "[data-state=stored]"))
	w.See(row("2.txt", "[data-state=stored]"))
	w.See(row("3.txt", "[data-state=failed]"), "as declared. Send it again.")
	w.See("aside .pill", "In progress")
	w.Click("aside a", "Open batch")

	// The batch says what failed, and leads back.
	w.See("h1", "Batch of")
	w.See(".banner", "1 failed.")
	inspect(t, w, "batch-failed")
	w.Click(".banner a", "Send it again")
	w.Until("the page takes files", `document.querySelector("[data-upload][data-ready]")`)
	w.See(".banner", "what is here already is not sent twice")
	w.Drop("main", dir+"/scans")
	w.See(row("1.txt", "[data-state=skipped]"), "this batch has it")
	w.See(row("2.txt", "[data-state=skipped]"))
	w.See(row("3.txt", "[data-state=stored]"))
	w.See("aside .pill", "Complete")
	inspect(t, w, "upload-again")
	w.Click("aside a", "Open batch")
	w.See("h2", "100 %")
	w.Gone(".banner")
}

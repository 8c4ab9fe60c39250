package e2e

import (
	"bytes"
	"testing"

	"github.com/go-rod/rod/lib/input"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

func theUploaderSaysWhatHappened(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{Env: []string{"FILE_UPLOAD_MAX_SIZE=2000000", "FILE_UPLOAD_ALLOWED_TYPES=text/*,application/pdf,image/png"}})
	w := asAdmin(t, chromium, p)
	w.Forgive("status of 415")
	dir := t.TempDir()
	good, sum := onDisk(t, dir, "notes.txt", []byte("all is well"))
	liar, _ := onDisk(t, dir, "scan.png", []byte("PK\x03\x04 a ZIP archive under another name"))
	huge, _ := onDisk(t, dir, "huge.txt", make([]byte, 2_000_001))

	openUpload(w)
	w.Drop("main", good, liar, huge)
	w.See(row("notes.txt", "[data-state=stored]"), sum[:8])
	w.See(row("huge.txt", "[data-state=failed]"), "This file is 2,000,001 bytes. The portal takes up to 2,000,000 bytes a file.")
	w.See(row("scan.png", "[data-state=failed]"), "refused")
	w.See("main", "1 of 3 files")

	// A refused file can be tried again: the reason stands again, nothing else changes.
	w.Click(row("scan.png", " button"), "Retry")
	w.See(row("scan.png", "[data-state=failed]"), "refused")
	w.See(row("scan.png", " button"), "Retry")
	w.See(row("notes.txt", "[data-state=stored]"))

	// One of two under way is cancelled, and comes in after all.
	w.Connect(browser.Network{Upload: 10_000})
	first, _ := onDisk(t, dir, "first.txt", bytes.Repeat([]byte("a line of text\n"), 40_000))
	second, _ := onDisk(t, dir, "second.txt", bytes.Repeat([]byte("another line\n"), 10_000))
	w.Choose(func() { w.Click("label", "Choose files") }, first, second)
	w.See(row("first.txt", "[data-state=uploading]"))
	w.Click(row("first.txt", " button"), "Cancel")
	w.See(row("first.txt", "[data-state=cancelled]"), "nothing was kept")
	w.See(row("second.txt", "[data-state=uploading]"))
	w.Connect(browser.Network{})
	w.See(row("second.txt", "[data-state=stored]"))
	w.Click(row("first.txt", " button"), "Retry")
	w.See(row("first.txt", "[data-state=stored]"), "600")
}

func foldersKeepTheirPaths(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	dir := t.TempDir()
	onDisk(t, dir, "Container 7/seals/A-4471.txt", []byte("seal"))
	onDisk(t, dir, "Container 7/list.txt", []byte("list"))

	openUpload(w)
	w.Drop("main", dir+"/Container 7")
	w.See(row("list.txt", "[data-state=stored]"), "Container 7")
	w.See(row("A-4471.txt", "[data-state=stored]"), "Container 7/seals")
	w.Click(row("A-4471.txt", " a"), "Open")
	w.See("#metadata-code", "Container 7/seals")
}

func uploadByKeyboard(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	w := chromium.Visit(t, p.URL)
	path, sum := onDisk(t, t.TempDir(), "by keyboard.txt", []byte("no mouse was there"))

	w.Go("/login")
	w.TabTo("#email")
	w.Type(portal.AdminEmail)
	w.TabTo("#password")
	w.Type(portal.AdminPassword)
	w.Press(input.Enter)
	w.At("/app/")

	w.Press(input.ControlLeft) // a lone key changes nothing
	w.Chord(input.ControlLeft, input.KeyK)
	w.See("#palette input")
	w.Type("send files")
	w.Press(input.Enter)
	w.At("/app/upload/")

	w.Press(input.Tab)
	w.See("a:focus", "Skip to content")
	w.Press(input.Enter)
	w.TabTo("#pick")
	w.Choose(func() { w.Press(input.Enter) }, path)
	w.See(row("by keyboard.txt", "[data-state=stored]"), sum[:8])
	w.TabTo(row("by keyboard.txt", " a"), "Open")
	w.Press(input.Enter)
	w.See("h1", "by keyboard.txt")
}

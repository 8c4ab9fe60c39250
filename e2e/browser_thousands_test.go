package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

// noteLongTasks notes in window.longest how long the page once did not answer.
const noteLongTasks = `(() => {
	window.longest = 0;
	new PerformanceObserver((list) => {
		for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
	}).observe({ type: "longtask" });
})()`

func thousandsOfFilesDoNotFreezeThePage(t *testing.T, chromium *browser.Browser) {
	const (
		count = 10_000
		nodes = 9_000 // of the page, whatever the number of files
	)
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	dir := filepath.Join(t.TempDir(), "archive")
	for i := range count {
		if i%1000 == 0 {
			if err := os.MkdirAll(filepath.Join(dir, fmt.Sprint("box ", i/1000)), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("box ", i/1000), fmt.Sprintf("page-%05d.txt", i)), fmt.Appendf(nil, "this is page %d", i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w.Forgive("status of 409") // a file that completes while it is cancelled: asked again
	openUpload(w)
	w.Value(noteLongTasks, nil)
	w.Drop("main", dir)
	w.Until("half of them are listed", `Number(document.querySelector('[data-u="n-all"]').textContent.replace(",", "")) >= 5000`)
	w.See("#now", "Sending 10,000 files")
	w.Until("a hundred are here", `Number(document.querySelector('[data-u="n-done"]').textContent.replace(",", "")) >= 100`)

	// The end of the list is a scroll away; its rows are made when they are seen.
	w.Value("scrollTo(0, document.documentElement.scrollHeight)", nil)
	w.See("[role=listitem]", "page-09999.txt")
	w.See("[role=listitem]", "archive/box 9")
	w.Value("scrollTo(0, 0)", nil)
	w.See("[role=listitem]", "page-00000.txt")
	w.Click("label", "Done")
	w.See("[role=listitem][data-state=stored]")

	w.Click("button", "Cancel all")
	w.Until("nothing moves", `document.querySelector('[data-u="n-waiting"]').textContent === "0" && document.querySelector('[data-u="n-moving"]').textContent === "0"`)
	w.Until("the batch has ended", `/Partial|Complete/.test(document.querySelector("aside .pill").textContent)`)
	var seen struct{ Nodes, Longest int }
	w.Value(`({ Nodes: document.getElementsByTagName("*").length, Longest: Math.round(window.longest) })`, &seen)
	t.Logf("%d nodes, longest task %d ms", seen.Nodes, seen.Longest)
	if seen.Nodes > nodes {
		t.Errorf("the page has %d nodes", seen.Nodes)
	}
}

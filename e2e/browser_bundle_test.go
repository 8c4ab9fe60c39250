package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

// Small files ride together: the portal is killed in the middle, and the page is
// left in the middle. In the end each file is there once, whole, and was
// announced once.
func smallFilesArriveOnce(t *testing.T, chromium *browser.Browser) {
	const count = 250
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	w.Forgive("ERR_CONNECTION_RE", "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED")
	dir, sums := t.TempDir(), map[string]string{}
	for i := range count {
		name := fmt.Sprintf("%03d.bin", i)
		_, sums[name] = onDisk(t, dir, "scans/"+name, noise(20_000))
	}
	done := func(n int) {
		w.Until(fmt.Sprint(n, " are here"), fmt.Sprintf(`Number(document.querySelector('[data-u="n-done"]').textContent) >= %d`, n))
	}

	openUpload(w)
	w.Connect(browser.Network{Upload: 500_000})
	w.Drop("main", dir+"/scans")
	done(20)
	p.Kill()
	w.See(".banner", "The portal does not answer.")
	p = p.MustRestart(t)
	var before int
	w.Value(`Number(document.querySelector('[data-u="n-done"]').textContent)`, &before)
	done(before + 1)

	// Left for good in the middle; what was under way is stored or given up when
	// the portal has stopped.
	batch := w.Attr(`[data-u="batch-copy"]`, "data-copy")
	w.Go("about:blank")
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	p = p.MustRestart(t)
	w.Connect(browser.Network{})
	w.Go("/app/upload/?batch=" + batch)
	w.Until("the page takes files", `document.querySelector("[data-upload][data-ready]")`)
	w.Drop("main", dir+"/scans")
	done(count)
	w.See("aside .pill", "Complete")
	w.Value("scrollTo(0, document.documentElement.scrollHeight)", nil)
	w.See(row("249.bin", "[data-state=stored]"), "same bytes")

	var files struct{ Items []portal.File }
	list(t, p, "/api/v1/files?limit=1000&batch="+batch, &files)
	for _, f := range files.Items {
		if f.SHA256 != sums[f.OriginalFilename] || f.Metadata["path"] != "scans" {
			t.Errorf("%+v", f)
		}
		delete(sums, f.OriginalFilename)
	}
	var events struct{ Items []json.RawMessage }
	list(t, p, "/api/v1/events?type=file.stored&limit=1000", &events)
	if len(files.Items) != count || len(sums) != 0 || len(events.Items) != count {
		t.Errorf("%d files, %d are missing, %d events", len(files.Items), len(sums), len(events.Items))
	}
}

func list(t *testing.T, p *portal.Portal, path string, into any) {
	t.Helper()
	a := p.Admin(t).Get(t, path)
	if a.Code != http.StatusOK {
		t.Fatalf("%s answers %d: %s", path, a.Code, a.Body)
	}
	if err := json.Unmarshal(a.Body, into); err != nil {
		t.Fatal(err)
	}
}

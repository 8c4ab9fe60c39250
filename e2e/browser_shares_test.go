package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

// aFileIsShared makes a link with a password and a limit, opens it as somebody
// who has no account, and sees in the log what they did.
func aFileIsShared(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	c := p.WithToken(t, p.Token(t, "upload,read"))
	a := c.Do(t, http.MethodPost, "/api/v1/batches", "application/json", strings.NewReader(`{"label":"Week 47"}`))
	var b struct{ ID string }
	if err := json.Unmarshal(a.Body, &b); err != nil {
		t.Fatal(err, a.Code)
	}
	var f struct{ ID string }
	for _, name := range []string{"survey of the yard.bin", "notes.txt"} {
		a := c.Do(t, http.MethodPut, "/api/v1/files/"+url.PathEscape(name)+"?batch="+b.ID, "application/octet-stream", bytes.NewReader(noise(20_000)))
		if err := json.Unmarshal(a.Body, &f); err != nil || f.ID == "" {
			t.Fatal(err, a.Code)
		}
	}
	if a := c.Do(t, http.MethodPut, "/api/v1/files/gate.png?batch="+b.ID, "image/png", bytes.NewReader(aPicture(t))); a.Code != http.StatusCreated {
		t.Fatal(a.Code)
	}
	w := asAdmin(t, chromium, p)
	w.Go("/app/files/" + f.ID + "/")
	w.See("#shares", "Nobody outside has a link")
	w.Click("#share")
	w.See("h1", "Share this file")
	inspect(t, w, "share-form")
	w.Size(1440, 900)
	w.Click("label", "1 day")
	w.Fill("Password", "four words of mine")
	w.Fill("Downloads", "2")
	w.Click("button", "Make link")
	w.See("h2", "The link")
	inspect(t, w, "share-made")
	w.Size(1440, 900)
	link := strings.TrimPrefix(w.Text("#the-link"), p.URL)
	page := w.Path()

	guest := chromium.Visit(t, p.URL)
	guest.Forgive("status of 400", "status of 410")
	guest.Go(link)
	guest.See("h1", "This link has a password")
	guest.Gone("h1", "notes.txt")
	guest.Fill("Password", "not it")
	guest.Click("button", "Open")
	guest.See("#password-err", "not the password")
	inspect(t, guest, "shared-locked")
	guest.Size(1440, 900)
	guest.Fill("Password", "four words of mine")
	guest.Click("button", "Open")
	guest.See("h1", "notes.txt")
	guest.See("p", "2 more downloads")
	inspect(t, guest, "shared-file")
	guest.Size(1440, 900)
	guest.Click("#download")
	w.Reload()
	w.Until("the download is in the log", `fetch(location.href).then(r => r.text()).then(t => t.includes("Downloaded notes.txt"))`)
	w.Go(page)
	w.See("li", "Gave a wrong password")
	w.See("li", "Opened with the password")
	w.See("dd", "1 of 2 downloads")
	inspect(t, w, "share-log")
	w.Size(1440, 900)
	w.Click("#ask-revoke-open")
	w.See("dialog", "taken back")
	w.Click("dialog button", "Revoke link")
	w.See(".pill", "Revoked")
	guest.Go(link)
	guest.See("p", "taken back by the person who shared it")
	w.Go("/app/files/" + f.ID + "/")
	w.See("#shares .pill", "Revoked")
	inspect(t, w, "file-with-shares")
	w.Size(1440, 900)

	w.Go("/app/batches/" + b.ID + "/")
	w.Click("#share")
	w.Click("button", "Make link")
	link = strings.TrimPrefix(w.Text("#the-link"), p.URL)
	guest.Go(link)
	guest.See("h1", "Week 47")
	guest.See("li", "survey of the yard.bin")
	inspect(t, guest, "shared-batch")
	guest.Size(1440, 900)
	aFileOfItIsLookedAt(t, guest)
	aProgramDownloads(t, p, link)
	linksAreLookedAfter(t, w, guest, link)
	if strings.Contains(p.Log(), strings.TrimPrefix(link, "/s/")) {
		t.Error("the log has the link")
	}
}

// aPicture is a small PNG.
func aPicture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// aFileOfItIsLookedAt opens a picture of the batch that the guest has a link to.
func aFileOfItIsLookedAt(t *testing.T, guest *browser.Page) {
	t.Helper()
	guest.Click("li a", "gate.png")
	guest.See("h1", "gate.png")
	guest.See("#preview img")
	guest.Until("the picture is there", `document.querySelector("#preview img").naturalWidth === 40`)
	inspect(t, guest, "shared-look")
	guest.Size(1440, 900)
	guest.Click("#all-files")
	guest.See("h1", "Week 47")
}

// linksAreLookedAfter finds the link among everybody's, reads who used it and
// revokes it from the list.
func linksAreLookedAfter(t *testing.T, w, guest *browser.Page, link string) {
	t.Helper()
	w.Go("/admin/")
	w.Click("main a", "Share links")
	w.At("/admin/shares/")
	w.See("tbody tr", "Revoked")
	w.See("tbody tr", "Week 47")
	w.Click("[aria-label=Filters] a", "A batch")
	w.At("/admin/shares/?kind=batch")
	w.Gone("tbody a", "notes.txt")
	w.Click("tbody a", "Week 47")
	w.See("h1", "Link to Week 47")
	w.See("td", "ZIP")
	inspect(t, w, "admin-share")
	w.Size(1440, 900)
	w.Go("/admin/shares/?kind=batch")
	w.Click("tbody .pick")
	w.Click(".bulk button", "Revoke…")
	w.See("dialog", "were taken back")
	w.Click("dialog button[type=submit]", "Revoke")
	w.See(".toast", "Link revoked.")
	w.At("/admin/shares/?kind=batch")
	w.See("tbody .pill", "Revoked")
	guest.Go(link)
	guest.See("p", "taken back by the person who shared it")
}

// aProgramDownloads does what the page's button does, and reads the archive.
func aProgramDownloads(t *testing.T, p *portal.Portal, link string) {
	t.Helper()
	c := p.Anonymous(t)
	begun := c.Do(t, http.MethodPost, link+"/download", "application/x-www-form-urlencoded", strings.NewReader(""))
	if begun.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", begun.Code, begun.Body)
	}
	got := c.Get(t, begun.Header.Get("Location"))
	r, err := zip.NewReader(bytes.NewReader(got.Body), int64(len(got.Body)))
	if err != nil || len(r.File) != 3 {
		t.Errorf("%d with %d bytes, %v", got.Code, len(got.Body), err)
	}
	if other := p.Anonymous(t).Get(t, begun.Header.Get("Location")); other.Code != http.StatusGone {
		t.Errorf("the address alone gives %d", other.Code)
	}
}

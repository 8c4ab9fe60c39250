package e2e

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

func somebodyIsInvited(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	w := asAdmin(t, chromium, p)
	w.Go("/admin/users/")
	w.Click("a", "Invite")
	w.Fill("Address", "priya@example.com")
	w.Click("button", "Add and go on")
	w.See("h2", "Link for the person invited")
	inspect(t, w, "invitation")
	w.Size(1440, 900)
	link := w.Text("#the-secret")
	guest := chromium.Visit(t, p.URL)
	guest.Forgive("status of 400")
	guest.Go("/join/" + link[strings.LastIndex(link, "/")+1:])
	guest.See("h1", "Come in")
	guest.Fill("Name", "Priya Raman")
	guest.Fill("Password", "password123")
	guest.Click("button", "Make my account")
	guest.See("#password-err", "guessed first")
	inspect(t, guest, "join")
	guest.Size(1440, 900)
	guest.Fill("Password", "four words of mine")
	guest.Click("button", "Make my account")
	guest.At("/app/")
	guest.See(".side", "Priya Raman")
	w.Go("/admin/invitations/")
	w.See("td .pill", "Accepted")
}

func somebodyLooksAfterTheirAccount(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	other := asAdmin(t, chromium, p)
	w := asAdmin(t, chromium, p)
	w.Forgive("status of 400")
	w.Go("/app/profile/")
	w.See(".tag", "this one")
	w.Fill("Password of today", portal.AdminPassword)
	w.Fill("New password", "password123")
	w.Click("button", "Change password")
	w.See("#password-err", "guessed first")
	inspect(t, w, "profile-refused")
	w.Size(1440, 900)
	const password = "four words of mine"
	w.Fill("Password of today", portal.AdminPassword)
	w.Fill("New password", password)
	w.Click("button", "Change password")
	w.See(".toast", "Password changed.")
	other.Go("/app/files/")
	other.At("/login")

	w.Click("a", "Set it up")
	w.See("h1", "Set up a second factor")
	inspect(t, w, "second-factor")
	w.Size(1440, 900)
	code, err := totp.GenerateCode(strings.ReplaceAll(w.Text("#the-secret"), " ", ""), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.Fill("Code", code)
	w.Click("button", "Turn it on")
	w.See("h2", "Your 10 codes")
	recovery := w.Text("#the-codes")[:19]
	inspect(t, w, "recovery-codes")
	w.Size(1440, 900)
	w.Click("a", "I have kept them")
	w.See("#factor + span .pill", "On")
	w.See("p", "10 recovery codes are left.")
	inspect(t, w, "profile")
	w.Size(1440, 900)

	other.Fill("Email", portal.AdminEmail)
	other.Fill("Password", password)
	other.Click("button", "Sign in")
	other.See("h1", "One more step")
	other.Forgive("status of 400")
	other.Fill("Code", code)
	other.Click("button", "Sign in")
	other.See("#code-err", "used already")
	inspect(t, other, "login-code")
	other.Size(1440, 900)
	other.Fill("Code", recovery)
	other.Click("button", "Sign in")
	other.At("/app/files/")
	other.Go("/app/profile/")
	other.See("p", "9 recovery codes are left.")
}

func somebodyHasAQuota(t *testing.T, chromium *browser.Browser) {
	p := portal.MustStart(t, portal.Options{})
	password := p.MustCLI(t, "user", "create", "priya@example.com", "--name", "Priya")
	admin := asAdmin(t, chromium, p)
	admin.Go("/admin/users/")
	admin.Click("td a", "Priya")
	admin.Fill("Quota", "100 KB")
	admin.Fill("Allowed types", "text/plain")
	admin.Click("#may_download")
	admin.Click("button", "Save")
	admin.See(".toast", "Saved.")
	admin.Click("td a", "Priya")
	admin.See("dd", "0 B of 100 KB used")
	inspect(t, admin, "user-quota")

	w := signedIn(t, chromium, p, "priya@example.com", password)
	w.Forgive("status of 413")
	dir := t.TempDir()
	fits, _ := onDisk(t, dir, "fits.txt", bytes.Repeat([]byte("a line of text.\n"), 4000))
	more, _ := onDisk(t, dir, "more.txt", bytes.Repeat([]byte("another line..\n"), 4000))
	openUpload(w)
	w.See("dd", "0 B of 100 KB used")
	w.Drop("main", fits)
	w.See(row("fits.txt", "[data-state=stored]"))
	w.Drop("main", more)
	w.See(row("more.txt", "[data-state=failed]"), "The quota is 100 KB and 64.0 KB of it are in use")
	w.Go("/app/files/")
	w.Click("td a", "fits.txt")
	w.See("button", "Delete…")
	w.Gone("#download")
	w.Go("/app/profile/")
	w.See("h2 + span", "64.0 KB of 100 KB used")
	inspect(t, w, "profile-quota")
	w.Size(1440, 900)
	openUpload(w)
	w.See("dd", "64.0 KB of 100 KB used")
	inspect(t, w, "upload-quota")
}

package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

// journeys are walked in one Chromium, three at a time, the longest first. One
// alone: go test ./e2e -run "TestInABrowser//the_theme".
var journeys = []struct {
	name string
	walk func(t *testing.T, chromium *browser.Browser)
}{
	{"every page is accessible, fits and is silent", everyPageIsAccessible},
	{"so is what a page opens, answers and refuses", whatOpensIsAccessible},
	{"so is every page before anything has happened", barePagesAreAccessible},
	{"from the login to a redelivered webhook", fromLoginToRedelivery},
	{"the uploader says what happened to each file", theUploaderSaysWhatHappened},
	{"an upload by keyboard alone", uploadByKeyboard},
	{"an upload survives a cut network", uploadSurvivesACutNetwork},
	{"an upload survives the end of its session", uploadSurvivesTheEndOfItsSession},
	{"the uploader pauses, resumes and cancels", uploadsArePausedAndCancelled},
	{"uploads go on after the browser was closed", uploadsGoOnAfterTheBrowserWasClosed},
	{"an expired upload starts anew", anExpiredUploadStartsAnew},
	{"other bytes than the file's are seen", otherBytesAreSeen},
	{"only failed files are sent again", onlyFailedFilesAreSentAgain},
	{"the uploader takes thousands of files without freezing", thousandsOfFilesDoNotFreezeThePage},
	{"small files arrive once, whatever breaks", smallFilesArriveOnce},
	{"folders keep their paths", foldersKeepTheirPaths},
	{"the console by keyboard alone", theConsoleByKeyboard},
	{"everything needed works without JavaScript", withoutJavaScript},
	{"an admin looks after an endpoint", anAdminLooksAfterAnEndpoint},
	{"an admin runs a schedule and changes it", anAdminRunsASchedule},
	{"an admin finds things by keys and acts on them", anAdminFindsAndActs},
	{"somebody is invited and comes in", somebodyIsInvited},
	{"somebody looks after their account", somebodyLooksAfterTheirAccount},
	{"a file is shared and taken back", aFileIsShared},
	{"somebody has a quota", somebodyHasAQuota},
	{"the theme is kept and follows the system", theThemeIsKept},
	{"lists are searched, filtered, paged and remembered", listsAreSearched},
	{"files are selected and deleted together", filesAreDeletedTogether},
	{"the jobs are for admins", theJobsAreForAdmins},
}

func TestInABrowser(t *testing.T) {
	t.Parallel()
	chromium := browser.Start(t)
	next := make(chan func(t *testing.T), len(journeys))
	for _, j := range journeys {
		next <- func(t *testing.T) {
			t.Run(j.name, func(t *testing.T) { j.walk(t, chromium) })
		}
	}
	close(next)
	for _, side := range []string{"left", "middle", "right"} {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			for walk := range next {
				walk(t)
			}
		})
	}
}

// signedIn opens a window for somebody who is signed in already.
func signedIn(t *testing.T, chromium *browser.Browser, p *portal.Portal, email, password string) *browser.Page {
	t.Helper()
	w := chromium.Visit(t, p.URL)
	at, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	w.Cookies(p.SignIn(t, email, password).HTTP.Jar.Cookies(at))
	return w
}

// asAdmin opens a window of the first admin.
func asAdmin(t *testing.T, chromium *browser.Browser, p *portal.Portal) *browser.Page {
	t.Helper()
	return signedIn(t, chromium, p, portal.AdminEmail, portal.AdminPassword)
}

// onDisk writes a file to be handed in and returns its path and SHA-256.
func onDisk(t *testing.T, dir, name string, content []byte) (path, sum string) {
	t.Helper()
	path = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	h := sha256.Sum256(content)
	return path, hex.EncodeToString(h[:])
}

// noise is content of which no two are alike.
func noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.IntN(256))
	}
	return b
}

// row is the selector of a file's row on the upload page.
func row(name string, more ...string) string {
	return fmt.Sprintf("[data-file=%q]%s", name, strings.Join(more, ""))
}

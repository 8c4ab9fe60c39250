package web_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"doorito/domain"
)

func TestLoginGoesOnlyToOwnPaths(t *testing.T) {
	t.Parallel()
	p := openPortal(t, emptyWorld())
	for next, want := range map[string]string{
		"":                       "/app/",
		"/app/files/?status=x":   "/app/files/?status=x",
		"//evil.example":         "/app/",
		`/\evil.example`:         "/app/",
		`/a\..\\evil.example`:    "/app/",
		"https://evil.example/":  "/app/",
		"javascript:alert(1)":    "/app/",
		"/\tevil.example":        "/app/",
		"app/":                   "/app/",
		"/%5cevil.example/still": "/%5cevil.example/still",
	} {
		got := p.post(t, "/login", "", url.Values{"email": {ines.Email}, "password": {"right password"}, "next": {next}})
		if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != want {
			t.Errorf("next=%q: %d to %q, want %q", next, got.StatusCode, got.Header.Get("Location"), want)
		}
		if !strings.Contains(got.Header.Get("Set-Cookie"), "doorito_session="+adminSession) {
			t.Errorf("next=%q: no session cookie", next)
		}
	}
}

func TestLoginThatFailsKeepsWhatWasTypedButThePassword(t *testing.T) {
	t.Parallel()
	got := openPortal(t, emptyWorld()).post(t, "/login", "", url.Values{"email": {hostile}, "password": {"wrong-secret"}, "next": {"/app/files/"}})
	if got.StatusCode != http.StatusUnauthorized || !strings.Contains(got.body, "4 tries left") || !strings.Contains(got.body, `value="/app/files/"`) {
		t.Errorf("%d without the reason or the way on", got.StatusCode)
	}
	if strings.Contains(got.body, "wrong-secret") {
		t.Error("the password is in the page")
	}
	for _, fault := range faults(got.body) {
		t.Error(fault)
	}
}

func TestOtherSitesCannotSignInOrOut(t *testing.T) {
	t.Parallel()
	p := openPortal(t, emptyWorld())
	cross := header("Sec-Fetch-Site", "cross-site")
	if got := p.post(t, "/login", "", url.Values{"email": {ines.Email}, "password": {"right password"}}, cross); got.StatusCode != http.StatusForbidden {
		t.Errorf("login from another site: %d", got.StatusCode)
	}
	if got := p.post(t, "/logout", adminSession, url.Values{"_csrf": {"guess"}}); got.StatusCode != http.StatusForbidden {
		t.Errorf("logout with a wrong token: %d", got.StatusCode)
	}
	if got := p.get(t, "/logout", adminSession); got.StatusCode == http.StatusSeeOther {
		t.Error("logout works by GET")
	}
	if got := p.post(t, "/logout", adminSession, nil); got.StatusCode != http.StatusSeeOther || !strings.Contains(got.Header.Get("Set-Cookie"), "doorito_session=;") {
		t.Errorf("logout: %d, %q", got.StatusCode, got.Header.Get("Set-Cookie"))
	}
}

func TestFormsWithoutTheTokenAreRefused(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	for _, path := range []string{
		"/app/files/", "/app/files/" + w.files[0].ID.String() + "/delete", "/app/batches/" + w.batches[0].ID.String() + "/finalise", "/app/endpoints/new/",
		"/app/endpoints/" + w.endpoints[0].Endpoint.ID.String() + "/delete", "/app/deliveries/", "/app/events/", "/app/upload/batches",
	} {
		if got := p.post(t, path, adminSession, url.Values{"_csrf": {""}}); got.StatusCode != http.StatusForbidden {
			t.Errorf("POST %s: %d", path, got.StatusCode)
		}
	}
	if len(w.deleted) > 0 {
		t.Error("a refused form deleted files")
	}
}

func TestStaffHaveNoWebhookPages(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	for _, path := range []string{"/app/endpoints/", "/app/endpoints/new/", "/app/deliveries/", "/app/events/", "/admin/jobs/", "/app/endpoints/" + w.endpoints[0].Endpoint.ID.String() + "/"} {
		if got := p.get(t, path, staffSession); got.StatusCode != http.StatusForbidden {
			t.Errorf("GET %s: %d", path, got.StatusCode)
		}
		if got := p.get(t, path, ""); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/login?next=") {
			t.Errorf("GET %s for nobody: %d to %s", path, got.StatusCode, got.Header.Get("Location"))
		}
	}
	page := p.get(t, "/app/", staffSession).body
	if strings.Contains(page, "/app/endpoints/") && strings.Contains(page, "Endpoints, last 24 hours") {
		t.Error("staff see endpoints on the dashboard")
	}
}

func TestBulkDeleteSaysWhatItDidAndComesBack(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	form := url.Values{"action": {"delete"}, "id": {w.files[0].ID.String(), w.files[1].ID.String()}, "back": {"status=stored&q=night"}}
	got := p.post(t, "/app/files/", staffSession, form)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/app/files/?q=night&status=stored" || len(w.deleted) != 2 {
		t.Fatalf("%d to %s, %d deleted", got.StatusCode, got.Header.Get("Location"), len(w.deleted))
	}
	toast := got.Cookies()[slices.IndexFunc(got.Cookies(), func(c *http.Cookie) bool { return c.Name == "doorito_toast" })]
	page := p.get(t, "/app/files/", staffSession, func(r *http.Request) { r.AddCookie(toast) })
	if !strings.Contains(page.body, "2 files deleted") {
		t.Error("the next page does not say what was done")
	}
	list := p.get(t, "/app/files/", staffSession).body
	if !strings.Contains(list, "This cannot be undone") || !strings.Contains(list, "Keep them") {
		t.Error("the list does not ask before it deletes")
	}
}

func TestListsRefuseWhatTheyDoNotUnderstand(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	got := p.get(t, "/app/files/?status=gone", adminSession)
	if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, "uploading, stored, processed, failed, deleted") {
		t.Errorf("%d without the statuses there are", got.StatusCode)
	}
	if got := p.get(t, "/app/files/?owner="+priya.ID.String(), staffSession); got.StatusCode != http.StatusBadRequest {
		t.Errorf("staff filter by owner: %d", got.StatusCode)
	}
	part := p.get(t, "/app/files/?q=x", adminSession, header("HX-Request", "true"), header("HX-Boosted", "true"), header("HX-Target", "list"))
	if strings.Contains(part.body, "<html") || !strings.Contains(part.body, `id="list"`) {
		t.Error("HTMX gets a whole page instead of the list")
	}
}

func TestPlainUploadStreamsEachFileIntoOneBatch(t *testing.T) {
	t.Parallel()
	w := emptyWorld()
	p := openPortal(t, w)
	send := func(token string, files ...string) answer {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		_ = m.WriteField("_csrf", token)
		_ = m.WriteField("label", "Gate 7")
		for _, name := range files {
			part, _ := m.CreateFormFile("files", name)
			_, _ = part.Write([]byte("bytes of " + name))
		}
		_ = m.Close()
		return p.do(t, http.MethodPost, "/app/upload/", staffSession, &body, header("Content-Type", m.FormDataContentType()))
	}
	if got := send("guess", "a.txt"); got.StatusCode != http.StatusForbidden || len(w.uploads) != 0 {
		t.Errorf("with a wrong token: %d, %d files", got.StatusCode, len(w.uploads))
	}
	if got := send(csrfToken); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, "No file was chosen") {
		t.Errorf("without files: %d", got.StatusCode)
	}
	got := send(csrfToken, "a.txt", "virus.exe", "b.txt")
	if got.StatusCode != http.StatusOK || len(w.received) != 2 || w.received[1] != "bytes of b.txt" || w.uploads[0].Size != -1 {
		t.Fatalf("%d, received %q: %s", got.StatusCode, w.received, got.body)
	}
	if *w.uploads[0].BatchID != *w.uploads[1].BatchID {
		t.Error("the files went into two batches")
	}
	for _, want := range []string{"a.txt", "b.txt", "are not accepted here", "/app/batches/" + w.uploads[0].BatchID.String()} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
}

func TestUploadPageScriptGetsWhatItReads(t *testing.T) {
	t.Parallel()
	w := emptyWorld()
	p := openPortal(t, w)
	token := header("X-CSRF-Token", csrfToken)
	accept := header("Accept", "application/json")
	keys := func(a answer) []string {
		var m map[string]any
		if err := json.Unmarshal([]byte(a.body), &m); err != nil {
			t.Fatalf("%s: %v", a.body, err)
		}
		var out []string
		for k := range m {
			out = append(out, k)
		}
		slices.Sort(out)
		return out
	}
	made := p.do(t, http.MethodPost, "/app/upload/batches", staffSession, strings.NewReader(`{"label":"Gate 7"}`), token, accept, header("Content-Type", "application/json"))
	if made.StatusCode != http.StatusCreated || !slices.Equal(keys(made), []string{"id", "url"}) {
		t.Errorf("batch: %d %s", made.StatusCode, made.body)
	}
	w.files = append(w.files, fileOf(0, "a b.txt"))
	file := p.get(t, "/app/upload/files/"+w.files[0].ID.String(), staffSession, accept)
	if file.StatusCode != http.StatusOK || !slices.Equal(keys(file), []string{"id", "original_filename", "page", "sha256", "size_bytes", "status", "url"}) {
		t.Fatalf("file: %d %s", file.StatusCode, file.body)
	}
	w.batches = append(w.batches, &domain.Batch{ID: id(800), Label: "Gate 7"})
	of := p.get(t, "/app/upload/batches/"+id(800).String()+"/files", staffSession, accept)
	if of.StatusCode != http.StatusOK || !slices.Equal(keys(of), []string{"files", "id", "label", "open", "url"}) || !strings.Contains(of.body, `"open":true`) ||
		!strings.Contains(of.body, `{"name":"a b.txt","path":"","size":2410338,"status":"stored"}`) {
		t.Errorf("files of a batch: %d %s", of.StatusCode, of.body)
	}
	done := p.do(t, http.MethodPost, "/app/upload/batches/"+id(800).String()+"/finalise", staffSession, http.NoBody, token, accept)
	if done.StatusCode != http.StatusOK || !slices.Equal(keys(done), []string{"failed", "files", "id", "status"}) {
		t.Errorf("finalise: %d %s", done.StatusCode, done.body)
	}
	if none := p.do(t, http.MethodPost, "/app/upload/batches", staffSession, strings.NewReader("{}"), accept); none.StatusCode != http.StatusForbidden {
		t.Errorf("without a token: %d", none.StatusCode)
	}
}

func TestUnfinishedUploadsAreListedAndDiscarded(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	page := p.get(t, "/app/upload/", staffSession)
	for _, want := range []string{
		`data-unfinished="` + id(700).String() + `"`, `data-size="1200000000"`, `data-received="460000000"`, `data-modified="1795442120000"`, `data-path="scans"`,
		"460 MB of 1.20 GB", "38 % is here", "only what is missing of them is sent", "maybe from another window", "in parts",
	} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	for _, q := range w.asked {
		if !slices.Equal(q.Filters["owner"], []string{priya.ID.String()}) {
			t.Errorf("asked for the uploads of %v", q.Filters)
		}
	}
	gone := p.post(t, "/app/upload/sessions/"+id(700).String()+"/discard", staffSession, nil)
	if gone.StatusCode != http.StatusSeeOther || !slices.Equal(w.discarded, []uuid.UUID{id(700)}) {
		t.Errorf("%d, discarded %v", gone.StatusCode, w.discarded)
	}
	if none := emptyWorld(); strings.Contains(openPortal(t, none).get(t, "/app/upload/", staffSession).body, "data-unfinished=") {
		t.Error("nothing is unfinished, and the page lists some")
	}
}

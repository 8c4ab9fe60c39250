package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"doorito/domain"
)

func userPath() string { return "/admin/users/" + priya.ID.String() + "/" }

func TestASavedUserLeadsBackToTheFilteredList(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	list := p.get(t, "/admin/users/?role=staff&q=pri", adminSession).body
	if !strings.Contains(list, userPath()+"?list=q%3Dpri%26role%3Dstaff") {
		t.Error("a row does not carry the filters along")
	}
	page := p.get(t, userPath()+"?list=q%3Dpri%26role%3Dstaff", adminSession).body
	if !strings.Contains(page, `name="list" value="q=pri&amp;role=staff"`) || !strings.Contains(page, `name="version" value="1795444328000000"`) {
		t.Error("the form has neither the filters nor its version")
	}
	form := url.Values{"name": {"Priya R."}, "email": {priya.Email}, "role": {"admin"}, "active": {"true"}, "version": {"1795444328000000"}, "list": {"q=pri&role=staff"}}
	got := p.post(t, userPath(), adminSession, form)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/admin/users/?q=pri&role=staff" {
		t.Errorf("save: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	form.Set("go", "on")
	got = p.post(t, userPath(), adminSession, form)
	if got.Header.Get("Location") != userPath()+"?list=q%3Dpri%26role%3Dstaff" {
		t.Errorf("save and go on: to %s", got.Header.Get("Location"))
	}
	if want := "changed to Priya R. admin " + priya.ID.String(); len(w.governed) != 2 || w.governed[0] != want {
		t.Errorf("done: %q", w.governed)
	}
	form.Set("list", "//evil.example")
	if got := p.post(t, userPath(), adminSession, url.Values{"name": {""}, "email": {priya.Email}, "role": {"staff"}, "version": {"1795444328000000"}, "list": {"nonsense=1"}}); got.Header.Get("Location") != "/admin/users/" {
		t.Errorf("a list that is none: to %s", got.Header.Get("Location"))
	}
}

func TestAFormThatIsWrongKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	typed := url.Values{"name": {hostile}, "email": {"nobody"}, "role": {"admin"}, "active": {"true"}, "version": {"1795444328000000"}}
	got := p.post(t, userPath(), adminSession, typed)
	if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, "1 field needs another look") || !strings.Contains(got.body, `id="email-err"`) || !strings.Contains(got.body, `value="nobody"`) {
		t.Errorf("%d without the field or what was typed", got.StatusCode)
	}
	for _, fault := range faults(got.body) {
		t.Error(fault)
	}
	for field, wrong := range map[string]string{"quota": "ten", "types": "pdf"} {
		typed.Set("email", priya.Email)
		typed.Set(field, wrong)
		got := p.post(t, userPath(), adminSession, typed)
		if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="`+field+`-err"`) || !strings.Contains(got.body, `value="`+wrong+`"`) {
			t.Errorf("%s %q: %d without the field or what was typed", field, wrong, got.StatusCode)
		}
		typed.Del(field)
	}
	if page := p.get(t, userPath(), adminSession).body; !strings.Contains(page, `value="10 GB"`) || !strings.Contains(page, `value="application/pdf, image/*"`) || !strings.Contains(page, "3.20 GB of 10.0 GB used") {
		t.Error("the page does not show the allowance")
	}
	typed.Set("name", "Priya")
	typed.Set("version", "1")
	got = p.post(t, userPath(), adminSession, typed)
	if got.StatusCode != http.StatusConflict || !strings.Contains(got.body, "Somebody else changed this account") {
		t.Errorf("a form out of date: %d", got.StatusCode)
	}
	typed.Set("version", "soon")
	if got := p.post(t, userPath(), adminSession, typed); got.StatusCode != http.StatusBadRequest {
		t.Errorf("a damaged form: %d", got.StatusCode)
	}
	if len(w.governed) > 0 {
		t.Errorf("done: %q", w.governed)
	}
	add := p.post(t, "/admin/users/add/", adminSession, url.Values{"email": {"x"}, "role": {"staff"}, "password": {"typed-secret"}})
	if add.StatusCode != http.StatusBadRequest || strings.Contains(add.body, "typed-secret") {
		t.Errorf("adding: %d, or the password is in the page", add.StatusCode)
	}
}

func TestAPasswordThatWasMadeIsShownOnce(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	for path, form := range map[string]url.Values{"/admin/users/add/": {"email": {"new@example.com"}, "role": {"staff"}}, userPath() + "do/password": {}} {
		made := p.post(t, path, adminSession, form)
		i := slices.IndexFunc(made.Cookies(), func(c *http.Cookie) bool { return c.Name == "doorito_once" })
		if made.StatusCode != http.StatusSeeOther || made.Header.Get("Location") != userPath() || i < 0 {
			t.Fatalf("%s: %d to %s", path, made.StatusCode, made.Header.Get("Location"))
		}
		shown := p.get(t, userPath(), adminSession, func(r *http.Request) { r.AddCookie(made.Cookies()[i]) })
		if !strings.Contains(shown.body, "made-password") {
			t.Errorf("%s: the password is not shown", path)
		}
		if strings.Contains(p.get(t, userPath(), adminSession).body, "made-password") {
			t.Errorf("%s: the password is shown again", path)
		}
	}
}

func TestDeletingAUserAsksForTheAddress(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	ask := p.get(t, userPath()+"delete/", adminSession).body
	for _, words := range []string{"browsers that are signed in", "Files and batches stay", "Type " + priya.Email + " to confirm", "Keep it"} {
		if !strings.Contains(ask, words) {
			t.Errorf("the question does not say %q", words)
		}
	}
	if got := p.post(t, userPath()+"delete/", adminSession, url.Values{"sure": {"priya"}}); got.StatusCode != http.StatusBadRequest || len(w.governed) > 0 {
		t.Errorf("mistyped: %d, %q", got.StatusCode, w.governed)
	}
	got := p.post(t, userPath()+"delete/", adminSession, url.Values{"sure": {priya.Email}, "list": {"role=staff"}})
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/admin/users/?role=staff" || len(w.governed) != 1 {
		t.Errorf("%d to %s, %q", got.StatusCode, got.Header.Get("Location"), w.governed)
	}
	if own := p.get(t, "/admin/users/"+ines.ID.String()+"/delete/", adminSession).body; !strings.Contains(own, "your own account") || strings.Contains(own, "btn-error") {
		t.Error("one's own account can be deleted")
	}
}

func TestAllThatMatchAreDoneWithAndWhatCameLaterIsNot(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	w.manyPeople = true
	p := openPortal(t, w)
	page := p.get(t, "/admin/users/?role=staff", adminSession).body
	if !strings.Contains(page, "Select all 2 that match") || !strings.Contains(page, `name="asof" value="2026-11-23T14:32:08Z"`) {
		t.Error("the list does not offer all that match")
	}
	got := p.post(t, "/admin/users/", adminSession, url.Values{"action": {"off"}, "all": {"1"}, "asof": {"2026-11-23T14:32:08Z"}, "back": {"role=staff"}})
	if got.StatusCode != http.StatusSeeOther || len(w.governed) != 1 || strings.Count(w.governed[0], " ") != 4 {
		t.Fatalf("%d, %q", got.StatusCode, w.governed)
	}
	q := w.asked[len(w.asked)-1]
	if q.After == nil || q.To.IsZero() || q.To.After(noon.Add(1000)) || q.Filters["role"][0] != "staff" {
		t.Errorf("asked for %+v", q)
	}
}

func TestTheFilteredListIsExported(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	csv := p.get(t, "/admin/users/export.csv?role=staff", adminSession)
	if !strings.HasPrefix(csv.body, "id,name,email,role,state,signed_in,created\r\n"+ines.ID.String()+",Ines Ferrante,") || !strings.Contains(csv.Header.Get("Content-Disposition"), "users-2026-11-23.csv") {
		t.Errorf("csv: %q", csv.body)
	}
	var rows []map[string]any
	doc := p.get(t, "/admin/audit/export.json", adminSession)
	if err := json.Unmarshal([]byte(doc.body), &rows); err != nil || len(rows) != 2 || rows[0]["action"] != "user.changed" || rows[1]["ip"] != nil {
		t.Errorf("json: %v, %v", rows, err)
	}
	if got := p.get(t, "/admin/users/export.csv?colour=red", adminSession); got.StatusCode != http.StatusBadRequest {
		t.Errorf("a filter that is none: %d", got.StatusCode)
	}
}

func TestTheAuditLogSaysWhatWasBefore(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	list := p.get(t, "/admin/audit/", adminSession).body
	for _, words := range []string{"user.changed", `href="/admin/audit/?object=user"`, "By date", "Ines Ferrante"} {
		if !strings.Contains(list, words) {
			t.Errorf("the list has no %q", words)
		}
	}
	if strings.Contains(list, "%3c%2fa%3e") {
		t.Error("a value that is no name became a filter")
	}
	entry := p.get(t, "/admin/audit/"+id(901).String()+"/", adminSession).body
	if !strings.Contains(entry, "<bdi>staff</bdi>") || !strings.Contains(entry, "<bdi>admin</bdi>") || !strings.Contains(entry, "192.0.2.7") {
		t.Error("the entry does not tell before and after")
	}
	history := p.get(t, userPath()+"history/", adminSession).body
	if !strings.Contains(history, "/admin/audit/?object=user&amp;object_id="+priya.ID.String()) || !strings.Contains(history, "<del") {
		t.Error("the user's history has no before, or no way to the log")
	}
}

func TestASessionShowsWhichBytesAreHereAndAsksAgain(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	page := p.get(t, "/admin/sessions/"+id(702).String()+"/", adminSession).body
	for _, words := range []string{
		`hx-trigger="every 2s"`, `aria-label="460 MB of 1.20 GB are here, in 3 runs without a gap"`, "bytes 0 to 19,999,999", "4 of 120 parts",
		`x="741.67" y="0" width="8.33"`, "5 of 120", "40,000,000 to 49,999,999", "Abort…",
	} {
		if !strings.Contains(page, words) {
			t.Errorf("the page has no %s", words)
		}
	}
	if in := p.get(t, "/admin/sessions/"+id(700).String()+"/", adminSession).body; !strings.Contains(in, "in 1 run without") || !strings.Contains(in, `width="383.33"`) {
		t.Error("an upload in order is not drawn")
	}
	part := p.get(t, "/admin/sessions/"+id(702).String()+"/", adminSession, header("HX-Request", "true"), header("HX-Target", "object")).body
	if strings.Contains(part, "<html") || !strings.Contains(part, `id="object"`) {
		t.Error("what the page asks for again is the whole page")
	}
	if strings.Contains(page, "The map above shows all") {
		t.Error("a table that has all parts says it has not")
	}
	some := *w.parts[0]
	for some.Number = 1000; len(w.parts) <= 200; some.Number++ {
		w.parts = append(w.parts, &some)
	}
	if many := p.get(t, "/admin/sessions/"+id(702).String()+"/", adminSession).body; !strings.Contains(many, "first 200 of 201 parts") {
		t.Error("a table that has not all parts does not say so")
	}
	w.sessions[0].Status, w.sessions[0].ErrorMessage = domain.SessionFailed, "It stood still."
	over := p.get(t, "/admin/sessions/"+id(700).String()+"/", adminSession).body
	if strings.Contains(over, `hx-trigger="every`) || strings.Contains(over, "Abort…") || !strings.Contains(over, "It stood still.") {
		t.Error("a session that is over asks again, can be aborted, or does not say why")
	}
}

func TestSessionsAreAbortedOneByOneAndAllThatMatch(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	own := "/admin/sessions/" + id(700).String() + "/"
	if got := p.post(t, own+"do/abort", adminSession, nil); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != own {
		t.Errorf("%d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	got := p.post(t, "/admin/sessions/", adminSession, url.Values{"action": {"abort"}, "all": {"1"}, "asof": {"2026-11-23T14:32:08Z"}, "back": {"mode=parts&sort=oldest"}})
	if got.Header.Get("Location") != "/admin/sessions/?mode=parts&sort=oldest" || len(w.discarded) != 1+len(w.sessions) {
		t.Errorf("to %s, %d aborted", got.Header.Get("Location"), len(w.discarded))
	}
	if q := w.asked[len(w.asked)-1]; !q.Oldest || q.Filters["mode"][0] != "parts" {
		t.Errorf("asked for %+v", q)
	}
}

func TestAListGoesTheOtherWay(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	newest, oldest := p.get(t, "/admin/sessions/?mode=parts", adminSession).body, p.get(t, "/admin/sessions/?mode=parts&sort=oldest", adminSession).body
	if !strings.Contains(newest, `href="/admin/sessions/?mode=parts&amp;sort=oldest"`) || !strings.Contains(oldest, `href="/admin/sessions/?mode=parts" title="Show the newest first"`) {
		t.Error("a list has no way to its other order")
	}
	if got := p.get(t, "/admin/sessions/?sort=size", adminSession); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `href="/admin/sessions/"`) {
		t.Errorf("an order that is none: %d", got.StatusCode)
	}
}

func TestFilesAreMarkedAndKeptFromTheirPages(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	own := "/admin/files/" + w.files[0].ID.String() + "/"
	page := p.get(t, own+"?list=status%3Dstored", adminSession).body
	for _, words := range []string{"Mark processed…", "Mark failed…", "Keep longer…", "Expire now…", own + "delete/?list=status%3dstored", `name="value" value="24"`, "/admin/sessions/?file=", `href="/app/files/`, "/admin/users/" + priya.ID.String()} {
		if !strings.Contains(page, words) {
			t.Errorf("the page has no %s", words)
		}
	}
	for name, value := range map[string]string{"processed": "", "failed": "Not a scan.", "extend": "48", "expire": ""} {
		if got := p.post(t, own+"do/"+name, adminSession, url.Values{"value": {value}}); got.Header.Get("Location") != own {
			t.Errorf("%s: %d to %s", name, got.StatusCode, got.Header.Get("Location"))
		}
	}
	slices.Sort(w.governed)
	id := " " + w.files[0].ID.String()
	if want := []string{"expired" + id, "extended by 48h0m0s" + id, "failed: Not a scan." + id, "processed" + id}; !slices.Equal(w.governed, want) {
		t.Errorf("done: %q", w.governed)
	}
	if p.post(t, own+"do/extend", adminSession, url.Values{"value": {"soon"}}); len(w.governed) != 4 {
		t.Errorf("hours that are none: %q", w.governed)
	}
	bulk := url.Values{"action": {"extend"}, "id": {w.files[0].ID.String(), w.files[1].ID.String()}, "back": {"q=night"}}
	if got := p.post(t, "/admin/files/", adminSession, bulk); got.Header.Get("Location") != "/admin/files/?q=night" || len(w.governed) != 6 || !strings.HasPrefix(w.governed[5], "extended by 24h") {
		t.Errorf("in bulk: %q", w.governed)
	}
	if list, csv := p.get(t, "/admin/files/", adminSession).body, p.get(t, "/admin/files/export.csv", adminSession).body; strings.Contains(list, ">SHA-256</th>") || !strings.Contains(csv, ",sha256,") {
		t.Error("the list has a hash, or the export has none")
	}
	gone := p.get(t, own+"delete/", adminSession).body
	if !strings.Contains(gone, "of bytes, at once") || !strings.Contains(gone, "its events and its history stay") {
		t.Error("the question before a delete does not say what goes and what stays")
	}
	if got := p.post(t, own+"delete/", adminSession, url.Values{"sure": {w.files[0].OriginalFilename}}); got.Header.Get("Location") != "/admin/files/" || len(w.deleted) != 1 {
		t.Errorf("deleted %v, then to %s", w.deleted, got.Header.Get("Location"))
	}
}

func TestAFileSaysWhatCameOfReadingItBack(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	own := "/admin/files/" + w.files[0].ID.String() + "/"
	if page := p.get(t, own, adminSession).body; !strings.Contains(page, "not yet") || !strings.Contains(page, "Read bytes back…") || strings.Contains(page, "hx-trigger=\"every") {
		t.Error("a file that nobody read back")
	}
	if p.post(t, own+"do/check", adminSession, nil); len(w.governed) != 1 || !strings.HasPrefix(w.governed[0], "read back") {
		t.Errorf("done: %q", w.governed)
	}
	check := domain.NewFileCheck(id(1), w.files[0], domain.UserActor(ines), noon)
	check.State, check.Done = domain.CheckRunning, w.files[0].SizeBytes/2
	w.check = check
	if page := p.get(t, own, adminSession).body; !strings.Contains(page, "50 %") || !strings.Contains(page, `hx-trigger="every 2s"`) || strings.Contains(page, "Read bytes back…") {
		t.Error("a file that is being read")
	}
	check.End(w.files[0], w.files[0].SizeBytes, w.files[0].SHA256, noon)
	if page := p.get(t, own, adminSession).body; !strings.Contains(page, "matches,") || strings.Contains(page, "not right") {
		t.Error("a file whose bytes are right")
	}
	check.End(w.files[0], 3, strings.Repeat("0", 64), noon)
	if page := p.get(t, own, adminSession).body; !strings.Contains(page, "Its bytes are not right.") || !strings.Contains(page, "SHA-256 000000000000…") {
		t.Error("a file whose bytes are not right")
	}
}

func TestABatchIsRenamedAndGoesBackToItsList(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	own := "/admin/batches/" + w.batches[0].ID.String() + "/"
	got := p.post(t, own, adminSession, url.Values{"label": {"Gate 9"}, "list": {"status=init"}})
	if got.Header.Get("Location") != "/admin/batches/?status=init" || len(w.governed) != 1 || !strings.HasPrefix(w.governed[0], "renamed to Gate 9") {
		t.Errorf("%d to %s, %q", got.StatusCode, got.Header.Get("Location"), w.governed)
	}
	if got := p.post(t, own, adminSession, url.Values{"label": {strings.Repeat("x", 300)}}); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="label-err"`) {
		t.Errorf("a label that is too long: %d", got.StatusCode)
	}
	if page := p.get(t, own, adminSession).body; !strings.Contains(page, "Finalise…") || strings.Contains(page, "hx-trigger=\"every") {
		t.Error("an open batch cannot be finalised, or its form is thrown away now and then")
	}
}

func TestEveryListOfTheAdminCountsExportsAndLeadsToItsPages(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	index := p.get(t, "/admin/", adminSession).body
	for _, kind := range adminLists {
		path := "/admin/" + kind + "/"
		page := p.get(t, path, adminSession).body
		wants := []string{"By date", "<h2>Filter</h2>", path + "export.csv", path + "export.json", path + "?sort=oldest"}
		if kind != "attempts" && kind != "parts" { // whose rows lead to what they are of
			wants = append(wants, `href="`+path+"0190f0a0-")
		}
		for _, words := range wants {
			if !strings.Contains(page, words) {
				t.Errorf("%s has no %s", path, words)
			}
		}
		if !strings.Contains(index, `href="`+path+`"`) {
			t.Errorf("the index does not lead to %s", path)
		}
		if got := p.get(t, path+"export.csv", adminSession); got.StatusCode != http.StatusOK || !strings.HasPrefix(got.body, "id,") {
			t.Errorf("%sexport.csv: %d", path, got.StatusCode)
		}
		for _, session := range []string{staffSession, ""} {
			if got := p.get(t, path, session); got.StatusCode != http.StatusForbidden && got.StatusCode != http.StatusSeeOther {
				t.Errorf("%s for %q: %d", path, session, got.StatusCode)
			}
		}
	}
	if csv := p.get(t, "/admin/tokens/export.json", adminSession).body; strings.Contains(csv, "hash") || strings.Contains(csv, "secret") {
		t.Error("tokens are exported with what nobody may have")
	}
}

func TestThePaletteFindsThingsAndLeadsToThem(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	got := p.get(t, "/app/find/?q=gate+%22", adminSession).body
	for _, words := range []string{`href="/app/files/` + w.files[0].ID.String(), "Batch of 23 Nov, 14:32:08", `href="/admin/users/` + priya.ID.String(), `href="/app/search/?q=gate&#43;%22"`, `role="option"`} {
		if !strings.Contains(got, words) {
			t.Errorf("it did not find %s: %s", words, got)
		}
	}
	if strings.Contains(got, "<html") {
		t.Error("the palette gets a whole page")
	}
	if got := p.get(t, "/app/find/?q=gate", staffSession).body; strings.Contains(got, "/admin/") {
		t.Error("staff find users")
	}
	if got := p.get(t, "/app/find/?q=+", adminSession).body; strings.Contains(got, "href") {
		t.Error("nothing was asked for, and something found")
	}
}

func TestAdminPagesAreForAdmins(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	for _, path := range []string{"/admin/", "/admin/users/", "/admin/users/add/", userPath(), userPath() + "history/", userPath() + "delete/", "/admin/users/export.csv", "/admin/audit/", "/admin/audit/" + id(901).String() + "/"} {
		if got := p.get(t, path, staffSession); got.StatusCode != http.StatusForbidden {
			t.Errorf("GET %s as staff: %d", path, got.StatusCode)
		}
		if got := p.get(t, path, ""); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/login?next=") {
			t.Errorf("GET %s as nobody: %d", path, got.StatusCode)
		}
	}
	if got := p.post(t, userPath(), adminSession, url.Values{"_csrf": {""}}); got.StatusCode != http.StatusForbidden {
		t.Errorf("a form without the token: %d", got.StatusCode)
	}
}

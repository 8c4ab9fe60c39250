package e2e

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to break the database of a portal

	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// Names as people have them.
var (
	longName    = strings.Repeat("Frachtbrief_2026-11-23_Hamburg-Rotterdam_", 6) + "Ende.pdf" // 254 bytes
	waiting     = strings.Repeat("Warehouse_management_", 4)
	rightToLeft = "חשבונית מס 2026 سند الشحن.txt"
)

const (
	good    = "Customs broker"
	failing = "Archive"
	staff   = "maximiliane.von-der-hohenstaufen@a-rather-long-department.example.com"
)

// lived is a portal as it looks after some use: batches in every state, files
// with names of every kind, endpoints that work, fail and hang.
type lived struct {
	*portal.Portal
	staffPassword string
	dir           string
	client        *portal.Client
	plain         portal.File
	long, failed  string            // ids of files
	partial, open string            // ids of batches
	endpoints     map[string]string // name to id
}

func newLived(t *testing.T) *lived {
	t.Helper()
	l := &lived{dir: t.TempDir(), endpoints: map[string]string{}}
	l.Portal = portal.MustStart(t, portal.Options{Dir: l.dir, Env: []string{
		"FILE_UPLOAD_ALLOWED_TYPES=text/*,application/pdf,image/png", "WEBHOOK_RETRY_SCHEDULE=0s,0s,0s",
	}})
	l.staffPassword = l.MustCLI(t, "user", "create", staff, "--name", "Maximiliane Freifrau von der Hohenstaufen-Wittelsbach")
	answers, refuses, hangs := world.NewReceiver(t), world.NewReceiver(t), world.NewReceiver(t)
	refuses.Answer(http.StatusUnprocessableEntity) // an endpoint that answers 5xx would be left alone for a while
	hangs.Hang()
	l.endpoint(t, good, answers.URL+"/hook")
	l.endpoint(t, failing, refuses.URL+"/hook")
	l.endpoint(t, waiting, hangs.URL+"/hooks/"+strings.Repeat("a-long-path/", 8))
	l.client = l.WithToken(t, l.Token(t, "upload,read"))
	l.files(t)
	answers.Await(t, 10)
	l.settled(t)
	return l
}

// endpoint adds one as an admin does, by the form.
func (l *lived) endpoint(t *testing.T, name, address string) {
	t.Helper()
	c := l.Admin(t)
	a := c.Do(t, http.MethodPost, "/app/endpoints/new/", "application/x-www-form-urlencoded",
		strings.NewReader(url.Values{"name": {name}, "url": {address}}.Encode()))
	id, ok := strings.CutPrefix(strings.TrimSuffix(a.Header.Get("Location"), "/created/"), "/app/endpoints/")
	if a.Code != http.StatusSeeOther || !ok {
		t.Fatalf("endpoint %s: %d", name, a.Code)
	}
	l.endpoints[name] = id
}

// files hands in what people hand in: one batch complete, one partial, one open,
// one failed, and files without a batch.
func (l *lived) files(t *testing.T) {
	t.Helper()
	complete, partial, open, failed := l.batch(t, "Vessel Elbe, 23 November"), l.batch(t, strings.Repeat("A label that goes on and on, ", 6)), l.batch(t, ""), l.batch(t, "Nothing got in")
	for i := range 3 {
		l.put(t, complete, fmt.Sprintf("manifest-%02d.pdf", i), "%PDF-1.7 a manifest"+strings.Repeat(" and more", i*1000), http.StatusCreated)
	}
	l.long = l.put(t, partial, longName, "%PDF-1.7 a long name", http.StatusCreated)
	l.put(t, partial, rightToLeft, "from the right", http.StatusCreated)
	l.put(t, partial, "scan.png", "PK\x03\x04 no picture at all", http.StatusUnsupportedMediaType)
	l.put(t, open, strings.Repeat("nobreak", 20)+".txt", "no place to break", http.StatusCreated)
	l.put(t, failed, "setup.exe", "MZ\x90\x00\x03\x00 a program", http.StatusUnsupportedMediaType)
	l.plain = l.client.Upload(t, "report.txt", []byte("a plain report"))
	for _, id := range []string{complete, partial, failed} {
		if a := l.client.Do(t, http.MethodPost, "/api/v1/batches/"+id+"/finalise", "", nil); a.Code != http.StatusOK {
			t.Fatalf("finalise: %d %s", a.Code, a.Body)
		}
	}
	l.partial, l.open = partial, open
	l.failed = l.first(t, "/app/files/?status=failed", "/app/files/")
}

// first is the id of the first thing on a list.
func (l *lived) first(t *testing.T, list, under string) string {
	t.Helper()
	a := l.Admin(t).Get(t, list)
	_, rest, ok := bytes.Cut(a.Body, []byte(`href="`+under+"0"))
	if !ok {
		t.Fatalf("%s is empty: %d", list, a.Code)
	}
	return "0" + string(rest[:35])
}

func (l *lived) batch(t *testing.T, label string) string {
	t.Helper()
	in, err := json.Marshal(map[string]string{"label": label})
	if err != nil {
		t.Fatal(err)
	}
	a := l.client.Do(t, http.MethodPost, "/api/v1/batches", "application/json", bytes.NewReader(in))
	var made struct{ ID string }
	if err := json.Unmarshal(a.Body, &made); err != nil || a.Code != http.StatusCreated {
		t.Fatalf("batch: %d %s", a.Code, a.Body)
	}
	return made.ID
}

func (l *lived) put(t *testing.T, batch, name, content string, code int) string {
	t.Helper()
	a := l.client.Do(t, http.MethodPut, "/api/v1/files/"+url.PathEscape(name)+"?batch="+batch, "", strings.NewReader(content))
	var made struct{ ID string }
	if err := json.Unmarshal(a.Body, &made); err != nil || a.Code != code {
		t.Fatalf("%s: %d %s", name, a.Code, a.Body)
	}
	return made.ID
}

// settled waits until what can be delivered is, and what fails has failed.
func (l *lived) settled(t *testing.T) {
	t.Helper()
	admin := l.Admin(t)
	world.Eventually(t, "nothing waits for the endpoint that fails", func() bool {
		a := admin.Get(t, "/app/deliveries/?status=pending&endpoint="+l.endpoints[failing])
		return !bytes.Contains(a.Body, []byte("<tbody"))
	})
}

// breakDown takes away what the portal stands on: the storage leads round in a circle, and a
// table is gone.
func (l *lived) breakDown(t *testing.T) {
	t.Helper()
	folder := filepath.Join(l.dir, "files")
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("files", folder); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(l.dir, "doorito.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("ALTER TABLE delivery_attempts RENAME TO lost"); err != nil {
		t.Fatal(err)
	}
}

// page is one address under a name.
type page struct{ name, path string }

// pages are all that a link leads an admin to.
func (l *lived) pages(t *testing.T) []page {
	t.Helper()
	out := []page{
		{"dashboard", "/app/"}, {"files", "/app/files/"}, {"files-filtered", "/app/files/?q=manifest&status=stored&size=small"},
		{"files-none", "/app/files/?q=no+such+file"},
		{"file-stored", "/app/files/" + l.plain.ID + "/"}, {"file-long", "/app/files/" + l.long + "/"}, {"file-failed", "/app/files/" + l.failed + "/"},
		{"batches", "/app/batches/"}, {"endpoints", "/app/endpoints/"}, {"endpoint-new", "/app/endpoints/new/"}, {"endpoint-receive", "/app/endpoints/receive/"},
		{"deliveries", "/app/deliveries/"}, {"events", "/app/events/"},
		{"api", "/app/api/"}, {"tokens", "/app/tokens/"}, {"token-new", "/app/tokens/new/"}, {"token", "/app/tokens/" + l.first(t, "/app/tokens/", "/app/tokens/") + "/"},
	}
	schedule := "/admin/schedules/" + l.first(t, "/admin/schedules/?task=outbox.sweep", "/admin/schedules/") + "/"
	user := "/admin/users/" + l.first(t, "/admin/users/?role=staff", "/admin/users/") + "/"
	out = append(out, page{"admin", "/admin/"}, page{"users", "/admin/users/"}, page{"user-add", "/admin/users/add/"}, page{"user", user + "?list=role%3Dstaff"},
		page{"user-history", user + "history/"}, page{"user-delete", user + "delete/"},
		page{"schedule-add", "/admin/schedules/add/"}, page{"schedule-delete", schedule + "delete/"}, page{"audit", "/admin/audit/"},
		page{"audit-entry", "/admin/audit/" + l.first(t, "/admin/audit/?action=user.created", "/admin/audit/") + "/"})
	out = append(out, page{"admin-sessions", "/admin/sessions/?sort=oldest"}, page{"admin-parts", "/admin/parts/"}, page{"admin-session", "/admin/sessions/" + inParts(t, l.client, "survey.pdf") + "/"},
		page{"admin-files", "/admin/files/"}, page{"admin-file", "/admin/files/" + l.plain.ID + "/"}, page{"admin-batch", "/admin/batches/" + l.partial + "/"},
		page{"admin-attempts", "/admin/attempts/"}, page{"admin-endpoint", "/admin/endpoints/" + l.endpoints[failing] + "/"}, page{"admin-endpoint-delete", "/admin/endpoints/" + l.endpoints[failing] + "/delete/"},
		page{"admin-event", "/admin/events/" + l.first(t, "/admin/events/", "/admin/events/") + "/"},
		page{"admin-delivery", "/admin/deliveries/" + l.first(t, "/admin/deliveries/?status=failed", "/admin/deliveries/") + "/"})
	for _, status := range []string{"failed", "pending"} {
		out = append(out, page{"delivery-" + status, "/app/deliveries/" + l.first(t, "/app/deliveries/?status="+status, "/app/deliveries/") + "/"})
	}
	out = append(out, page{"event", "/app/events/" + l.first(t, "/app/events/", "/app/events/") + "/"})
	return append(out,
		page{"batch-partial", "/app/batches/" + l.partial + "/"},
		page{"batch-open", "/app/batches/" + l.open + "/"},
		page{"endpoint-failing", "/app/endpoints/" + l.endpoints[failing] + "/"},
		page{"endpoint-waiting", "/app/endpoints/" + l.endpoints[waiting] + "/?show=all"},
		page{"stuck", "/app/deliveries/stuck/"}, page{"replays", "/app/replays/"}, page{"replay", l.replay(t)},
		page{"replay-new", "/app/endpoints/" + l.endpoints[good] + "/replay/"},
		page{"sample", "/app/endpoints/" + l.endpoints[good] + "/sample/"},
		page{"endpoint-edit", "/app/endpoints/" + l.endpoints[waiting] + "/edit/"},
	)
}

// replay begins one, as an admin does by the form, and is its page.
func (l *lived) replay(t *testing.T) string {
	t.Helper()
	a := l.Admin(t).Do(t, http.MethodPost, "/app/endpoints/"+l.endpoints[good]+"/replay/", "application/x-www-form-urlencoded",
		strings.NewReader(url.Values{"from": {time.Now().UTC().Add(-time.Hour).Format("2006-01-02T15:04")}, "scope": {"all"}, "per_second": {"1"}, "do": {"start"}}.Encode()))
	to := a.Header.Get("Location")
	if a.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/app/replays/") {
		t.Fatalf("replay: %d to %s: %s", a.Code, to, a.Body)
	}
	return to
}

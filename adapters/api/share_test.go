package api_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	whole "doorito/e2e/world"
	"doorito/ports/usecase"
)

// items of a page.
func items(page map[string]any) []map[string]any {
	var out []map[string]any
	all, _ := page["items"].([]any)
	for _, item := range all {
		one, _ := item.(map[string]any)
		out = append(out, one)
	}
	return out
}

func TestAProgramSharesAFileAndTheAddressIsShownOnce(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann, bob, admin := p.token("ann", "upload,read"), p.token("bob", "upload,read"), p.token("admin", "admin")
	file := "/api/v1/files/" + p.put(ann, "a.txt", "hello")
	const body = `{"expires_at":"2999-01-01T00:00:00Z","password":"four words of mine","max_downloads":3}`
	made, header := p.ask(ann, "POST", file+"/shares", body, 201, "Idempotency-Key: k")
	link := fmt.Sprint(made["url"])
	token, ok := strings.CutPrefix(link, whole.BaseURL+"/s/")
	if !ok || made["begins_with"] != token[:6] || made["state"] != "live" || made["password"] != true || made["max_downloads"] != 3.0 || made["target_name"] != "a.txt" {
		t.Fatalf("%v", made)
	}
	path := header.Get("Location")
	if path != "/api/v1/shares/"+fmt.Sprint(made["id"]) {
		t.Errorf("Location %s", path)
	}
	pass, err := p.Shared.Unlock(context.Background(), token, "four words of mine", usecase.Visit{IP: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Shared.Begin(context.Background(), token, usecase.Visit{Pass: pass, IP: "192.0.2.7", UserAgent: "a browser"}, nil); err != nil {
		t.Fatal(err)
	}
	again, header := p.ask(ann, "POST", file+"/shares", body, 200, "Idempotency-Key: k")
	if again["id"] != made["id"] || again["url"] != nil || again["downloads"] != 1.0 || header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("again %v", again)
	}
	p.ask(ann, "POST", file+"/shares", strings.Replace(body, "four", "five", 1), 409, "Idempotency-Key: k")

	for _, at := range []string{path, file + "/shares", "/api/v1/shares", path + "/accesses"} {
		res, got := do(t, "GET", p.base+at, nil, bearer(ann))
		if res.StatusCode != 200 || strings.Contains(got, token) || strings.Contains(got, "argon2") || strings.Contains(got, "four words") {
			t.Errorf("%s: %d %s", at, res.StatusCode, got)
		}
	}
	log, _ := p.ask(ann, "GET", path+"/accesses?limit=1", "", 200)
	if got := items(log); len(got) != 1 || got[0]["what"] != "download" || got[0]["ip"] != "192.0.2.7" || got[0]["file_name"] != "a.txt" {
		t.Errorf("log %v", got)
	}
	older, _ := p.ask(ann, "GET", path+"/accesses?after="+url.QueryEscape(fmt.Sprint(log["next"])), "", 200)
	if got := items(older); len(got) != 1 || got[0]["outcome"] != "opened" {
		t.Errorf("the page after that: %v", got)
	}
	for at, status := range map[string]int{path: 404, path + "/accesses": 404, file + "/shares": 404} {
		p.ask(bob, "GET", at, "", status)
	}
	p.ask(bob, "DELETE", path, "", 404)
	p.ask(admin, "GET", path, "", 200)
	p.ask(ann, "DELETE", path, "", 204)
	p.ask(ann, "DELETE", path, "", 204)
	if got, _ := p.ask(ann, "GET", path, "", 200); got["state"] != "revoked" || got["revoked_at"] == nil {
		t.Errorf("revoked: %v", got)
	}
	entries, err := p.DB.Reads().Audit.ListOf(context.Background(), "sharelink", uuid.MustParse(fmt.Sprint(made["id"])), 10)
	if err != nil || len(entries) != 2 {
		t.Fatal(len(entries), err)
	}
	for _, e := range entries {
		if e.Action != "sharelink.shared" && e.Action != "sharelink.unshared" || e.IP != "127.0.0.1" {
			t.Errorf("history %+v", e)
		}
	}
}

func TestShareLinksAreListedAndWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann, bob, admin := p.token("ann", "upload,read"), p.token("bob", "upload,read"), p.token("admin", "admin")
	uploads, reads := p.token("ann", "upload"), p.token("ann", "read")
	file := "/api/v1/files/" + p.put(ann, "a.txt", "hello") + "/shares"
	b, _ := p.ask(ann, "POST", "/api/v1/batches", `{"label":"Week 47"}`, 201)
	batch := "/api/v1/batches/" + fmt.Sprint(b["id"]) + "/shares"
	for _, token := range []string{uploads, reads} {
		p.ask(token, "POST", file, `{"expires_at":null}`, 403)
	}
	for body, field := range map[string]string{
		`{}`: "expires_at", `{"expires_at":"soon"}`: "expires_at", `{"expires_at":5}`: "expires_at", `{"expires_at":"2001-01-01"}`: "expires_at",
		`{"expires_at":null,"max_downloads":0}`: "max_downloads", `{"expires_at":null,"password":"short"}`: "password", `{"expires_at":null,"passwort":"x"}`: "passwort",
	} {
		if problem, _ := p.ask(ann, "POST", file, body, 400); problem["field"] != field {
			t.Errorf("%s: %v", body, problem)
		}
	}
	first, _ := p.ask(ann, "POST", file, `{"expires_at":null}`, 201)
	second, _ := p.ask(admin, "POST", file, `{"expires_at":null}`, 201)
	third, _ := p.ask(ann, "POST", batch, `{"expires_at":null,"max_downloads":null}`, 201)
	if third["batch_id"] != b["id"] || third["file_id"] != nil || third["expires_at"] != nil || third["max_downloads"] != nil {
		t.Errorf("%v", third)
	}
	p.ask(bob, "POST", batch, `{"expires_at":null}`, 404)
	for _, tc := range []struct {
		token, path string
		want        []map[string]any
	}{
		{reads, file, []map[string]any{second, first}},
		{reads, batch + "?state=live", []map[string]any{third}},
		{reads, batch + "?state=revoked,expired", nil},
		{reads, "/api/v1/shares", []map[string]any{third, first}},
		{reads, "/api/v1/shares?kind=file", []map[string]any{first}},
		{bob, "/api/v1/shares", nil},
		{admin, "/api/v1/shares?q=a.txt", []map[string]any{second, first}},
		{admin, "/api/v1/shares?limit=1", []map[string]any{third}},
	} {
		page, _ := p.ask(tc.token, "GET", tc.path, "", 200)
		got := items(page)
		if len(got) != len(tc.want) {
			t.Fatalf("%s: %v", tc.path, got)
		}
		for i := range got {
			if got[i]["id"] != tc.want[i]["id"] {
				t.Errorf("%s: at %d %v", tc.path, i, got[i])
			}
		}
	}
	for path, field := range map[string]string{"/api/v1/shares?state=odd": "state", file + "?kind=file": "kind", "/api/v1/shares/" + fmt.Sprint(first["id"]) + "/accesses?outcome=x": "outcome"} {
		if problem, _ := p.ask(ann, "GET", path, "", 400); problem["field"] != field {
			t.Errorf("%s: %v", path, problem)
		}
	}
}

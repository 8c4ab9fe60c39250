package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"doorito/adapters/api"
)

func TestAnUploadThatHasEndedSaysHow(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	ended := func(at string, status int, says string) {
		t.Helper()
		for _, c := range [][2]string{{"PUT", at + "/parts/1"}, {"DELETE", at}} {
			if got, _ := p.ask(ann, c[0], c[1], "hello", status); !strings.Contains(fmt.Sprint(got["detail"]), says) {
				t.Errorf("%s: %v", c[0], got)
			}
		}
	}
	done := p.begin(ann, 5)
	p.ask(ann, "PUT", done+"/parts/1", "hello", 200)
	p.ask(ann, "POST", done+"/complete", "", 200)
	ended(done, 409, "complete")
	if got, _ := p.ask(ann, "POST", done+"/complete", `{"sha256":"`+hexSum([]byte("other"))+`"}`, 400); got["field"] != "sha256" {
		t.Errorf("%v", got)
	} else if detail := fmt.Sprint(got["detail"]); got["received_sha256"] != hexSum([]byte("hello")) || got["declared_sha256"] != hexSum([]byte("other")) ||
		!strings.Contains(detail, hexSum([]byte("hello"))[:12]+"…") || strings.Contains(detail, hexSum([]byte("hello"))[:13]) {
		t.Errorf("the sums are told as %v", got)
	}
	aborted := p.begin(ann, 5)
	p.ask(ann, "DELETE", aborted, "", 204)
	ended(aborted, 410, "aborted")
	p.ask(ann, "POST", aborted+"/complete", "", 410)
	refused := p.begin(ann, 5, `,"sha256":"`+hexSum([]byte("other"))+`"`)
	p.ask(ann, "PUT", refused+"/parts/1", "hello", 200)
	p.ask(ann, "POST", refused+"/complete", "", 400)
	ended(refused, 410, "failed")
	late := p.begin(ann, 5)
	p.Clock.Advance(25 * time.Hour)
	if got, _ := p.ask(ann, "PUT", late+"/parts/1", "hello", 410); !strings.Contains(fmt.Sprint(got["detail"]), "expired") {
		t.Errorf("%v", got)
	}
	p.ask(ann, "POST", late+"/complete", "", 410)
	p.ask(ann, "DELETE", late, "", 204) // one whose time is over may still be aborted
}

func TestUploadsAreListedByStateAndBatch(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann, bob, admin := p.token("ann", "upload"), p.token("bob", "upload,read"), p.token("admin", "read")
	b, _ := p.ask(ann, "POST", "/api/v1/batches", "", 201)
	in := p.begin(ann, 5, `,"batch_id":"`+fmt.Sprint(b["id"])+`"`)
	out := p.begin(ann, 5)
	p.ask(ann, "PUT", out+"/parts/1", "hello", 200)
	p.begin(bob, 5)
	for query, want := range map[string]string{
		"":                              out + " " + in,
		"?status=in_progress":           out,
		"?status=init,complete":         in,
		"?batch=" + fmt.Sprint(b["id"]): in,
		"?limit=1":                      out,
	} {
		page, _ := p.ask(ann, "GET", "/api/v1/sessions"+query, "", 200)
		var got []string
		for _, item := range page["items"].([]any) {
			s := item.(map[string]any)
			if got = append(got, "/api/v1/sessions/"+fmt.Sprint(s["id"])); s["original_filename"] != "scan.bin" || s["received"] != nil {
				t.Errorf("%v", s)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
	if page, _ := p.ask(admin, "GET", "/api/v1/sessions", "", 200); len(page["items"].([]any)) != 3 {
		t.Errorf("%v", page)
	}
	for _, query := range []string{"?status=done", "?batch=May", "?owner=ann", "?after=x"} {
		p.ask(ann, "GET", "/api/v1/sessions"+query, "", 400)
	}
	me, _ := p.ask(bob, "GET", "/api/v1/me", "", 200)
	of := "/api/v1/sessions?owner=" + fmt.Sprint(get(me, "user", "id"))
	if page, _ := p.ask(admin, "GET", of+"&status=init", "", 200); len(page["items"].([]any)) != 1 || get(page, "items", 0, "id") == strings.TrimPrefix(in, "/api/v1/sessions/") {
		t.Errorf("of bob: %v", page)
	}
	if page, _ := p.ask(admin, "GET", of+"&status=complete", "", 200); len(page["items"].([]any)) != 0 {
		t.Errorf("of bob, complete: %v", page)
	}
	p.ask(bob, "GET", of, "", 403)
	p.ask(bob, "GET", in, "", 404)
	for _, c := range [][2]string{{"DELETE", in}, {"POST", in + "/complete"}, {"PUT", in + "/parts/1"}} {
		p.ask(bob, c[0], c[1], "", 404, "X-HTTP-Method-Override: GET") // which counts for tus alone
	}
}

// Nothing that the bytes of a part could be counts against the limit of requests.
func TestAPartIsNoRequestOfTheLimit(t *testing.T) {
	t.Parallel()
	p := newPortal(t, func(d *api.Deps) { d.RateLimit = 2 })
	ann := p.token("ann", "upload,read")
	at := p.begin(ann, 5)
	for range 4 {
		p.ask(ann, "PUT", at+"/parts/1", "hello", 200)
	}
	p.ask(ann, "POST", at+"/complete", "", 200)
	p.ask(ann, "GET", at, "", 429)
}

package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"doorito/domain"
	whole "doorito/e2e/world"
)

// get walks down an answer: get(e, "filter", "min_size").
func get(v any, keys ...any) any {
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			list, _ := v.([]any)
			if k >= len(list) {
				return nil
			}
			v = list[k]
		}
	}
	return v
}

func TestAnEndpointIsLookedAfterByAPI(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	admin := p.token("admin", "admin")
	r := whole.NewReceiver(t)
	made, h := p.ask(admin, "POST", "/api/v1/endpoints", `{"url":"`+r.URL+`/in","event_types":["file.*"],"headers":{"x-tenant":"hush"},"filter":{"min_size":3,"metadata":{"a":null,"b":"c"}}}`, 201)
	own := fmt.Sprintf("/api/v1/endpoints/%s", made["id"])
	secret := fmt.Sprint(made["secret"])
	if h.Get("Location") != own || !strings.HasPrefix(secret, "whsec_") || get(made, "headers", 0) != "X-Tenant" || get(made, "state") != "active" {
		t.Fatalf("%s %v", h.Get("Location"), made)
	}
	e, _ := p.ask(admin, "GET", own, "", 200)
	if fmt.Sprint(get(e, "health", "pending")) != "0" || made["health"] != nil {
		t.Errorf("health: %v", e["health"])
	}
	if e["secret"] != nil || fmt.Sprint(get(e, "filter", "min_size")) != "3" || get(e, "filter", "max_size") != nil || get(e, "filter", "metadata", "b") != "c" || get(e, "certificate") != nil {
		t.Errorf("%v", e)
	}
	if strings.Contains(fmt.Sprint(e), "hush") || strings.Contains(fmt.Sprint(e), secret) {
		t.Error("a secret is in the answer")
	}
	e, _ = p.ask(admin, "PATCH", own, `{"name":"Warehouse","headers":{"X-Tenant":null,"X-New":"1"}}`, 200)
	if e["name"] != "Warehouse" || e["url"] != r.URL+"/in" || fmt.Sprint(get(e, "filter", "min_size")) != "3" || fmt.Sprint(e["headers"]) != "[X-New]" {
		t.Errorf("%v", e)
	}
	for body, field := range map[string]string{
		`{"url":"ftp://x"}`: "url", `{"event_types":["file.eaten"]}`: "event_types", `{"filter":{"content_types":["x"]}}`: "content_types",
		`{"headers":{"Host":"x"}}`: "headers.Host", `{"pace":{"timeout":"3h"}}`: "timeout", `{"pace":{"max_in_flight":0}}`: "max_in_flight",
		`{"pace":{"rate_limit":10001}}`: "rate_limit", `{"pace":{"retry_schedule":"soon"}}`: "retry_schedule", `{"colour":"red"}`: "colour", `{"filter":{"min":1}}`: "min",
	} {
		if got, _ := p.ask(admin, "PATCH", own, body, 400); got["field"] != field {
			t.Errorf("%s: %v", body, got)
		}
	}
	list, _ := p.ask(admin, "GET", "/api/v1/endpoints?active=true&q=ware", "", 200)
	if get(list, "items", 0, "id") != made["id"] {
		t.Errorf("%v", list)
	}
	p.ask(admin, "GET", "/api/v1/endpoints?active=yes", "", 400)
	test, _ := p.ask(admin, "POST", own+"/test", "", 200)
	if test["status"] != "delivered" || fmt.Sprint(get(test, "attempt_list", 0, "status_code")) != "204" || get(test, "attempt_list", 0, "request_headers", "X-New", 0) != "••••••••" {
		t.Errorf("%v", test)
	}
	if got := r.Got()[0]; domain.VerifyHex(secret, got.Header.Get("X-Webhook-Signature"), got.Body) != nil {
		t.Error("not signed with the secret that was shown")
	}
	sample, _ := p.ask(admin, "POST", own+"/sample", `{"type":"batch.completed","data":{"batch_id":"mine"}}`, 200)
	if sample["event_type"] != "batch.completed" || sample["status"] != "delivered" || !strings.Contains(string(r.Got()[1].Body), `"mine"`) {
		t.Errorf("%v", sample)
	}
	if made, _ := p.ask(admin, "POST", own+"/sample", `{"type":"file.stored"}`, 200); get(made, "body", "data", "original_filename") != "sample.pdf" {
		t.Errorf("%v", made["body"])
	}
	for body, field := range map[string]string{`{}`: "type", `{"type":"file.eaten"}`: "type", `{"type":"file.stored","data":[]}`: "data"} {
		if got, _ := p.ask(admin, "POST", own+"/sample", body, 400); got["field"] != field {
			t.Errorf("%s: %v", body, got)
		}
	}
	if off, _ := p.ask(admin, "POST", own+"/disable", "", 200); off["state"] != "disabled" || off["disabled_at"] == nil {
		t.Errorf("%v", off)
	}
	if on, _ := p.ask(admin, "POST", own+"/enable", "", 200); on["state"] != "active" || on["disabled_at"] != nil {
		t.Errorf("%v", on)
	}
	p.ask(admin, "DELETE", own, "", 204)
	p.ask(admin, "GET", own, "", 404)
	p.ask(admin, "DELETE", own, "", 404)
}

func TestWhatIsStuckIsToldByAPI(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	admin := p.token("admin", "admin")
	if none, _ := p.ask(admin, "GET", "/api/v1/stuck", "", 200); fmt.Sprint(none["backlogs"], none["oldest"]) != "[] []" {
		t.Errorf("%v", none)
	}
	r := whole.NewReceiver(t)
	r.Answer(http.StatusBadGateway)
	made, _ := p.ask(admin, "POST", "/api/v1/endpoints", `{"url":"`+r.URL+`","name":"Archive"}`, 201)
	p.ask(p.token("ann", "upload"), "PUT", "/api/v1/files/a.txt", "hello", 201)
	if _, err := p.Engine.Pass(context.Background()); err != nil {
		t.Fatal(err)
	}
	got, _ := p.ask(admin, "GET", "/api/v1/stuck", "", 200)
	if get(got, "backlogs", 0, "endpoint_id") != made["id"] || fmt.Sprint(get(got, "backlogs", 0, "pending")) != "1" || get(got, "oldest", 0, "subject") != "a.txt" {
		t.Errorf("%v", got)
	}
}

func TestSecretsAreRotatedByAPI(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	admin := p.token("admin", "admin")
	made, _ := p.ask(admin, "POST", "/api/v1/endpoints", `{"url":"https://receiver.example"}`, 201)
	own := fmt.Sprintf("/api/v1/endpoints/%s", made["id"])
	old := fmt.Sprint(get(made, "secrets", 0, "id"))
	p.ask(admin, "DELETE", own+"/secrets/"+old, "", 409)
	fresh, _ := p.ask(admin, "POST", own+"/secrets", `{"overlap_hours":1.5}`, 201)
	pair, _ := p.ask(admin, "POST", own+"/secrets", `{"kind":"v1a"}`, 201)
	if !strings.HasPrefix(fmt.Sprint(fresh["secret"]), "whsec_") || pair["secret"] != nil || !strings.HasPrefix(fmt.Sprint(pair["public_key"]), "whpk_") {
		t.Errorf("%v, %v", fresh, pair)
	}
	e, _ := p.ask(admin, "GET", own, "", 200)
	if get(e, "secrets", 0, "retires_at") == nil || get(e, "secrets", 1, "retires_at") != nil || get(e, "secrets", 2, "kind") != "v1a" {
		t.Errorf("%v", e["secrets"])
	}
	p.ask(admin, "POST", own+"/secrets", `{"kind":"v2"}`, 400)
	p.ask(admin, "POST", own+"/secrets", `{"overlap_hours":-1}`, 400)
	p.ask(admin, "POST", own+"/secrets", `{"overlap_hours":1e300}`, 400)
	p.ask(admin, "DELETE", own+"/secrets/"+old, "", 204)
	p.ask(admin, "DELETE", own+"/secrets/"+old, "", 404)
	p.ask(admin, "PUT", own+"/certificate", `{"certificate":"x","private_key":"y"}`, 400)
	p.ask(admin, "DELETE", own+"/certificate", "", 404)
}

func TestDeliveriesAndEventsAreReadResentAndCancelledByAPI(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ctx := context.Background()
	admin, ann := p.token("admin", "admin"), p.token("ann", "upload")
	r := whole.NewReceiver(t)
	r.Answer(http.StatusBadGateway)
	p.MustEndpoint(t, r.URL)
	file := p.put(ann, "a.txt", "hello")
	if _, err := p.Engine.Pass(ctx); err != nil {
		t.Fatal(err)
	}
	list, _ := p.ask(admin, "GET", "/api/v1/deliveries?status=pending&type=file.stored&code=502&class=status", "", 200)
	id := fmt.Sprint(get(list, "items", 0, "id"))
	own := "/api/v1/deliveries/" + id
	d, _ := p.ask(admin, "GET", own, "", 200)
	if d["subject"] != "a.txt" || get(d, "body", "data", "file_id") != file || get(d, "body", "data", "url") == nil || get(d, "attempt_list", 0, "ok") != false || d["next_attempt_at"] == nil {
		t.Errorf("%v", d)
	}
	if got, _ := p.ask(admin, "POST", own+"/cancel", "{}", 200); got["status"] != "cancelled" || got["next_attempt_at"] != nil {
		t.Errorf("%v", got)
	}
	p.ask(admin, "POST", own+"/cancel", "", 409)
	r.Answer(http.StatusOK)
	if got, _ := p.ask(admin, "POST", own+"/resend", "", 202); got["status"] != "pending" {
		t.Errorf("%v", got)
	}
	p.ask(admin, "POST", fmt.Sprintf("/api/v1/events/%s/retry", d["event_id"]), "", 409)
	if _, err := p.Engine.Pass(ctx); err != nil {
		t.Fatal(err)
	}
	if got, _ := p.ask(admin, "GET", own, "", 200); got["status"] != "delivered" || fmt.Sprint(got["attempts_made"]) != "2" {
		t.Errorf("%v", got)
	}
	events, _ := p.ask(admin, "GET", "/api/v1/events?aggregate="+file+"&status=delivered", "", 200)
	ev, _ := p.ask(admin, "GET", fmt.Sprintf("/api/v1/events/%s", get(events, "items", 0, "id")), "", 200)
	if get(ev, "payload", "data", "file_id") != file || get(ev, "payload", "data", "url") != nil || get(ev, "deliveries", 0, "id") != id {
		t.Errorf("%v", ev)
	}
	for _, path := range []string{"/api/v1/deliveries?status=lost", "/api/v1/deliveries?endpoint=x", "/api/v1/deliveries?code=x", "/api/v1/events?status=lost", "/api/v1/events?colour=red"} {
		p.ask(admin, "GET", path, "", 400)
	}
	for _, who := range []string{ann, p.token("admin", "read,upload,process")} {
		p.ask(who, "GET", own, "", 403)
		p.ask(who, "GET", "/api/v1/events", "", 403)
	}
}

func TestAWindowIsReplayedByAPI(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ctx := context.Background()
	admin, ann := p.token("admin", "admin"), p.token("ann", "upload")
	p.put(ann, "early.txt", "hello") // before anybody listens
	if _, err := p.Engine.Pass(ctx); err != nil {
		t.Fatal(err)
	}
	r := whole.NewReceiver(t)
	e, _ := p.MustEndpoint(t, r.URL)
	own := "/api/v1/endpoints/" + e.ID.String()
	window := `{"from":"2026-11-23T00:00:00Z","to":"2026-11-24T00:00:00+02:00"`
	p.Clock.Advance(time.Second)
	dry, _ := p.ask(admin, "POST", own+"/replays", window+`,"dry_run":true}`, 200)
	if fmt.Sprint(dry["events"], dry["sends"], dry["more"]) != "1 1 false" {
		t.Errorf("%v", dry)
	}
	begun, h := p.ask(admin, "POST", own+"/replays", window+`}`, 202)
	if begun["status"] != "in_progress" || h.Get("Location") != fmt.Sprintf("/api/v1/replays/%s", begun["id"]) {
		t.Errorf("%v, %s", begun, h.Get("Location"))
	}
	p.ask(admin, "POST", own+"/replays", window+`}`, 409)
	p.Clock.Advance(time.Second)
	if err := p.Replays.Step(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Engine.Pass(ctx); err != nil {
		t.Fatal(err)
	}
	done, _ := p.ask(admin, "GET", h.Get("Location"), "", 200)
	if done["status"] != "complete" || fmt.Sprint(done["queued"]) != "1" || len(r.Got()) != 1 {
		t.Errorf("%v, %d sent", done, len(r.Got()))
	}
	p.ask(admin, "POST", h.Get("Location")+"/cancel", "", 409)
	list, _ := p.ask(admin, "GET", "/api/v1/replays?status=complete&endpoint="+e.ID.String(), "", 200)
	if get(list, "items", 0, "id") != begun["id"] {
		t.Errorf("%v", list)
	}
	p.ask(admin, "POST", own+"/catch-up", "", 409)
	p.ask(admin, "POST", own+"/retry", "", 409)
	for body, field := range map[string]string{`{}`: "from", window + `,"scope":"some"}`: "scope", window + `,"per_second":5000}`: "per_second", `{"from":"yesterday"}`: "from"} {
		if got, _ := p.ask(admin, "POST", own+"/replays", body, 400); got["field"] != field {
			t.Errorf("%s: %v", body, got)
		}
	}
}

func TestThePaceOfAnEndpointIsSetByAPI(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	admin := p.token("admin", "admin")
	made, _ := p.ask(admin, "POST", "/api/v1/endpoints", `{"url":"https://receiver.example","pace":{"timeout":"90s","max_in_flight":3,"retry_schedule":"0s, 1m"}}`, 201)
	own := fmt.Sprintf("/api/v1/endpoints/%s", made["id"])
	want := func(e map[string]any, text string) {
		t.Helper()
		if got := fmt.Sprintln(get(e, "pace", "timeout"), get(e, "pace", "max_in_flight"), get(e, "pace", "rate_limit"), get(e, "pace", "retry_schedule")); got != text+"\n" {
			t.Errorf("pace %s, want %s", got, text)
		}
	}
	want(made, "1m30s 3 <nil> 0s, 1m")
	e, _ := p.ask(admin, "PATCH", own, `{"name":"Warehouse"}`, 200)
	want(e, "1m30s 3 <nil> 0s, 1m")
	e, _ = p.ask(admin, "PATCH", own, `{"pace":{"rate_limit":50}}`, 200)
	want(e, "<nil> <nil> 50 <nil>")
	e, _ = p.ask(admin, "GET", own, "", 200)
	want(e, "<nil> <nil> 50 <nil>")
}

func TestConditionsAreTriedOnPastEventsByAPI(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	admin := p.token("admin", "admin,upload")
	p.ask(admin, "PUT", "/api/v1/files/a.txt", "hello", 201)
	p.ask(admin, "PUT", "/api/v1/files/b.txt", "a longer one", 201)
	got, _ := p.ask(admin, "POST", "/api/v1/endpoints/preview", `{"event_types":["file.stored"],"filter":{"min_size":6}}`, 200)
	if fmt.Sprintln(got["matched"], got["of"], get(got, "events", 0, "type"), get(got, "events", 1)) != "1 2 file.stored <nil>\n" {
		t.Errorf("%v", got)
	}
	if got, _ = p.ask(admin, "POST", "/api/v1/endpoints/preview", `{}`, 200); fmt.Sprint(got["matched"]) != "2" {
		t.Errorf("%v", got)
	}
	if got, _ = p.ask(admin, "POST", "/api/v1/endpoints/preview", `{"filter":{"content_types":["x"]}}`, 400); got["field"] != "content_types" {
		t.Errorf("%v", got)
	}
}

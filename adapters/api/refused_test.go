package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"doorito/adapters/api"
)

func TestWhatTheAPIDoesNotTakeIsAProblem(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read,process")
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		headers            []string
		says               string
	}{
		"no such address":        {"GET", "/api/v1/flies", "", 404, nil, "nothing at this address"},
		"below one":              {"GET", "/api/v1/me/too", "", 404, nil, "nothing at this address"},
		"no such version":        {"GET", "/api/v9/me", "", 404, nil, "nothing at this address"},
		"no such method":         {"DELETE", "/api/v1/me", "", 405, nil, "Allow header"},
		"PATCH of a file":        {"PATCH", "/api/v1/files/1", "", 405, nil, "Allow header"},
		"wants HTML":             {"GET", "/api/v1/me", "", 406, []string{"Accept: text/html"}, "Accept application/json"},
		"wants XML for a file":   {"PUT", "/api/v1/files/a.txt", "hello", 406, []string{"Accept: text/xml"}, "Accept application/json"},
		"sends a form":           {"POST", "/api/v1/batches", "label=x", 415, []string{"Content-Type: application/x-www-form-urlencoded"}, "takes JSON"},
		"sends no type":          {"POST", "/api/v1/batches", "label", 415, nil, "takes JSON"},
		"sends it packed":        {"POST", "/api/v1/batches", "{}", 415, []string{"Content-Encoding: gzip"}, "without Content-Encoding"},
		"sends too much":         {"POST", "/api/v1/batches", `{"label":"` + strings.Repeat("a", 1<<20) + `"}`, 413, nil, "Send less"},
		"broken JSON":            {"POST", "/api/v1/batches", `{"label" "x"}`, 400, nil, "at byte 10"},
		"JSON that ends":         {"POST", "/api/v1/batches", `{"label":"x"`, 400, nil, "ends in the middle, at byte 12"},
		"a list":                 {"POST", "/api/v1/batches", `["x"]`, 400, []string{"Content-Type: application/json"}, "a JSON object, not an array"},
		"an unknown field":       {"POST", "/api/v1/batches", `{"lable":"x"}`, 400, nil, `no field "lable"`},
		"a field too many":       {"POST", "/api/v1/batches/0190f0a0-0000-7000-8000-00000000ffff/finalise", `{"x":1}`, 400, nil, `no field "x"`},
		"a field of wrong type":  {"POST", "/api/v1/batches", `{"label":["x"]}`, 400, nil, `"label" is a text, not an array`},
		"two objects":            {"POST", "/api/v1/batches", `{} {}`, 400, nil, "something after"},
		"a reason that is a sum": {"POST", "/api/v1/files/0190f0a0-0000-7000-8000-00000000ffff/failed", `{"reason":1}`, 400, nil, `"reason" is a text, not a number`},
	} {
		t.Run(name, func(t *testing.T) {
			got, h := p.ask(ann, c.method, c.path, c.body, c.status, c.headers...)
			if !strings.Contains(fmt.Sprint(got["detail"]), c.says) || h.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%v", got)
			}
			if c.status == 405 && h.Get("Allow") == "" {
				t.Errorf("no Allow: %v", h)
			}
		})
	}
	for _, accept := range []string{"*/*", "application/*", "text/html, application/json;q=0.5", "application/problem+json"} {
		p.ask(ann, "GET", "/api/v1/me", "", 200, "Accept: "+accept)
	}
	p.ask(ann, "HEAD", "/api/v1/me", "", 200)
}

func TestTheRateLimitIsToldAndKept(t *testing.T) {
	t.Parallel()
	p := newPortal(t, func(d *api.Deps) { d.RateLimit = 6 })
	ann, bob := p.token("ann", "upload,read"), p.token("bob", "upload,read")
	for left := 5; left >= 0; left-- {
		_, h := p.ask(ann, "GET", "/api/v1/me", "", 200)
		if h.Get("RateLimit-Policy") != `"default";q=6;w=60` || h.Get("RateLimit") != fmt.Sprintf(`"default";r=%d;t=%d`, left, 60-10*left) {
			t.Errorf("%q %q", h.Get("RateLimit-Policy"), h.Get("RateLimit"))
		}
	}
	got, h := p.ask(ann, "GET", "/api/v1/me", "", 429)
	if h.Get("Retry-After") != "10" || h.Get("RateLimit") != `"default";r=0;t=60` || got["code"] != "quota" {
		t.Errorf("%v %v", got, h)
	}
	p.ask(ann, "POST", "/api/v1/batches", `{}`, 429)
	p.ask(ann, "PUT", "/api/v1/files/a.txt", "bytes are not counted", 201)
	p.ask(bob, "GET", "/api/v1/me", "", 200)
	p.ask(p.token("ann", "read"), "GET", "/api/v1/me", "", 200)
	p.Clock.Advance(10 * time.Second)
	p.ask(ann, "GET", "/api/v1/me", "", 200)
	p.ask(ann, "GET", "/api/v1/me", "", 429)
	for range 6 {
		p.ask("", "GET", "/api/v1/openapi.json", "", 200)
	}
	p.ask("", "GET", "/api/v1/openapi.json", "", 429)
	p.Clock.Advance(time.Hour)
	p.ask(ann, "GET", "/api/v1/me", "", 200)
	off := newPortal(t, nil)
	if _, h := off.ask(off.token("ann", "read"), "GET", "/api/v1/me", "", 200); h.Get("RateLimit") != "" {
		t.Errorf("a limit that is off is told: %v", h)
	}
}

package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"doorito/adapters/api"
	"doorito/adapters/fiberx"
	"doorito/e2e/openapi"
)

func decode(t *testing.T, s string) map[string]any {
	t.Helper()
	return decodeAny(t, s)
}

func decodeAny(t testing.TB, s string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(s), &out); err != nil {
		t.Fatalf("%v: %q", err, s)
	}
	return out
}

func TestFileIsSeenByItsOwnerAndItsLinkAlone(t *testing.T) {
	t.Parallel()
	base, _ := start(t, newWorld(), nil)
	_, got := do(t, "PUT", base+"/api/v1/files/page.html", strings.NewReader("<html><script>alert(1)</script>"), bearer(uploadToken))
	id := decode(t, got)["id"].(string)
	for name, tc := range map[string]struct {
		method, path, header string
		status               int
		want                 string
	}{
		"shown":                  {"GET", "/api/v1/files/" + id, bearer(readToken), 200, `"original_filename":"page.html"`},
		"of somebody else":       {"GET", "/api/v1/files/" + id, bearer(otherToken), 404, `"code":"not_found"`},
		"to nobody":              {"GET", "/api/v1/files/" + id, "A: b", 401, `"code":"unauthenticated"`},
		"malformed id":           {"GET", "/api/v1/files/17", bearer(readToken), 404, `"code":"not_found"`},
		"unknown id":             {"GET", "/api/v1/files/0190f0a0-0000-7000-8000-00000000ffff", bearer(readToken), 404, `"code":"not_found"`},
		"content":                {"GET", "/api/v1/files/" + id + "/content", bearer(readToken), 200, "<html><script>"},
		"content, upload only":   {"GET", "/api/v1/files/" + id + "/content", bearer(uploadToken), 403, `"code":"forbidden"`},
		"content of another":     {"GET", "/api/v1/files/" + id + "/content", bearer(otherToken), 404, `"code":"not_found"`},
		"content's head":         {"HEAD", "/api/v1/files/" + id + "/content", bearer(readToken), 200, ""},
		"link, by anybody":       {"GET", "/d/signed-" + id, "A: b", 200, "<html><script>"},
		"link's head":            {"HEAD", "/d/signed-" + id, "A: b", 200, ""},
		"dead link to a program": {"GET", "/d/old", "Accept: application/json", 410, `"code":"expired"`},
		"dead link":              {"GET", "/d/old", "A: b", 410, "This link has ended."},
		"no such address":        {"GET", "/api/v2/files", bearer(readToken), 404, `"code":"not_found"`},
	} {
		res, got := do(t, tc.method, base+tc.path, nil, tc.header)
		if res.StatusCode != tc.status || !strings.Contains(got, tc.want) {
			t.Errorf("%s: %d %s", name, res.StatusCode, got)
		}
		if h := res.Header; strings.HasPrefix(tc.want, "<html>") || tc.method == "HEAD" {
			if h.Get("Content-Disposition") != `attachment; filename="page.html"` || h.Get("X-Content-Type-Options") != "nosniff" ||
				!strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox") || res.ContentLength != 31 {
				t.Errorf("%s: %v", name, h)
			}
		}
	}
	if res, got := do(t, "GET", base+"/d/signed-"+id, nil, "Range: bytes=1-4"); res.StatusCode != 206 || got != "html" {
		t.Errorf("%d %q", res.StatusCode, got)
	}
}

func TestBatchFromCreationToFinalise(t *testing.T) {
	t.Parallel()
	base, _ := start(t, newWorld(), nil)
	asJSON := "Content-Type: application/json"
	res, got := do(t, "POST", base+"/api/v1/batches", strings.NewReader(`{"label":"May"}`), bearer(uploadToken), asJSON, "Idempotency-Key: k1")
	id, _ := decode(t, got)["id"].(string)
	if res.StatusCode != 201 || res.Header.Get("Location") != "/api/v1/batches/"+id || !strings.Contains(got, `"label":"May","status":"init"`) {
		t.Fatalf("%d %s", res.StatusCode, got)
	}
	res, got = do(t, "POST", base+"/api/v1/batches", strings.NewReader(`{"label":"May"}`), bearer(uploadToken), asJSON, "Idempotency-Key: k1")
	if res.StatusCode != 200 || decode(t, got)["id"] != id {
		t.Errorf("again: %d %s", res.StatusCode, got)
	}
	file := base + "/api/v1/files/a.txt?batch="
	if res, got := do(t, "POST", file+id, strings.NewReader("hello"), bearer(uploadToken)); res.StatusCode != 201 || decode(t, got)["batch_id"] != id {
		t.Errorf("%d %s", res.StatusCode, got)
	}
	if res, got := do(t, "GET", base+"/api/v1/batches/"+id, nil, bearer(readToken)); res.StatusCode != 200 || decode(t, got)["status"] != "in_progress" {
		t.Errorf("%d %s", res.StatusCode, got)
	}
	for range 2 {
		if res, got := do(t, "POST", base+"/api/v1/batches/"+id+"/finalise", nil, bearer(uploadToken)); res.StatusCode != 200 || decode(t, got)["sealed_at"] == nil {
			t.Errorf("%d %s", res.StatusCode, got)
		}
	}
	for name, tc := range map[string]struct {
		method, url, body, token, kind string
		status                         int
	}{
		"a file too late":         {"PUT", file + id, "x", uploadToken, "", 409},
		"a batch of another":      {"PUT", file + id, "x", otherToken, "", 404},
		"a malformed batch":       {"PUT", file + "17", "x", uploadToken, "", 404},
		"finalise another's":      {"POST", base + "/api/v1/batches/" + id + "/finalise", "", otherToken, "", 404},
		"show another's":          {"GET", base + "/api/v1/batches/" + id, "", otherToken, "", 404},
		"create without scope":    {"POST", base + "/api/v1/batches", "{}", readToken, "application/json", 403},
		"create with nothing":     {"POST", base + "/api/v1/batches", "", uploadToken, "", 201},
		"create with a form":      {"POST", base + "/api/v1/batches", "label=x", uploadToken, "application/x-www-form-urlencoded", 415},
		"create with garbage":     {"POST", base + "/api/v1/batches", "{", uploadToken, "application/json", 400},
		"create with two objects": {"POST", base + "/api/v1/batches", "{} {}", uploadToken, "application/json", 400},
		"create with a typo":      {"POST", base + "/api/v1/batches", `{"lable":"x"}`, uploadToken, "application/json", 400},
		"create with a number":    {"POST", base + "/api/v1/batches", `{"label":5}`, uploadToken, "application/json", 400},
		"create with a long one":  {"POST", base + "/api/v1/batches", `{"label":"` + strings.Repeat("a", 201) + `"}`, uploadToken, "application/json", 400},
	} {
		res, got := do(t, tc.method, tc.url, strings.NewReader(tc.body), bearer(tc.token), "Content-Type: "+tc.kind)
		if res.StatusCode != tc.status {
			t.Errorf("%s: %d %s", name, res.StatusCode, got)
		}
	}
	if res, _ := do(t, "POST", base+"/api/v1/batches", nil, bearer(uploadToken), "Idempotency-Key: "+strings.Repeat("k", 256)); res.StatusCode != 400 {
		t.Errorf("a long key: %d", res.StatusCode)
	}
}

func TestProbes(t *testing.T) {
	t.Parallel()
	var broken error
	base, _ := start(t, newWorld(), func(_ *fiberx.Config, d *api.Deps) {
		d.Ready = func(ctx context.Context) map[string]error {
			if _, ok := ctx.Deadline(); !ok {
				t.Error("readiness must have a deadline")
			}
			return map[string]error{"database": nil, "storage": broken}
		}
	})
	if res, got := do(t, "GET", base+"/healthz", nil, "Authorization: Bearer wrong"); res.StatusCode != 200 || got != `{"status":"ok"}` {
		t.Errorf("%d %s", res.StatusCode, got)
	}
	if res, got := do(t, "GET", base+"/readyz", nil); res.StatusCode != 200 || got != `{"checks":{"database":"ok","storage":"ok"},"status":"ok"}` {
		t.Errorf("%d %s", res.StatusCode, got)
	}
	broken = errors.New("secret host")
	if res, got := do(t, "GET", base+"/readyz", nil); res.StatusCode != 503 || got != `{"checks":{"database":"ok","storage":"down"},"status":"unavailable"}` {
		t.Errorf("%d %s", res.StatusCode, got)
	}
}

func TestMetricsAreForThisMachineOrTheTokenBearer(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	base, _ := start(t, newWorld(), func(c *fiberx.Config, d *api.Deps) {
		c.Observe = api.ObserveRequests(reg)
		d.MetricsToken = "right"
	})
	for name, tc := range map[string]struct {
		headers []string
		status  int
	}{
		"this machine":          {nil, 200},
		"through a proxy":       {[]string{"X-Forwarded-For: 203.0.113.9"}, 403},
		"with the token":        {[]string{"X-Forwarded-For: 203.0.113.9", bearer("right")}, 200},
		"with a wrong token":    {[]string{"X-Forwarded-For: 203.0.113.9", bearer("wrong")}, 403},
		"with an API token":     {[]string{"Forwarded: for=203.0.113.9", bearer(uploadToken)}, 403},
		"with an empty token":   {[]string{"X-Forwarded-For: 203.0.113.9", bearer("")}, 403},
		"with a spoofed header": {[]string{"X-Forwarded-For: 127.0.0.1"}, 403},
	} {
		res, got := do(t, "GET", base+"/metrics", nil, tc.headers...)
		if res.StatusCode != tc.status || tc.status == 200 && !strings.Contains(got, "go_goroutines") {
			t.Errorf("%s: %d %.200s", name, res.StatusCode, got)
		}
	}
	all, err := reg.Gather()
	if err != nil || len(all) != 2 || len(all[1].GetMetric()) != 2 {
		t.Errorf("want one series of /metrics for 200 and one for 403: %v, %v", err, all)
	}
}

func TestTheDescriptionHasEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	_, app := start(t, newWorld(), func(_ *fiberx.Config, d *api.Deps) { d.Metrics = func(c *fiber.Ctx) error { return nil } })
	var routes, rest []string
	for _, r := range fiberx.RouteTable(app) {
		if method, path, _ := strings.Cut(r, " "); strings.HasPrefix(path, "/api/v1") {
			routes = append(routes, method+" "+openapi.Pattern(path))
		} else {
			rest = append(rest, r)
		}
	}
	slices.Sort(routes)
	described, err := openapi.Operations()
	if err != nil || !slices.Equal(slices.Compact(routes), described) {
		t.Errorf("%v\nroutes    %q\ndescribed %q", err, routes, described)
	}
	if want := []string{"GET /d/:token", "GET /healthz", "GET /metrics", "GET /readyz"}; !slices.Equal(rest, want) {
		t.Errorf("outside of the API: %q", rest)
	}
}

func TestTheDescriptionIsServedToEverybody(t *testing.T) {
	t.Parallel()
	base, _ := start(t, newWorld(), nil)
	res, got := do(t, "GET", base+"/api/v1/openapi.json", nil)
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/json" || !strings.HasPrefix(got, `{"openapi":"3.1.`) || got != string(api.Document()) {
		t.Errorf("%d %v %.100s", res.StatusCode, res.Header, got)
	}
}

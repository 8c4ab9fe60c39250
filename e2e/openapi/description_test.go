package openapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Every reference leads somewhere, every component is used, and every example
// is one of its schema's.
func TestTheDescriptionIsWhole(t *testing.T) {
	t.Parallel()
	d, err := load()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	walk(d.root, "", func(at string, v map[string]any) {
		if ref, ok := v["$ref"].(string); ok {
			used[strings.TrimPrefix(ref, "#")] = true
			if got, _ := d.follow(strings.TrimPrefix(ref, "#")); got == nil {
				t.Errorf("%s refers to %s, which is not there", at, ref)
			}
		}
		if v["schema"] == nil {
			return
		}
		schema, err := d.compile(at + "/schema")
		if err != nil {
			t.Errorf("%s: %v", at, err)
			return
		}
		for name, example := range d.examples(at, v) {
			if err := schema.Validate(example); err != nil {
				t.Errorf("%s: example %s: %v", at, name, err)
			}
		}
	})
	components, _ := child(d.root, "components").(map[string]any)
	for kind, named := range components {
		all, _ := named.(map[string]any)
		for name := range all {
			if at := join("components", kind, name); !used[at] && kind != "securitySchemes" {
				t.Errorf("%s is used nowhere", at)
			}
		}
	}
}

// examples of a media type, parameter or header.
func (d *description) examples(at string, v map[string]any) map[string]any {
	out := map[string]any{}
	if e, ok := v["example"]; ok {
		out["example"] = e
	}
	many, _ := v["examples"].(map[string]any)
	for name := range many {
		e, _ := d.follow(at + join("examples", name))
		out[name] = child(e, "value")
	}
	return out
}

func walk(v any, at string, visit func(at string, v map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(at, v)
		for k, sub := range v {
			if k != "example" && k != "value" {
				walk(sub, at+join(k), visit)
			}
		}
	case []any:
		for i, sub := range v {
			walk(sub, fmt.Sprintf("%s/%d", at, i), visit)
		}
	}
}

// What a person reads beside each operation.
func TestEveryOperationIsExplained(t *testing.T) {
	t.Parallel()
	d, err := load()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	paths, _ := child(d.root, "paths").(map[string]any)
	for path, item := range paths {
		methods, _ := item.(map[string]any)
		for method, op := range methods {
			id, _ := child(op, "operationId").(string)
			samples, _ := child(op, "x-codeSamples").([]any)
			if id == "" || ids[id] || child(op, "summary") == nil || child(op, "tags") == nil || len(samples) == 0 {
				t.Errorf("%s %s has no operationId of its own, summary, tag or sample", method, path)
			}
			ids[id] = true
			d.parameters(t, path, op)
			if child(op, "security") == nil && path != "/api/v1/me" {
				t.Errorf("%s %s does not say which scope it needs", method, path)
			}
		}
	}
}

// parameters of the path are described, and no others.
func (d *description) parameters(t *testing.T, path string, op any) {
	t.Helper()
	var want, got []string
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			want = append(want, strings.TrimSuffix(name, "}"))
		}
	}
	all, _ := child(op, "parameters").([]any)
	for _, p := range all {
		if ref, ok := child(p, "$ref").(string); ok {
			p, _ = d.follow(strings.TrimPrefix(ref, "#"))
		}
		if child(p, "in") == "path" {
			name, _ := child(p, "name").(string)
			got = append(got, name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v: the path has the parameters %q, described are %q", child(op, "operationId"), want, got)
	}
}

func TestAnAnswerThatIsNotDescribedIsFound(t *testing.T) {
	t.Parallel()
	d, err := load()
	if err != nil {
		t.Fatal(err)
	}
	const link = `{"url":"http://x.example/d/1","expires_at":null}`
	header := func(kind string) http.Header {
		return http.Header{"Content-Type": {kind}, "X-Request-Id": {"1"}}
	}
	for name, c := range map[string]struct {
		path, body string
		status     int
		header     http.Header
		wrong      bool
	}{
		"as described":     {"/api/v1/files/1/link", link, 200, header("application/json"), false},
		"another status":   {"/api/v1/files/1/link", link, 203, header("application/json"), true},
		"another type":     {"/api/v1/files/1/link", link, 200, header("text/html"), true},
		"one field more":   {"/api/v1/files/1/link", link[:len(link)-1] + `,"x":1}`, 200, header("application/json"), true},
		"one field less":   {"/api/v1/files/1/link", `{"url":"http://x.example"}`, 200, header("application/json"), true},
		"a wrong value":    {"/api/v1/files/1/link", `{"url":"http://x.example","expires_at":"soon"}`, 200, header("application/json"), true},
		"a missing header": {"/api/v1/files/1/link", link, 200, http.Header{"Content-Type": {"application/json"}}, true},
		"no such address":  {"/api/v1/nowhere", link, 200, header("application/json"), true},
		"a bare error":     {"/api/v1/files/1/link", "no", 404, header("text/plain"), true},
	} {
		err := d.check(http.MethodGet, c.path, &http.Response{StatusCode: c.status, Header: c.header}, []byte(c.body))
		if (err != nil) != c.wrong {
			t.Errorf("%s: %v", name, err)
		}
	}
}

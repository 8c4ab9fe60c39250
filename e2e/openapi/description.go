package openapi

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"doorito/adapters/api"
)

// source is what references are resolved against.
const source = "urn:doorito:openapi"

// description is the document made ready. Its objects take no field that they
// do not describe: clients must ignore such fields, but here they are a gap.
type description struct {
	root     any
	mu       sync.Mutex
	compiler *jsonschema.Compiler
}

var load = sync.OnceValues(func() (*description, error) {
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(api.Document()))
	if err != nil {
		return nil, err
	}
	closeObjects(child(root, "components", "schemas"))
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	return &description{root: root, compiler: c}, c.AddResource(source, root)
})

func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, described := v["properties"].(map[string]any); described && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, sub := range v {
			closeObjects(sub)
		}
	case []any:
		for _, sub := range v {
			closeObjects(sub)
		}
	}
}

// Operations lists what is described: "GET /api/v1/files/{}".
func Operations() ([]string, error) {
	d, err := load()
	if err != nil {
		return nil, err
	}
	var out []string
	paths, _ := child(d.root, "paths").(map[string]any)
	for path, item := range paths {
		methods, _ := item.(map[string]any)
		for m := range methods {
			out = append(out, strings.ToUpper(m)+" "+Pattern(path))
		}
	}
	slices.Sort(out)
	return out, nil
}

// Pattern is a path without the names of its parameters, of either form:
// /files/:id and /files/{file} are one.
func Pattern(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") || strings.HasPrefix(p, "{") {
			parts[i] = "{}"
		}
	}
	return strings.Join(parts, "/")
}

// item finds the path's description; one without parameters goes first.
func (d *description) item(path string) (string, any) {
	paths, _ := child(d.root, "paths").(map[string]any)
	if item, ok := paths[path]; ok {
		return path, item
	}
	got := strings.Split(path, "/")
	for pattern, item := range paths {
		parts := strings.Split(pattern, "/")
		if slices.EqualFunc(parts, got, func(p, g string) bool { return p == g || strings.HasPrefix(p, "{") && g != "" }) {
			return pattern, item
		}
	}
	return "", nil
}

// follow returns what a pointer leads to, through a reference, and where.
func (d *description) follow(pointer string) (any, string) {
	v := d.root
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		v = child(v, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	if ref, ok := child(v, "$ref").(string); ok {
		return d.follow(strings.TrimPrefix(ref, "#"))
	}
	return v, pointer
}

func (d *description) compile(pointer string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.compiler.Compile(source + "#" + pointer)
}

// child walks down objects; nil where there is nothing.
func child(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

// join makes a JSON pointer.
func join(tokens ...string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(t))
	}
	return b.String()
}

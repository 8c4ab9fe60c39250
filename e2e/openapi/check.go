package openapi

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Check fails the test when an answer is not as described. Addresses outside
// of the API are passed over. method and path are the request's; the path may
// carry a host and a query.
func Check(tb testing.TB, method, path string, res *http.Response, body []byte) {
	tb.Helper()
	path = pathOf(path)
	if !strings.HasPrefix(path, "/api/v1/") {
		return
	}
	d, err := load()
	if err != nil {
		tb.Fatal(err)
	}
	if err := d.check(method, path, res, body); err != nil {
		tb.Errorf("%s %s answers %d against its description: %v\n%.1000s", method, path, res.StatusCode, err, body)
	}
}

func pathOf(raw string) string {
	if _, rest, ok := strings.Cut(raw, "://"); ok {
		_, raw, _ = strings.Cut(rest, "/")
		raw = "/" + raw
	}
	raw, _, _ = strings.Cut(raw, "?")
	return strings.TrimSuffix(raw, "/")
}

func (d *description) check(method, path string, res *http.Response, body []byte) error {
	at, item := d.item(path)
	op := child(item, strings.ToLower(method))
	head := op == nil && method == http.MethodHead
	if head {
		method, op = http.MethodGet, child(item, "get")
	}
	if op == nil {
		if res.StatusCode < http.StatusBadRequest {
			return fmt.Errorf("it is not described")
		}
		return d.problem(res, body) // what is nowhere, and methods that nobody takes
	}
	pointer := join("paths", at, strings.ToLower(method), "responses", strconv.Itoa(res.StatusCode))
	answer, pointer := d.follow(pointer)
	if answer == nil {
		return fmt.Errorf("status %d is not described", res.StatusCode)
	}
	if err := d.headers(pointer, answer, res.Header); err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest && !head {
		return d.problem(res, body)
	}
	content := child(answer, "content")
	if content == nil {
		if len(body) > 0 {
			return fmt.Errorf("a body is not described")
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || child(content, "*/*") == nil && child(content, kind) == nil {
		return fmt.Errorf("content type %q is not described", res.Header.Get("Content-Type"))
	}
	if head || child(content, kind, "schema") == nil {
		return nil
	}
	return d.validate(pointer+join("content", kind, "schema"), body)
}

// problem holds an error to RFC 9457.
func (d *description) problem(res *http.Response, body []byte) error {
	if res.Request != nil && res.Request.Method == http.MethodHead {
		return nil
	}
	if got := res.Header.Get("Content-Type"); got != "application/problem+json" {
		return fmt.Errorf("an error with content type %q", got)
	}
	if !bytes.Contains(body, fmt.Appendf(nil, `"status":%d,`, res.StatusCode)) {
		return fmt.Errorf("the problem names another status")
	}
	return d.validate(join("components", "schemas", "Problem"), body)
}

func (d *description) headers(pointer string, answer any, got http.Header) error {
	named, _ := child(answer, "headers").(map[string]any)
	for name := range named {
		h, at := d.follow(pointer + join("headers", name))
		value := got.Get(name)
		if value == "" {
			if child(h, "required") == true {
				return fmt.Errorf("the header %s is missing", name)
			}
			continue
		}
		schema, err := d.compile(at + join("schema"))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	return nil
}

func (d *description) validate(pointer string, body []byte) error {
	schema, err := d.compile(pointer)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

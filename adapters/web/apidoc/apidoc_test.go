package apidoc_test

import (
	"strings"
	"testing"

	"doorito/adapters/web/apidoc"
)

const small = `{
 "info": {"title": "T", "summary": "S", "description": "Send ` + "`a`" + ` token.\n\nTwice."},
 "tags": [{"name": "Big files", "description": "Large."}],
 "paths": {"/x/{id}": {
  "put": {"operationId": "putX", "tags": ["Big files"], "summary": "Put", "security": [{"bearer": ["upload"]}, {"bearer": ["read"]}, {"session": []}],
   "parameters": [{"$ref": "#/components/parameters/id"}],
   "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}, "example": {"b": 1, "a": 2}}}},
   "responses": {"200": {"description": "Done.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}, "examples": {"e": {"$ref": "#/components/examples/e"}}}}}, "404": {"$ref": "#/components/responses/Gone"}},
   "x-codeSamples": [{"source": "curl x"}]},
  "post": {"operationId": "refused", "tags": ["Big files"], "responses": {"404": {"$ref": "#/components/responses/Gone"}}}
 }},
 "components": {
  "parameters": {"id": {"name": "id", "in": "path", "required": true, "description": "Its id.", "schema": {"type": "string", "format": "uuid"}, "example": "7"}},
  "examples": {"e": {"value": {"z": 1, "y": [2]}}},
  "responses": {"Gone": {"description": "Not there.", "content": {"application/problem+json": {"example": {"status": 404}}}}},
  "schemas": {"New": {"type": "object", "required": ["z"], "properties": {"z": {"type": ["integer", "null"], "description": "How many."}, "a": {"$ref": "#/components/schemas/Word"}, "l": {"type": "array", "items": {"$ref": "#/components/schemas/New"}}}},
   "Word": {"type": "string", "enum": ["one", "two"]},
   "Told": {"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}}}}
 }}`

func TestADocumentIsReadInItsOrder(t *testing.T) {
	t.Parallel()
	d, err := apidoc.Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if d.Title != "T" || len(d.Intro) != 2 || len(d.Intro[0]) != 3 || !d.Intro[0][1].Code || d.Intro[0][1].Text != "a" {
		t.Errorf("%+v", d.Intro)
	}
	if len(d.Groups) != 1 || d.Groups[0].Slug != "big-files" || len(d.Groups[0].Operations) != 1 {
		t.Fatalf("%+v", d.Groups)
	}
	op := d.Groups[0].Operations[0]
	if op.Method != "PUT" || op.Path != "/x/{id}" || strings.Join(op.Scopes, " ") != "upload read" || op.Open || op.Curl != "curl x" || strings.Join(op.Errors, " ") != "404" {
		t.Errorf("%+v", op)
	}
	if p := op.Params[0]; p.Name != "id" || p.In != "path" || p.Type != "id" || !p.Required || p.Example != "7" {
		t.Errorf("%+v", p)
	}
	if b := op.Body; b.Raw || !b.Required || b.Object != "New" || string(b.Example) != `{"b": 1, "a": 2}` || len(b.Fields) != 3 {
		t.Errorf("%+v", b)
	}
	if a := op.Answers[0]; a.Object != "New" || string(a.Example) != `{"z": 1, "y": [2]}` {
		t.Errorf("%+v %s", a, a.Example)
	}
	f := d.Objects[0].Fields
	if f[0].Type != "whole number or null" || !f[0].Required || f[1].Object != "Word" || f[2].Type != "list of object" || f[2].Object != "New" {
		t.Errorf("%+v", f)
	}
	if v := d.Objects[1].Values; strings.Join(v, " ") != "one two" {
		t.Errorf("%v", v)
	}
	if told := d.Objects[2].Fields[0]; told.Required {
		t.Errorf("an answer's field is needed: %+v", told)
	}
	if e := d.Errors[0]; e.Status != "404" || string(e.Example) != `{"status": 404}` {
		t.Errorf("%+v", e)
	}
}

func TestWhatIsNoDescriptionIsRefused(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"nothing":         ``,
		"half":            `{"info": {`,
		"a lost schema":   strings.Replace(small, `"Word": {`, `"Ward": {`, 1),
		"a lost response": strings.Replace(small, `"examples": {"e": {"$ref": "#/components/examples/e"}}`, `"examples": {"e": {"$ref": "#/components/examples/x"}}`, 1),
	} {
		if _, err := apidoc.Parse([]byte(doc)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

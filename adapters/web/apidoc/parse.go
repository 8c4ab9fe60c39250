package apidoc

import (
	"fmt"
	"strings"
)

// document is what references are resolved against.
type document struct {
	root   *value
	broken []string // references that lead nowhere
}

// Parse reads a document. It fails when that is no JSON or a reference leads
// nowhere.
func Parse(raw []byte) (*Doc, error) {
	root, err := parseValue(raw)
	if err != nil {
		return nil, fmt.Errorf("apidoc: %w", err)
	}
	d := &document{root: root}
	out := &Doc{Title: root.get("info", "title").text(), Summary: root.get("info", "summary").text(), Intro: paragraphs(root.get("info", "description").text())}
	for _, tag := range root.child("tags").list() {
		name := tag.child("name").text()
		out.Groups = append(out.Groups, Group{Slug: slug(name), Name: name, Text: spans(tag.child("description").text())})
	}
	root.child("paths").each(func(path string, item *value) {
		item.each(func(method string, v *value) {
			tag, op := d.operation(method, path, v)
			d.sort(out, tag, op)
			out.Errors = append(out.Errors, ownErrors(v)...)
		})
	})
	root.get("components", "schemas").each(func(name string, schema *value) {
		out.Objects = append(out.Objects, d.object(name, schema))
	})
	out.onlySentIsNeeded()
	d.errors(out)
	if len(d.broken) > 0 {
		return nil, fmt.Errorf("apidoc: nothing at %s", strings.Join(d.broken, ", "))
	}
	return out, nil
}

// onlySentIsNeeded keeps Required of objects that requests bring: an answer
// has what it has.
func (out *Doc) onlySentIsNeeded() {
	sent := map[string]bool{}
	for _, g := range out.Groups {
		for _, op := range g.Operations {
			if op.Body != nil && op.Body.Object != "" {
				out.send(op.Body.Object, sent)
			}
		}
	}
	for i := range out.Objects {
		for j := range out.Objects[i].Fields {
			f := &out.Objects[i].Fields[j]
			f.Required = f.Required && sent[out.Objects[i].Name]
		}
	}
}

// send marks an object and what its fields hold.
func (out *Doc) send(name string, sent map[string]bool) {
	if sent[name] {
		return
	}
	sent[name] = true
	for _, o := range out.Objects {
		if o.Name != name {
			continue
		}
		for _, f := range o.Fields {
			if f.Object != "" {
				out.send(f.Object, sent)
			}
		}
	}
}

// sort puts an operation under its tag. One that only refuses, described so
// that its refusal is, is left out.
func (d *document) sort(out *Doc, tag string, op Operation) {
	for i := range out.Groups {
		if g := &out.Groups[i]; g.Name == tag && len(op.Answers) > 0 {
			g.Operations = append(g.Operations, op)
		}
	}
}

// ownErrors are answers that no other operation gives.
func ownErrors(op *value) (out []Answer) {
	op.child("responses").each(func(status string, r *value) {
		if status >= "4" && r.child("$ref") == nil {
			out = append(out, Answer{Status: status, Text: spans(r.child("description").text())})
		}
	})
	return out
}

// errors gathers the answers that operations share.
func (d *document) errors(out *Doc) {
	d.root.get("components", "responses").each(func(_ string, r *value) {
		content := r.get("content", "application/problem+json")
		status := content.get("example", "status").text()
		out.Errors = append(out.Errors, Answer{Status: status, Text: spans(r.child("description").text()), Example: content.child("example").json()})
	})
}

// follow resolves a reference, and says the name of what it leads to.
func (d *document) follow(v *value) (*value, string) {
	ref := v.child("$ref").text()
	if ref == "" {
		return v, ""
	}
	to, keys := d.root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	if to = to.get(keys...); to == nil {
		d.broken = append(d.broken, ref)
	}
	return to, keys[len(keys)-1]
}

// paragraphs of a text, which empty lines part.
func paragraphs(s string) []Text {
	var out []Text
	for p := range strings.SplitSeq(s, "\n\n") {
		if t := spans(p); len(t) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// spans of a text: what stands between backticks is code.
func spans(s string) Text {
	var out Text
	code := false
	for piece := range strings.SplitSeq(strings.TrimSpace(s), "`") {
		if piece != "" {
			out = append(out, Span{Code: code, Text: piece})
		}
		code = !code
	}
	return out
}

func slug(s string) string {
	return strings.ReplaceAll(strings.ToLower(s), " ", "-")
}

package apidoc

import "strings"

// operation reads one, and says its tag.
func (d *document) operation(method, path string, v *value) (tag string, op Operation) {
	op = Operation{
		ID: v.child("operationId").text(), Method: strings.ToUpper(method), Path: path,
		Summary: v.child("summary").text(), Text: paragraphs(v.child("description").text()),
	}
	d.security(&op, v)
	for _, p := range v.child("parameters").list() {
		p, _ = d.follow(p)
		f := d.field(p.child("name").text(), p.child("schema"), p.child("required").isTrue())
		f.In, f.Text, f.Example = p.child("in").text(), spans(p.child("description").text()), plainExample(p.child("example"))
		op.Params = append(op.Params, f)
	}
	op.Body = d.body(v.child("requestBody"))
	v.child("responses").each(func(status string, r *value) {
		if status >= "4" {
			op.Errors = append(op.Errors, status)
			return
		}
		op.Answers = append(op.Answers, d.answer(status, r))
	})
	if samples := v.child("x-codeSamples").list(); len(samples) > 0 {
		op.Curl = samples[0].child("source").text()
	}
	if tags := v.child("tags").words(); len(tags) > 0 {
		tag = tags[0]
	}
	return tag, op
}

// security finds the scopes, any of which is enough.
func (d *document) security(op *Operation, v *value) {
	own := v.child("security")
	op.Open = own != nil && len(own.list()) == 0
	for _, way := range own.list() {
		if len(way.members) == 0 {
			op.Open = true
		}
		op.Scopes = append(op.Scopes, way.child("bearer").words()...)
	}
}

func (d *document) body(v *value) *Body {
	if v == nil {
		return nil
	}
	b := &Body{Required: v.child("required").isTrue(), Raw: true}
	if media := v.get("content", "application/json"); media != nil {
		schema, name := d.follow(media.child("schema"))
		b.Raw, b.Object, b.Example = false, name, d.example(media)
		b.Fields = d.fields(schema)
	}
	return b
}

func (d *document) answer(status string, v *value) Answer {
	v, _ = d.follow(v)
	a := Answer{Status: status, Text: spans(v.child("description").text())}
	if media := v.get("content", "application/json"); media != nil {
		_, a.Object = d.follow(media.child("schema"))
		a.Example = d.example(media)
	}
	return a
}

// example of a media type: its own, or the first of several.
func (d *document) example(media *value) []byte {
	if e := media.child("example"); e != nil {
		return e.json()
	}
	var out []byte
	media.child("examples").each(func(_ string, e *value) {
		if out == nil {
			e, _ = d.follow(e)
			out = e.child("value").json()
		}
	})
	return out
}

// plainExample is what a parameter looks like in an address or a header.
func plainExample(v *value) string {
	if items := v.words(); len(items) > 0 {
		return strings.Join(items, ",")
	}
	return v.text()
}

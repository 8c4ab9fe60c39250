package apidoc

import (
	"fmt"
	"slices"
	"strings"
)

func (d *document) object(name string, v *value) Object {
	return Object{
		Name: name, Text: spans(v.child("description").text()), Values: v.child("enum").words(),
		Fields: d.fields(v), IsArray: v.child("type").text() == "array",
	}
}

// fields of an object, in the order in which it has them.
func (d *document) fields(v *value) []Field {
	var out []Field
	required := v.child("required").words()
	v.child("properties").each(func(name string, schema *value) {
		out = append(out, d.field(name, schema, slices.Contains(required, name)))
	})
	return out
}

func (d *document) field(name string, v *value, required bool) Field {
	f := Field{Name: name, Required: required, Text: spans(v.child("description").text())}
	f.Type, f.Object = d.kind(v)
	schema, _ := d.follow(v)
	if f.Object == "" {
		f.Values = schema.child("enum").words()
	}
	return f
}

// kind says a schema's type in words, and the object that it is or holds.
func (d *document) kind(v *value) (words, object string) {
	schema, name := d.follow(v)
	switch {
	case name != "" && schema.child("enum") != nil:
		return "text", name
	case name != "":
		return "object", name
	case schema.child("oneOf") != nil:
		return "object or null", ""
	case schema.child("const") != nil:
		return fmt.Sprintf("always %q", schema.child("const").text()), ""
	}
	types := schema.child("type").words()
	if one := schema.child("type").text(); one != "" {
		types = []string{one}
	}
	if len(types) == 0 {
		types = []string{"string"}
	}
	if types[0] == "array" {
		of, object := d.kind(schema.child("items"))
		return "list of " + of, object
	}
	for i, t := range types {
		types[i] = typeWord(t, schema.child("format").text())
	}
	return strings.Join(types, " or "), ""
}

func typeWord(t, format string) string {
	switch {
	case t == "string" && format == "date-time":
		return "time"
	case t == "string" && format == "uuid":
		return "id"
	case t == "string" && format == "uri":
		return "link"
	case t == "string":
		return "text"
	case t == "integer":
		return "whole number"
	case t == "boolean":
		return "true or false"
	}
	return t
}

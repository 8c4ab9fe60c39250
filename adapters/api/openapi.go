package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/gofiber/fiber/v2"
)

//go:embed openapi/*.json
var openapiParts embed.FS

// Document is the description of the API, OpenAPI 3.1, as it is served. It is
// kept in parts, each with some paths or components.
var Document = sync.OnceValue(func() []byte {
	doc := document{Paths: map[string]json.RawMessage{}, Components: map[string]map[string]json.RawMessage{}}
	parts, err := openapiParts.ReadDir("openapi")
	if err != nil {
		panic(err) // it is part of the program
	}
	for _, p := range parts {
		part, err := openapiParts.ReadFile("openapi/" + p.Name())
		if err == nil {
			err = doc.add(part)
		}
		if err != nil {
			panic(fmt.Errorf("%s: %w", p.Name(), err))
		}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(out.Bytes())
})

// document has the order in which people read it.
type document struct {
	OpenAPI    json.RawMessage                       `json:"openapi"`
	Info       json.RawMessage                       `json:"info"`
	Servers    json.RawMessage                       `json:"servers"`
	Tags       json.RawMessage                       `json:"tags"`
	Security   json.RawMessage                       `json:"security"`
	Paths      map[string]json.RawMessage            `json:"paths"`
	Components map[string]map[string]json.RawMessage `json:"components"`
}

// add merges a part; what is described twice is an error.
func (d *document) add(part []byte) error {
	in := *d
	in.Paths, in.Components = nil, nil
	r := json.NewDecoder(bytes.NewReader(part))
	r.DisallowUnknownFields()
	if err := r.Decode(&in); err != nil {
		return err
	}
	paths, components := d.Paths, d.Components
	for path, item := range in.Paths {
		if paths[path] != nil {
			return fmt.Errorf("%s is described twice", path)
		}
		paths[path] = item
	}
	for kind, named := range in.Components {
		if components[kind] == nil {
			components[kind] = map[string]json.RawMessage{}
		}
		for name, c := range named {
			if components[kind][name] != nil {
				return fmt.Errorf("%s %s is described twice", kind, name)
			}
			components[kind][name] = c
		}
	}
	in.Paths, in.Components = paths, components
	*d = in
	return nil
}

// openapi answers with the description, to everybody.
func (h *handlers) openapi(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(Document())
}

package web

import (
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"doorito/ports"
)

// Layouts that a page may be put in.
const (
	layoutApp   = "layout"
	layoutPlain = "layout_plain"
	noLayout    = ""
)

// embed is where a layout takes its page.
const embed = "{{embed}}"

// views are the templates. A layout is parsed once for each page with the page
// in its place, so that rendering shares nothing and needs no lock (Fiber's own
// engine holds one over every page with a layout).
type views struct {
	files fs.FS
	funcs template.FuncMap
	all   *template.Template
}

var _ fiber.Views = (*views)(nil)

// NewViews reads the templates below files (layout.html, pages/…, partials/…).
// It fails when one of them cannot be parsed.
func NewViews(files fs.FS, static *Static, clock ports.Clock) (fiber.Views, error) {
	v := &views{files: files, funcs: funcs(static, clock)}
	return v, v.Load()
}

// Load implements fiber.Views.
func (v *views) Load() error {
	if v.all != nil {
		return nil
	}
	all := template.New("").Funcs(v.funcs)
	layouts := map[string]string{}
	var pages []string
	err := fs.WalkDir(v.files, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".html" {
			return err
		}
		text, err := fs.ReadFile(v.files, file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(file, ".html")
		if name == layoutApp || name == layoutPlain {
			layouts[name] = string(text)
			return nil
		}
		if !strings.HasPrefix(name, "partials/") {
			pages = append(pages, name)
		}
		_, err = all.New(name).Parse(string(text))
		return err
	})
	if err != nil {
		return fmt.Errorf("templates: %w", err)
	}
	for layout, text := range layouts {
		for _, page := range pages {
			whole := strings.Replace(text, embed, `{{template "`+page+`" .}}`, 1)
			if _, err := all.New(layout + ":" + page).Parse(whole); err != nil {
				return fmt.Errorf("templates: %w", err)
			}
		}
	}
	v.all = all
	return nil
}

// Render implements fiber.Views.
func (v *views) Render(w io.Writer, name string, data any, layout ...string) error {
	if len(layout) > 0 && layout[0] != noLayout {
		name = layout[0] + ":" + name
	}
	return v.all.ExecuteTemplate(w, name, data)
}

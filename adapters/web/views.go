package web

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/template/html/v2"

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

// views are Fiber's engine with each page parsed once into each layout: the
// engine holds one lock over every page that it puts into a layout itself.
type views struct {
	*html.Engine
}

var _ fiber.Views = views{}

// NewViews reads the templates below files (layout.html, pages/…, partials/…).
// It fails when one of them cannot be parsed.
func NewViews(files fs.FS, static *Static, clock ports.Clock) (fiber.Views, error) {
	v := views{html.NewFileSystem(http.FS(files), ".html")}
	v.AddFuncMap(funcs(static, clock))
	if err := v.Load(); err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	var pages []string
	for _, t := range v.Templates.Templates() {
		if name := t.Name(); !strings.HasPrefix(name, "partials/") && !strings.HasPrefix(name, layoutApp) {
			pages = append(pages, name)
		}
	}
	for _, layout := range []string{layoutApp, layoutPlain} {
		text, err := fs.ReadFile(files, layout+".html")
		if err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		for _, page := range pages {
			whole := strings.Replace(string(text), embed, `{{template "`+page+`" .}}`, 1)
			if _, err := v.Templates.New(inLayout(layout, page)).Parse(whole); err != nil {
				return nil, fmt.Errorf("templates: %w", err)
			}
		}
	}
	return v, nil
}

func inLayout(layout, page string) string { return layout + ":" + page }

// Render implements fiber.Views.
func (v views) Render(w io.Writer, name string, data any, layout ...string) error {
	if len(layout) > 0 && layout[0] != noLayout {
		name = inLayout(layout[0], name)
	}
	return v.Engine.Render(w, name, data)
}

package browser

import (
	"encoding/json"
	"fmt"

	"github.com/go-rod/rod/lib/proto"
)

func (p *Page) spotOf(css string, text []string) (at proto.Point, ok bool) {
	raw, err := p.evaluate(fmt.Sprintf(spot, locate(css, text)))
	if err != nil || string(raw) == "null" {
		return at, false
	}
	return at, json.Unmarshal(raw, &at) == nil
}

// See waits until an element of the selector can be seen; with a text, one that
// says it.
func (p *Page) See(css string, text ...string) {
	p.tb.Helper()
	p.Until("one sees "+describe(css, text), locate(css, text))
}

// Gone waits until no element of the selector can be seen (with a text: none
// that says it).
func (p *Page) Gone(css string, text ...string) {
	p.tb.Helper()
	p.Until("gone is "+describe(css, text), "!"+locate(css, text))
}

// Text is what the first visible element of a selector says; it waits for one.
func (p *Page) Text(css string) string {
	p.tb.Helper()
	p.See(css)
	var text string
	p.Value(fmt.Sprintf(`(%s).textContent.replace(/\s+/g, " ").trim()`, locate(css, nil)), &text)
	return text
}

// Attr is an attribute of the first visible element of a selector; "" without.
func (p *Page) Attr(css, name string) string {
	p.tb.Helper()
	p.See(css)
	var text string
	p.Value(fmt.Sprintf(`(%s).getAttribute(%s) ?? ""`, locate(css, nil), quote(name)), &text)
	return text
}

// Count is how many elements of a selector can be seen now.
func (p *Page) Count(css string) int {
	p.tb.Helper()
	var n int
	p.Value(fmt.Sprintf(`[...document.querySelectorAll(%s)].filter((el) => el.checkVisibility({ visibilityProperty: true })).length`, quote(css)), &n)
	return n
}

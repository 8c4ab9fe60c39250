package browser

import (
	"fmt"
	"strings"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"
)

// find is the page's side of looking something up: the first element of a
// selector that can be seen and says the text, in its label or its words.
const find = `((css, text) => {
	const says = (words) => (words ?? "").replace(/\s+/g, " ").includes(text);
	return [...document.querySelectorAll(css)].find((el) =>
		(says(el.getAttribute("aria-label")) || says(el.textContent)) && el.checkVisibility({ visibilityProperty: true }) && el.getClientRects().length > 0);
})(%s, %s)`

// spot brings an element into view and tells where to click on it: nowhere while
// it is disabled or something lies over it.
const spot = `((el) => {
	if (!el || el.disabled || el.getAttribute("aria-disabled") === "true") return null;
	const inside = ({ left, right, top, bottom }) => top >= 60 && left >= 0 && right <= innerWidth && bottom <= innerHeight - 60;
	if (!inside(el.getBoundingClientRect())) el.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
	const box = el.getClientRects()[0];
	const x = box.left + box.width / 2, y = box.top + box.height / 2;
	const top = document.elementFromPoint(x, y);
	if (!top || !(el.contains(top) || top.contains(el) && top.matches("label") || [...(el.labels ?? [])].some((l) => l.contains(top)))) return null;
	return { x, y };
})(%s)`

func locate(css string, text []string) string {
	return fmt.Sprintf(find, quote(css), quote(strings.Join(text, " ")))
}

func describe(css string, text []string) string {
	if len(text) == 0 {
		return css
	}
	return fmt.Sprintf("%s that says %q", css, strings.Join(text, " "))
}

// Click clicks on what a selector finds, with the mouse. With a text it is the
// first one that says it.
func (p *Page) Click(css string, text ...string) {
	p.tb.Helper()
	p.Hold(css, text...)()
}

// Hold is Click up to where the button is let go, which the returned function does.
func (p *Page) Hold(css string, text ...string) (release func()) {
	p.tb.Helper()
	x, y := p.point(css, text...)
	mouse := func(kind proto.InputDispatchMouseEventType) {
		p.tb.Helper()
		e := proto.InputDispatchMouseEvent{Type: kind, X: x, Y: y}
		if kind != proto.InputDispatchMouseEventTypeMouseMoved {
			e.Button, e.ClickCount = proto.InputMouseButtonLeft, 1
		}
		r := p.rod.Timeout(Patience)
		defer r.CancelTimeout()
		p.must(e.Call(r), "click on %s", describe(css, text))
	}
	mouse(proto.InputDispatchMouseEventTypeMouseMoved)
	mouse(proto.InputDispatchMouseEventTypeMousePressed)
	return func() { p.tb.Helper(); mouse(proto.InputDispatchMouseEventTypeMouseReleased) }
}

// point waits until the page has its scripts and something can be clicked, and
// tells where.
func (p *Page) point(css string, text ...string) (x, y float64) {
	p.tb.Helper()
	p.loaded()
	p.until("one can click on "+describe(css, text), func() bool {
		at, ok := p.spotOf(css, text)
		x, y = at.X, at.Y
		return ok
	})
	return x, y
}

// Fill replaces the text of the field whose label says this.
func (p *Page) Fill(label, text string) {
	p.tb.Helper()
	const field = `((label) => [...document.querySelectorAll("input, textarea")].find((el) =>
		el.checkVisibility() && ([...(el.labels ?? [])].some((l) => l.textContent.trim() === label) || el.getAttribute("aria-label") === label)))(%s)`
	js := fmt.Sprintf(field, quote(label))
	p.Until("there is a field "+label, js)
	p.Value(fmt.Sprintf("((el) => { el.focus(); el.select(); })(%s)", js), nil)
	if text == "" {
		p.Press(input.Backspace)
		return
	}
	p.must(p.rod.InsertText(text), "type into %s", label)
	p.Until(label+" holds the text", fmt.Sprintf("%s.value === %s", js, quote(text)))
}

// Type sends text to whatever has the focus.
func (p *Page) Type(text string) {
	p.tb.Helper()
	p.must(p.rod.InsertText(text), "type %q", text)
}

// Press presses keys, one after the other.
func (p *Page) Press(keys ...input.Key) {
	p.tb.Helper()
	for _, k := range keys {
		p.must(p.rod.Keyboard.Type(k), "press a key")
	}
}

// TabTo presses Tab until the focus is on what a selector finds: a person
// without a mouse gets there.
func (p *Page) TabTo(css string, text ...string) {
	p.tb.Helper()
	const steps = 80
	for range steps {
		raw, err := p.evaluate(fmt.Sprintf("document.activeElement === %s", locate(css, text)))
		p.must(err, "look for the focus")
		if string(raw) == "true" {
			return
		}
		p.Press(input.Tab)
	}
	p.fail("%d times Tab do not lead to %s", steps, describe(css, text))
}

// Chord presses a key while another is held.
func (p *Page) Chord(hold, key input.Key) {
	p.tb.Helper()
	p.must(p.rod.Keyboard.Press(hold), "hold a key")
	p.must(p.rod.Keyboard.Type(key), "press a key")
	p.must(p.rod.Keyboard.Release(hold), "let a key go")
}

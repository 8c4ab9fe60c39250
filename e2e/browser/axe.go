package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// axePatience is for a long page on a busy machine.
const axePatience = 4 * Patience

// colours are the rules that a theme decides and a width does not.
var colours = []string{"color-contrast", "link-in-text-block"}

// Axe runs axe-core over the whole page as it stands, but for the rules of
// colours, and returns what it finds, a line for each element.
func (p *Page) Axe() []string {
	p.tb.Helper()
	return p.runAxe("document", `{ rules: Object.fromEntries(`+quote(colours)+`.map((r) => [r, { enabled: false }])) }`)
}

// AxeColours asks the rules of colours about every text that looks like none it
// was asked about in this browser: with the same colours, size and weight on
// the same backgrounds all the way up, axe-core would answer the same.
func (p *Page) AxeColours() []string {
	p.tb.Helper()
	var all []string
	p.Value("[..."+texts+"().keys()]", &all)
	fresh := p.looks.fresh(all)
	if len(fresh) == 0 {
		return nil
	}
	// The page lives: what is asked about is looked for in the same moment.
	found := p.runAxe("[...(window.asked = "+texts+"("+quote(fresh)+")).values()]", `{ runOnly: { type: "rule", values: `+quote(colours)+` } }`)
	p.Value("[...asked.keys()]", &all)
	p.looks.add(all)
	return found
}

// texts is a function that returns an element for each look of visible text, or
// for each of these looks. A link is another look than its paragraph.
const texts = `((only) => {
	const known = new Map();
	const look = (el) => {
		if (!el) return "";
		if (!known.has(el)) {
			const s = getComputedStyle(el);
			known.set(el, look(el.parentElement) + "/" + [s.color, s.backgroundColor, s.backgroundImage, s.opacity, s.fontSize, s.fontWeight, s.textShadow, s.textDecorationLine, s.filter, el.tagName === "A"]);
		}
		return known.get(el);
	};
	const found = new Map();
	for (const el of document.body.querySelectorAll("*")) {
		const text = [...el.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim()) || el.matches("input, select, textarea");
		if (text && el.checkVisibility({ visibilityProperty: true })) found.set(look(el), el);
	}
	return only ? new Map(only.filter((l) => found.has(l)).map((l) => [l, found.get(l)])) : found;
})`

// looks are those that axe-core was asked about.
type looks struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (l *looks) fresh(all []string) (fresh []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, look := range all {
		if !l.seen[look] {
			fresh = append(fresh, look)
		}
	}
	return fresh
}

func (l *looks) add(all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, look := range all {
		l.seen[look] = true
	}
}

// runAxe runs axe-core over a page or the elements of a list.
func (p *Page) runAxe(over, options string) []string {
	p.tb.Helper()
	raw, err := p.evaluate("typeof axe")
	p.must(err, "look for axe-core")
	if string(raw) == `"undefined"` {
		_, err := p.evaluate(p.axe + "; true")
		p.must(err, "bring axe-core in")
	}
	raw, err = p.evaluateWithin(axePatience, `((over) => over.length === 0 ? Promise.resolve({ violations: [] }) : axe.run(over, { preload: false, resultTypes: ["violations"], ...`+options+` }))(`+over+`).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => [v.id, n.target.join(" "), n.failureSummary])))`)
	p.must(err, "run axe-core")
	var found [][3]string
	p.must(json.Unmarshal(raw, &found), "read %s", raw)
	lines := make([]string, len(found))
	for i, f := range found {
		lines[i] = fmt.Sprintf("%s: %s: %s", f[0], f[1], strings.Join(strings.Fields(f[2]), " "))
	}
	return lines
}

// Overflow names what makes the page scroll sideways; none when it does not.
func (p *Page) Overflow() []string {
	p.tb.Helper()
	var wide []string
	p.Value(`(() => {
		const root = document.documentElement;
		if (root.scrollWidth <= innerWidth) return [];
		const out = [...document.body.querySelectorAll("*")].filter((el) => el.getBoundingClientRect().right > innerWidth + 0.5 && el.checkVisibility());
		const name = (el) => el.tagName.toLowerCase() + (el.id && "#" + el.id) + [...el.classList].slice(0, 3).map((c) => "." + c).join("");
		return ["page " + root.scrollWidth + " wide", ...out.slice(0, 4).map(name)];
	})()`, &wide)
	return wide
}

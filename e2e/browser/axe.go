package browser

import (
	"encoding/json"
	"fmt"
	"strings"
)

// axePatience is for a long page on a busy machine.
const axePatience = 4 * Patience

// Axe runs axe-core over the whole page as it stands and returns what it finds,
// a line for each element.
func (p *Page) Axe() []string {
	p.tb.Helper()
	return p.runAxe(`{}`)
}

// AxeOnly is Axe with these rules alone.
func (p *Page) AxeOnly(rules ...string) []string {
	p.tb.Helper()
	return p.runAxe(`{ runOnly: { type: "rule", values: ` + quote(rules) + ` } }`)
}

// AxeBut is Axe without these rules.
func (p *Page) AxeBut(rules ...string) []string {
	p.tb.Helper()
	return p.runAxe(`{ rules: Object.fromEntries(` + quote(rules) + `.map((r) => [r, { enabled: false }])) }`)
}

func (p *Page) runAxe(options string) []string {
	p.tb.Helper()
	raw, err := p.evaluate("typeof axe")
	p.must(err, "look for axe-core")
	if string(raw) == `"undefined"` {
		_, err := p.evaluate(p.axe + "; true")
		p.must(err, "bring axe-core in")
	}
	raw, err = p.evaluateWithin(axePatience, `axe.run(document, { preload: false, resultTypes: ["violations"], ...`+options+` }).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => [v.id, n.target.join(" "), n.failureSummary])))`)
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

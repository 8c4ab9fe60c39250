package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
)

// Page is one window of one visitor.
type Page struct {
	tb      testing.TB
	base    string // of the portal, without a slash at its end
	browser *rod.Browser
	rod     *rod.Page
	axe     string
	looks   *looks // of the browser
	heard   complaints
}

const beat = 15 * time.Millisecond // between two looks at a page

// Go opens a path of the portal (or a whole address) and waits until all of it
// has loaded.
func (p *Page) Go(path string) {
	p.tb.Helper()
	if strings.HasPrefix(path, "/") {
		path = p.base + path
	}
	r := p.rod.Timeout(Patience)
	defer r.CancelTimeout()
	res, err := proto.PageNavigate{URL: path}.Call(r)
	p.must(err, "open %s", path)
	if res.ErrorText != "" {
		p.fail("open %s: %s", path, res.ErrorText)
	}
	p.loaded()
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.tb.Helper()
	p.Value("window.before = true", nil)
	p.must(proto.PageReload{}.Call(p.rod), "reload")
	p.Until("the page is a new one", "!window.before")
	p.loaded()
}

// Back goes back in the history.
func (p *Page) Back() {
	p.tb.Helper()
	p.must(p.rod.NavigateBack(), "go back")
}

func (p *Page) loaded() {
	p.tb.Helper()
	p.Until("the page has loaded", `document.readyState === "complete"`)
}

// Path is where the page is: path and query.
func (p *Page) Path() string {
	p.tb.Helper()
	var at string
	p.Value("location.pathname + location.search", &at)
	return at
}

// At waits until the page is at a path (and query) that begins like this.
func (p *Page) At(prefix string) {
	p.tb.Helper()
	p.Until("the page is at "+prefix, fmt.Sprintf("(location.pathname + location.search + location.hash).startsWith(%s)", quote(prefix)))
	p.loaded()
}

// Value evaluates an expression (a promise is awaited) and reads it into out.
func (p *Page) Value(js string, out any) {
	p.tb.Helper()
	raw, err := p.evaluate(js)
	p.must(err, "evaluate %s", js)
	if out != nil {
		p.must(json.Unmarshal(raw, out), "read %s", raw)
	}
}

// Until waits until an expression is true. A page that is being replaced is not
// true yet.
func (p *Page) Until(what, js string) {
	p.tb.Helper()
	p.until(what, func() bool {
		raw, err := p.evaluate("Boolean(" + js + ")")
		return err == nil && string(raw) == "true"
	})
}

func (p *Page) until(what string, ok func() bool) {
	p.tb.Helper()
	deadline := time.Now().Add(Patience)
	for !ok() {
		if time.Now().After(deadline) {
			p.fail("still not so after %s: %s", Patience, what)
		}
		time.Sleep(beat)
	}
}

// evaluate runs an expression in the page and returns its value as JSON.
func (p *Page) evaluate(js string) ([]byte, error) { return p.evaluateWithin(Patience, js) }

func (p *Page) evaluateWithin(limit time.Duration, js string) ([]byte, error) {
	r := p.rod.Timeout(limit)
	defer r.CancelTimeout()
	res, err := proto.RuntimeEvaluate{Expression: js, ReturnByValue: true, AwaitPromise: true, UserGesture: true}.Call(r)
	if err != nil {
		return nil, err
	}
	if e := res.ExceptionDetails; e != nil {
		text := e.Text
		if e.Exception != nil {
			text += " " + e.Exception.Description
		}
		return nil, fmt.Errorf("the page throws: %s", text)
	}
	return res.Result.Value.MarshalJSON()
}

// must fails the test when a step could not be done.
func (p *Page) must(err error, format string, args ...any) {
	p.tb.Helper()
	if err != nil {
		p.fail("%s: %v", fmt.Sprintf(format, args...), err)
	}
}

// fail ends the test with a picture of what the page looks like.
func (p *Page) fail(format string, args ...any) {
	p.tb.Helper()
	at := "an unknown address"
	if raw, err := p.evaluate("location.href"); err == nil {
		at = string(raw)
	}
	p.tb.Fatalf("%s\nat %s, picture in %s\nthe browser says %q", fmt.Sprintf(format, args...), at, p.evidence(), p.heard.all())
}

func quote(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and lists of strings always marshal
	}
	return string(b)
}

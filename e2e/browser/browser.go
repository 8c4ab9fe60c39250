package browser

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"doorito/e2e/services"
)

// Patience is how long a step waits for what it needs.
const Patience = 45 * time.Second

// Browser is a running Chromium.
type Browser struct {
	rod   *rod.Browser
	axe   string // axe-core, as source
	looks *looks
}

// Start starts a Chromium that ends with the test. Subtests share it.
func Start(tb testing.TB) *Browser {
	tb.Helper()
	axe, err := os.ReadFile(filepath.Join(services.NodeModules(tb), "axe-core", "axe.min.js"))
	if err != nil {
		tb.Fatal(err)
	}
	r := rod.New().ControlURL(services.Browser(tb)).NoDefaultDevice()
	if err := r.Connect(); err != nil {
		tb.Fatal(err)
	}
	return &Browser{rod: r, axe: string(axe), looks: &looks{seen: map[string]bool{}}}
}

// Visit opens an empty window of a new visitor: no cookie, no cache, no history.
// It is closed with the test.
func (b *Browser) Visit(tb testing.TB, base string) *Page {
	tb.Helper()
	own, err := b.rod.Incognito()
	if err != nil {
		tb.Fatal(err)
	}
	r, err := own.Page(proto.TargetCreateTarget{URL: "about:blank"})
	if err != nil {
		tb.Fatal(err)
	}
	p := &Page{tb: tb, base: base, browser: own, rod: r, axe: b.axe, looks: b.looks}
	tb.Cleanup(func() {
		// With all its windows, and without asking a busy one whether it may be left.
		_ = proto.TargetDisposeBrowserContext{BrowserContextID: own.BrowserContextID}.Call(b.rod)
	})
	p.watch()
	p.must(proto.EmulationSetFocusEmulationEnabled{Enabled: true}.Call(r), "keep the focus in a window behind others")
	p.Size(1440, 900)
	return p
}

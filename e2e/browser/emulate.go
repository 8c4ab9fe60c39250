package browser

import (
	"net/http"

	"github.com/go-rod/rod/lib/proto"
)

// Size sets the window's inner size, in CSS pixels.
func (p *Page) Size(width, height int) {
	p.tb.Helper()
	p.must(proto.EmulationSetDeviceMetricsOverride{Width: width, Height: height, DeviceScaleFactor: 1}.Call(p.rod), "resize")
}

// System says what the operating system prefers, "dark" or "light", and that it
// wants no motion, so that nothing is looked at half way through a transition.
func (p *Page) System(scheme string) {
	p.tb.Helper()
	p.must(proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}.Call(p.rod), "set the system's theme")
}

// NoScript switches JavaScript off for the pages opened from now on.
func (p *Page) NoScript() {
	p.tb.Helper()
	p.must(proto.EmulationSetScriptExecutionDisabled{Value: true}.Call(p.rod), "switch scripts off")
}

// Network is what lies between the browser and the portal.
type Network struct {
	Offline bool
	Upload  float64 // bytes a second; 0 is no limit
}

// Connect puts a network between the page and the portal; the zero value is the
// real one. A request that is under way passes when the network changes.
func (p *Page) Connect(n Network) {
	p.tb.Helper()
	if n.Upload == 0 {
		n.Upload = -1
	}
	p.must(proto.NetworkEnable{}.Call(p.rod), "watch the network")
	p.must(proto.NetworkEmulateNetworkConditions{Offline: n.Offline, DownloadThroughput: -1, UploadThroughput: n.Upload}.Call(p.rod), "change the network")
}

// Clipboard is the text on the visitor's clipboard.
func (p *Page) Clipboard() string {
	p.tb.Helper()
	p.must(proto.BrowserGrantPermissions{Origin: p.base, BrowserContextID: p.browser.BrowserContextID, Permissions: []proto.BrowserPermissionType{
		proto.BrowserPermissionTypeClipboardReadWrite, proto.BrowserPermissionTypeClipboardSanitizedWrite,
	}}.Call(p.browser), "allow the clipboard")
	var text string
	p.Value("navigator.clipboard.readText()", &text)
	return text
}

// ForgetCookies takes the visitor's cookies away.
func (p *Page) ForgetCookies() {
	p.tb.Helper()
	p.must(proto.NetworkClearBrowserCookies{}.Call(p.rod), "clear the cookies")
}

// Cookies gives the visitor cookies of the portal.
func (p *Page) Cookies(cookies []*http.Cookie) {
	p.tb.Helper()
	set := make([]*proto.NetworkCookieParam, len(cookies))
	for i, c := range cookies {
		set[i] = &proto.NetworkCookieParam{Name: c.Name, Value: c.Value, URL: p.base, HTTPOnly: true}
	}
	p.must(p.rod.SetCookies(set), "set cookies")
}

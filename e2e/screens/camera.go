package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"doorito/e2e/services"
)

// Size of the window, in pixels; long pages are cut off at tallest.
const (
	wide    = 1440
	tallest = 1240
)

// host is the name that the portal has in the pictures.
const host = "files.halden.example"

// camera is a window of Chromium that looks at the portal as the admin.
type camera struct {
	*rod.Page
	base, folder string
	names        map[string]string // what is shown instead of an address
}

// photograph takes all pictures and keeps them in a folder.
func photograph(ctx context.Context, o *office, dir, folder string) error {
	path, err := services.FindChromium()
	if err != nil {
		return err
	}
	address, stop, err := services.StartBrowser(path, filepath.Join(dir, "browser"))
	if err != nil {
		return err
	}
	defer stop()
	browser := rod.New().ControlURL(address).NoDefaultDevice().Context(ctx)
	if err := browser.Connect(); err != nil {
		return err
	}
	page, err := browser.Page(proto.TargetCreateTarget{URL: "about:blank"})
	if err != nil {
		return err
	}
	c := &camera{Page: page.Timeout(2 * time.Minute), base: o.portal.URL, folder: folder, names: map[string]string{o.portal.URL: "https://" + host, strings.TrimPrefix(o.portal.URL, "http://"): host}}
	for _, r := range o.receivers.all {
		c.names[r.server.URL+"/"] = r.shown
		c.names[strings.TrimPrefix(r.server.URL, "https://")] = strings.TrimPrefix(r.shown, "https://")
	}
	return rod.Try(func() {
		c.signIn(o.password)
		c.takeAll(o)
	})
}

// What follows panics, as rod's Must does, and is caught by photograph.

func (c *camera) signIn(password string) {
	features := []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: "light"}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	must(proto.EmulationSetEmulatedMedia{Features: features}.Call(c))
	must(proto.EmulationSetScrollbarsHidden{Hidden: true}.Call(c))
	c.size(900)
	c.open("/login/")
	c.MustElement("#email").MustInput(admin)
	c.MustElement("#password").MustInput(password)
	wait := c.MustWaitNavigation()
	c.MustElement("main button[type=submit]").MustClick()
	wait()
}

func (c *camera) size(height int) {
	must(proto.EmulationSetDeviceMetricsOverride{Width: wide, Height: height, DeviceScaleFactor: 1}.Call(c))
}

func (c *camera) open(path string) {
	c.MustNavigate(c.base + path).MustWaitLoad()
}

// first opens the page that the first link under a path on a list leads to.
func (c *camera) first(list, under string) {
	c.open(list)
	href := c.MustElement(fmt.Sprintf(`main td a[href^="%s0"]`, under)).MustAttribute("href")
	c.open(*href)
}

// take keeps what the page looks like now.
func (c *camera) take(name string) {
	names, err := json.Marshal(c.names)
	must(err)
	height := c.MustEval(fmt.Sprintf(`() => {
		const names = %s;
		const named = (text) => Object.entries(names).sort(([a], [b]) => b.length - a.length).reduce((t, [from, to]) => t.replaceAll(from, to), text);
		const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (walk.nextNode()) {
			const text = named(walk.currentNode.data);
			if (text !== walk.currentNode.data) walk.currentNode.data = text;
		}
		document.activeElement?.blur();
		return document.documentElement.scrollHeight;
	}`, names)).Int()
	c.size(min(max(height, 700), tallest))
	c.MustEval(`() => document.fonts.ready.then(() => new Promise((ok) => requestAnimationFrame(() => requestAnimationFrame(ok))))`)
	shot, err := proto.PageCaptureScreenshot{Format: proto.PageCaptureScreenshotFormatPng}.Call(c)
	must(err)
	picture, err := small(shot.Data)
	must(err)
	must(os.WriteFile(filepath.Join(c.folder, name+".png"), picture, 0o644))
	fmt.Printf("%s.png\t%d KB\n", name, len(picture)/1024)
	c.size(900)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

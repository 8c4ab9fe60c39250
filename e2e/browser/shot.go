package browser

import (
	"os"
	"path/filepath"

	"github.com/go-rod/rod/lib/proto"
)

// EnvScreens names the folder for Picture.
const EnvScreens = "DOORITO_SCREENS"

// Picture keeps the whole page as NAME.png in the folder DOORITO_SCREENS, if set.
func (p *Page) Picture(name string) {
	p.tb.Helper()
	dir := os.Getenv(EnvScreens)
	if dir == "" {
		return
	}
	p.must(os.MkdirAll(dir, 0o755), "make %s", dir)
	p.must(proto.EmulationSetScrollbarsHidden{Hidden: true}.Call(p.rod), "hide the scrollbars")
	p.must(p.shoot(filepath.Join(dir, name+".png"), true), "keep a picture")
	p.must(proto.EmulationSetScrollbarsHidden{}.Call(p.rod), "show the scrollbars")
}

// evidence keeps what the page looks like at a failure and returns the path.
func (p *Page) evidence() string {
	f, err := os.CreateTemp("", "doorito-page-*.png")
	if err != nil {
		return err.Error()
	}
	f.Close()
	if err := p.shoot(f.Name(), false); err != nil {
		return err.Error()
	}
	return f.Name()
}

func (p *Page) shoot(path string, whole bool) error {
	r := p.rod.Timeout(Patience)
	defer r.CancelTimeout()
	res, err := proto.PageCaptureScreenshot{Format: proto.PageCaptureScreenshotFormatPng, CaptureBeyondViewport: whole}.Call(r)
	if err != nil {
		return err
	}
	return os.WriteFile(path, res.Data, 0o600)
}

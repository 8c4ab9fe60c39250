package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/go-rod/rod/lib/proto"
)

// takeAll goes through the pages as the README shows them.
func (c *camera) takeAll(o *office) {
	endpoint := func(name string) string { return "/app/endpoints/" + o.endpoints[name] + "/" }
	c.open("/app/")
	c.take("dashboard")
	c.upload(o)
	c.open("/app/files/")
	c.take("files")
	c.first("/app/files/?status=processed", "/app/files/")
	c.take("file")
	c.open("/app/endpoints/")
	c.take("endpoints")
	c.open(endpoint("Customs gateway"))
	c.take("endpoint")
	c.open("/app/deliveries/?endpoint=" + o.endpoints["Archive mirror"])
	c.take("deliveries")
	c.first("/app/deliveries/?status=pending&code=503&endpoint="+o.endpoints["Customs gateway"], "/app/deliveries/")
	c.take("delivery")
	c.open("/app/events/")
	c.take("events")
	c.first("/app/events/?type=file.stored", "/app/events/")
	c.take("event")
	c.open(endpoint("Warehouse ERP") + "replay/")
	c.MustElement(`[name=scope][value=all]`).MustClick()
	c.MustElement(`button[value=preview]`).MustClick()
	c.MustElement("#preview-sends")
	c.take("replay-count")
	c.first("/app/replays/", "/app/replays/")
	c.take("replay")
	c.open(endpoint("Warehouse ERP") + "sample/")
	c.take("sample")
	c.open("/app/deliveries/stuck/")
	c.take("stuck")
	c.open("/app/endpoints/receive/")
	c.take("receive")
	c.open("/app/api/")
	c.take("api")
	c.open("/admin/")
	c.take("admin")
	c.open("/admin/files/?status=processed")
	c.take("admin-files")
	c.first("/admin/sessions/?status=in_progress", "/admin/sessions/")
	c.take("admin-session")
	c.open("/admin/schedules/")
	c.take("schedules")
	c.first("/admin/schedules/", "/admin/schedules/")
	c.take("schedule")
	c.open("/admin/users/")
	c.take("users")
	c.open("/admin/audit/")
	c.take("audit")
}

// upload drops files on the upload page, over a line that is slow enough to
// look at them, and shows their batch as it stands then.
func (c *camera) upload(o *office) {
	c.open("/app/upload/")
	r := rand.New(rand.NewPCG(1, 2))
	var paths []string
	for _, f := range []struct {
		name string
		mb   int
	}{{"yard-survey-lidar.bin", 40}, {"bill-of-lading-HLX-20931.pdf", 1}, {"invoice-run-november.pdf", 2}, {"gate-camera-07.mp4", 24}, {"packing-list-0447-rev3.pdf", 1}} {
		content := noise(r, f.mb*1_000_000)
		if filepath.Ext(f.name) == ".pdf" {
			copy(content, "%PDF-1.7\n")
		}
		path := filepath.Join(o.dir, f.name)
		must(os.WriteFile(path, content, 0o600))
		paths = append(paths, path)
	}
	must(proto.NetworkEnable{}.Call(c))
	must(proto.NetworkEmulateNetworkConditions{DownloadThroughput: -1, UploadThroughput: 9_000_000}.Call(c))
	c.MustElement("#pick").MustSetFiles(paths...)
	c.MustWait(`() => document.querySelectorAll("[data-file] .is-stored").length >= 3`)
	c.take("upload")
	batch := c.MustElement(`[data-u=batch-open]`).MustProperty("href").Str()
	c.MustNavigate(batch).MustWaitLoad()
	c.take("batch")
	must(proto.NetworkEmulateNetworkConditions{DownloadThroughput: -1, UploadThroughput: -1}.Call(c))
}

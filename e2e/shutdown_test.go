package e2e

import (
	"bytes"
	"io"
	"net/http"
	"syscall"
	"testing"

	"doorito/e2e/portal"
	"doorito/e2e/world"
)

func TestAStoppingPortalFinishesUploadsAndDeliveriesUnderWay(t *testing.T) {
	t.Parallel()
	p := portal.MustStart(t, portal.Options{})
	d := &deployment{Portal: p, worker: p, embedded: true}
	r := world.NewReceiver(t)
	endpoint(t, d, r, "file.stored")
	c := p.WithToken(t, p.Token(t, "upload,read"))

	r.Hang()
	c.Upload(t, "under-way.txt", []byte("hello"))
	r.Await(t, 1)
	body, feed := io.Pipe()
	done := make(chan error, 1)
	go func() { _, err := c.TryUpload("slow.txt", body); done <- err }()
	if _, err := feed.Write([]byte("the first half, ")); err != nil {
		t.Fatal(err)
	}
	admin := p.Admin(t)
	world.Eventually(t, "the portal has the upload", func() bool {
		return bytes.Contains(admin.Get(t, "/app/files/?status=uploading").Body, []byte("slow.txt"))
	})
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	world.Eventually(t, "no new connection is taken", func() bool {
		_, err := p.Anonymous(t).Try(http.MethodGet, "/healthz", "", nil)
		return err != nil
	})
	if _, err := feed.Write([]byte("and the second")); err != nil {
		t.Fatal(err)
	}
	feed.Close()
	if err := <-done; err != nil {
		t.Errorf("the upload under way: %v", err)
	}
	r.Release()
	if err := p.Wait(); err != nil {
		t.Error(err)
	}

	again := p.MustRestart(t)
	got := r.Await(t, 2)
	if n := byEvent(got); len(n) != 2 {
		t.Errorf("events %v", n)
	}
	if a := again.WithToken(t, c.Token).Get(t, "/api/v1/files/"+read(t, got[1]).Data.FileID); a.Code != http.StatusOK {
		t.Errorf("the file answers %d", a.Code)
	}
	if len(r.Got()) != 2 {
		t.Errorf("%d webhooks: one that was under way came again", len(r.Got()))
	}
}

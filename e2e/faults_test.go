package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// byEvent counts the webhooks of each event.
func byEvent(got []world.Webhook) map[string]int {
	n := map[string]int{}
	for _, w := range got {
		n[w.Header.Get("Webhook-Id")]++
	}
	return n
}

func TestAWebProcessKilledInMidUploadKeepsNothingHalfDone(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		r := world.NewReceiver(t)
		endpoint(t, d, r, "file.*")
		token := d.Token(t, "upload,read")
		c := d.WithToken(t, token)
		kept := c.Upload(t, "kept.txt", []byte("arrived before"))

		body, feed := io.Pipe()
		broken := make(chan error, 1)
		go func() { _, err := c.TryUpload("half.bin", body); broken <- err }()
		if _, err := feed.Write(make([]byte, 9<<20)); err != nil {
			t.Fatal(err)
		}
		d.Kill()
		feed.Close()
		if err := <-broken; err == nil {
			t.Fatal("the upload was acknowledged")
		}

		p := d.MustRestart(t)
		c = p.WithToken(t, token)
		if a := c.Get(t, "/api/v1/files/"+kept.ID); a.Code != http.StatusOK {
			t.Errorf("the file from before answers %d", a.Code)
		}
		again := c.Upload(t, "half.bin", make([]byte, 10<<20))
		if again.SizeBytes != 10<<20 {
			t.Errorf("%+v", again)
		}
		for _, w := range r.Await(t, 2) {
			if b := read(t, w); b.Type != "file.stored" || (b.Data.FileID != kept.ID && b.Data.FileID != again.ID) {
				t.Errorf("announced: %s", w.Body)
			}
		}
	})
}

func TestAWorkerKilledWhileItSendsIsMadeGoodWithinItsLease(t *testing.T) {
	t.Parallel()
	d := production(t)
	r := world.NewReceiver(t)
	endpoint(t, d, r, "file.stored")
	r.Hang()
	d.WithToken(t, d.Token(t, "upload")).Upload(t, "a.txt", []byte("hello"))
	r.Await(t, 1)
	d.worker.Kill()
	killed := time.Now()
	r.Release()
	d.worker.MustRestart(t)
	got := r.Await(t, 2)
	if took := time.Since(killed); took > 20*time.Second {
		t.Errorf("sent again only after %s", took)
	}
	if n := byEvent(got); len(n) != 1 {
		t.Errorf("events: %v", n)
	}
}

func TestAnEmptiedRedisLosesNoEvent(t *testing.T) {
	t.Parallel()
	d := production(t)
	r := world.NewReceiver(t)
	endpoint(t, d, r, "file.stored")
	c := d.WithToken(t, d.Token(t, "upload"))
	if err := d.worker.Stop(); err != nil {
		t.Fatal(err)
	}
	const files = 20
	for i := range files {
		c.Upload(t, fmt.Sprintf("%d.txt", i), []byte("hello"))
	}
	d.redis.FlushAll()
	d.worker.MustRestart(t)
	r.Await(t, files)
	world.Eventually(t, "each event came exactly once", func() bool { return len(byEvent(r.Got())) == files })
	for id, n := range byEvent(r.Got()) {
		if n != 1 {
			t.Errorf("event %s came %d times", id, n)
		}
	}
}

func TestWithoutRedisUploadsAndWebhooksGoOn(t *testing.T) {
	t.Parallel()
	d := production(t)
	r := world.NewReceiver(t)
	endpoint(t, d, r, "file.stored")
	c := d.WithToken(t, d.Token(t, "upload"))
	d.redis.Stop()
	start := time.Now()
	c.Upload(t, "a.txt", []byte("hello"))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the upload waited %s for Redis", took)
	}
	r.Await(t, 1)
	d.redis.Start()
	c.Upload(t, "b.txt", []byte("hello"))
	r.Await(t, 2)
}

// TestKilledAtRandomLosesNoFileAndNoEvent uploads without pause while the
// processes are killed again and again. Whatever was acknowledged must be there
// with the right hash, and announced.
func TestKilledAtRandomLosesNoFileAndNoEvent(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		const kills = 3
		r := world.NewReceiver(t)
		endpoint(t, d, r, "file.stored")
		token := d.Token(t, "upload,read")
		up := &uploader{stored: map[string]string{}}
		up.wg.Go(func() { up.run(d.WithToken(t, token)) })
		up.wg.Go(func() { up.run(d.WithToken(t, token)) })
		web, worker := d.Portal, d.worker
		for range kills {
			up.await(t, up.count()+5+rand.IntN(10))
			web.Kill()
			if !d.embedded {
				worker.Kill()
				worker = worker.MustRestart(t)
			}
			web = web.MustRestart(t)
		}
		up.await(t, up.count()+5)
		up.stop()

		c := web.WithToken(t, token)
		for id, sum := range up.stored {
			a := c.Get(t, "/api/v1/files/"+id+"/content")
			if to := a.Header.Get("Location"); to != "" {
				a = c.Get(t, to)
			}
			if got := sha256.Sum256(a.Body); a.Code != http.StatusOK || hex.EncodeToString(got[:]) != sum {
				t.Errorf("file %s answers %d with other bytes", id, a.Code)
			}
		}
		world.Eventually(t, "every acknowledged file is announced", func() bool { return len(up.missing(t, r.Got())) == 0 })
		again := len(r.Got()) - len(byEvent(r.Got()))
		t.Logf("%d files acknowledged, %d webhooks, %d of them again after a kill", len(up.stored), len(r.Got()), again)
		if again > kills*40 {
			t.Errorf("%d webhooks came again", again)
		}
	})
}

// uploader hands in files until it is stopped and keeps what was acknowledged.
type uploader struct {
	wg     sync.WaitGroup
	mu     sync.Mutex
	stored map[string]string // id to SHA-256
	ended  bool
}

func (u *uploader) run(c *portal.Client) {
	for i := 0; ; i++ {
		content := bytes.Repeat([]byte{byte(rand.IntN(256))}, 1+rand.IntN(300<<10))
		f, err := c.TryUpload(fmt.Sprintf("%d.bin", i), bytes.NewReader(content))
		u.mu.Lock()
		if err == nil {
			sum := sha256.Sum256(content)
			u.stored[f.ID] = hex.EncodeToString(sum[:])
		}
		ended := u.ended
		u.mu.Unlock()
		if ended {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // the portal is down: knock again
		}
	}
}

func (u *uploader) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.stored)
}

func (u *uploader) await(t *testing.T, n int) {
	t.Helper()
	world.Eventually(t, fmt.Sprintf("%d files are acknowledged", n), func() bool { return u.count() >= n })
}

func (u *uploader) stop() {
	u.mu.Lock()
	u.ended = true
	u.mu.Unlock()
	u.wg.Wait()
}

// missing lists acknowledged files that no webhook told of.
func (u *uploader) missing(t *testing.T, got []world.Webhook) []string {
	t.Helper()
	told := map[string]bool{}
	for _, w := range got {
		told[read(t, w).Data.FileID] = true
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	var out []string
	for id := range u.stored {
		if !told[id] {
			out = append(out, id)
		}
	}
	return out
}

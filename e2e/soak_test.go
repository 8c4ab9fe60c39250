package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"doorito/e2e/portal"
	"doorito/e2e/world"
)

// make soak asks for more than make test.
var (
	soakKills   = flag.Int("soak-kills", 3, "how often the web process is killed")
	soakUploads = flag.Int("soak-uploads", 6, "how many uploads come in meanwhile")
)

// wire counts what clients send, and wakes who waits for so much.
type wire struct {
	mu      sync.Mutex
	change  sync.Cond
	sent    int64
	resumes []string
	begun   map[string]int // tus uploads by their path, and how long they are
}

func newWire() *wire {
	w := &wire{begun: map[string]int{}}
	w.change.L = &w.mu
	return w
}

func (w *wire) pass(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent += int64(n)
	w.change.Broadcast()
}

// await waits until n bytes went out.
func (w *wire) await(n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.sent < n {
		w.change.Wait()
	}
}

func (w *wire) begin(path string, total int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun[path] = total
}

func (w *wire) uploads() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.begun)
}

func (w *wire) resumed(offset, total int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if offset > 0 && offset < total {
		w.resumes = append(w.resumes, strconv.Itoa(offset))
	}
}

// The web process is killed again and again while uploads come in: each of
// them arrives whole, and is announced once.
func TestSoakKilledAgainAndAgainEveryUploadArrivesOnce(t *testing.T) {
	t.Parallel()
	inBothForms(t, func(t *testing.T, d *deployment) {
		r := world.NewReceiver(t)
		endpoint(t, d, r, "file.stored")
		token := d.Token(t, "upload,read")
		w := newWire()
		c := &soakClient{url: d.URL, token: token, http: &http.Client{Timeout: time.Minute}, wire: w}
		names, data, total := soakFiles(*soakUploads)

		errs := make(chan error, len(names))
		room := make(chan struct{}, 6)
		for i, name := range names {
			go func() {
				room <- struct{}{}
				defer func() { <-room }()
				send := c.tus
				if i%2 == 1 {
					send = c.parts
				}
				err := send(name, data[i])
				if err != nil {
					err = fmt.Errorf("%s: %w", name, err)
				}
				errs <- err
			}()
		}
		web := d.Portal
		for i := range *soakKills {
			// Somewhere in each of as many stretches of the whole.
			stretch := total / int64(*soakKills)
			w.await(int64(i)*stretch + rand.Int64N(stretch))
			if i == 0 { // one at least finds something to go on from
				world.Within(t, 30*time.Second, "bytes of an upload count", c.halfway)
			}
			web.Kill()
			web = web.MustRestart(t)
		}
		for range names {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if t.Failed() {
			return
		}
		if len(w.resumes) == 0 {
			t.Error("no upload went on from where it was")
		}
		soakArrived(t, web.WithToken(t, token), r, names, data)
		fmt.Fprintf(os.Stderr, "soak %s: %d uploads of %d bytes, %d kills; tus went on at %v; %d bytes were sent, %d of them again\n",
			t.Name(), len(names), total, *soakKills, w.resumes, w.sent, w.sent-total)
	})
}

// soakFiles makes n files of up to 12 MB, the even ones for tus, the odd ones
// for parts.
func soakFiles(n int) (names []string, data [][]byte, total int64) {
	rng := rand.NewChaCha8([32]byte{byte(n)})
	for i := range n {
		size := 1 + int(rng.Uint64()%(12<<20))
		switch i {
		case 0:
			size = 12 << 20
		case 1:
			size = 33 << 20 // five parts, which wait for each other
		}
		content := make([]byte, size)
		_, _ = rng.Read(content)
		names, data, total = append(names, fmt.Sprintf("soak-%d.bin", i)), append(data, content), total+int64(size)
	}
	return names, data, total
}

// soakArrived wants every file announced by one event, and the bytes behind its
// link to be those that were sent. What died in completing may take a minute.
func soakArrived(t *testing.T, c *portal.Client, r *world.Receiver, names []string, data [][]byte) {
	t.Helper()
	events := map[string]map[string]body{}
	world.Within(t, 90*time.Second, "every file is announced", func() bool {
		events = announced(t, r)
		return len(events) == len(names)
	})
	for i, name := range names {
		if len(events[name]) != 1 {
			t.Errorf("%s was announced by %d events", name, len(events[name]))
		}
		sum := sha256.Sum256(data[i])
		for _, b := range events[name] {
			if b.Data.SHA256 != hex.EncodeToString(sum[:]) {
				t.Errorf("%s is announced with SHA-256 %s", name, b.Data.SHA256)
			}
			if got := fetched(t, b.Data.URL); !bytes.Equal(got, data[i]) {
				t.Errorf("%s has %d other bytes behind its link", name, len(got))
			}
			if a := c.Get(t, "/api/v1/files/"+b.Data.FileID); a.Code != http.StatusOK || !bytes.Contains(a.Body, []byte(`"status":"stored"`)) {
				t.Errorf("%s: %d %s", name, a.Code, a.Body)
			}
			if a := c.Get(t, "/api/v1/files/"+b.Data.FileID+"/events"); bytes.Count(a.Body, []byte(`"file.stored"`)) != 1 {
				t.Errorf("%s has the events %s", name, a.Body)
			}
		}
	}
}

// announced are the events of each file by their ids: a webhook that was sent
// twice, for its worker died in between, is one event.
func announced(t *testing.T, r *world.Receiver) map[string]map[string]body {
	t.Helper()
	events := map[string]map[string]body{}
	for _, w := range r.Got() {
		b := read(t, w)
		name := b.Data.OriginalFilename
		if events[name] == nil {
			events[name] = map[string]body{}
		}
		events[name][w.Header.Get("Webhook-Id")] = b
	}
	return events
}

func fetched(t *testing.T, url string) []byte {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d, %v", url, res.StatusCode, err)
	}
	return got
}

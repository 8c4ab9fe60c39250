package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"doorito/adapters/memory"
	whole "doorito/e2e/world"
	"doorito/ports/portstest"
)

// While an upload is completed, everybody sees how far the hash is, and a
// client that hangs up stops nothing.
func TestTheHashOfPartsOutOfOrderIsSeenToGrow(t *testing.T) {
	t.Parallel()
	w := whole.New(t, whole.SQLite(t))
	slow := &slowBlobs{Storage: w.Blobs, step: make(chan struct{}), clock: w.Clock}
	w.Sessions.Blobs = slow
	p := portalOf(t, w, nil)
	ann := p.token("ann", "upload,read")
	data := portstest.Bytes(2*chunk + 7)
	at := p.begin(ann, len(data))
	for _, n := range []int{3, 2, 1} {
		p.ask(ann, "PUT", fmt.Sprintf("%s/parts/%d", at, n), string(data[(n-1)*chunk:min(n*chunk, len(data))]), 200)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	go post(ctx, p.base+at+"/complete", ann)
	seen := 0.0
	for range 4 {
		slow.step <- struct{}{}
		whole.Eventually(t, "the hash has grown", func() bool {
			s, _ := p.ask(ann, "GET", at, "", 200)
			n, _ := s["hashed_bytes"].(float64)
			grown := s["status"] == "completing" && n > seen
			if grown {
				seen = n
			}
			return grown
		})
	}
	hangUp()
	close(slow.step)
	whole.Eventually(t, "it is complete", func() bool {
		s, _ := p.ask(ann, "GET", at, "", 200)
		return s["status"] == "complete"
	})
	if f, _ := p.ask(ann, "POST", at+"/complete", "", 200); f["sha256"] != hexSum(data) {
		t.Errorf("%v", f)
	}
}

// slowBlobs gives a piece of a blob for each step, and a second passes.
type slowBlobs struct {
	whole.Storage
	step  chan struct{}
	clock *memory.Clock
}

func (b *slowBlobs) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	r, err := b.Storage.Open(ctx, key, offset, length)
	if err != nil || length >= 0 {
		return r, err
	}
	return &slowReader{r, b}, nil
}

type slowReader struct {
	io.ReadCloser
	b *slowBlobs
}

func (r *slowReader) Read(p []byte) (int, error) {
	if _, stepping := <-r.b.step; !stepping {
		return r.ReadCloser.Read(p)
	}
	r.b.clock.Advance(2 * time.Second)
	return r.ReadCloser.Read(p[:min(len(p), 1000)])
}

// post sends without a body and does not look at the answer.
func post(ctx context.Context, url, token string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if res, err := http.DefaultClient.Do(req); err == nil {
		res.Body.Close()
	}
}

package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestARequestThatIsSentAgainMakesNothingNew(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	key := "Idempotency-Key: k-1"
	for _, c := range []struct{ method, path, body, other, otherBody string }{
		{"PUT", "/api/v1/files/a.txt", "hello", "/api/v1/files/b.txt", "hello"},
		{"POST", "/api/v1/batches", `{"label":"May"}`, "/api/v1/batches", `{"label":"June"}`},
	} {
		first, h := p.ask(ann, c.method, c.path, c.body, 201, key)
		if h.Get("Idempotent-Replayed") != "" {
			t.Errorf("%s: %v", c.path, h)
		}
		again, h := p.ask(ann, c.method, c.path, c.body, 200, key)
		if again["id"] != first["id"] || h.Get("Idempotent-Replayed") != "true" || !strings.HasSuffix(h.Get("Location"), fmt.Sprint(first["id"])) {
			t.Errorf("%s: %v %v", c.path, again, h)
		}
		if other, _ := p.ask(ann, c.method, c.other, c.otherBody, 409, key); other["field"] != "Idempotency-Key" {
			t.Errorf("%s: %v", c.path, other)
		}
		p.ask(ann, c.method, c.path, c.body, 400, "Idempotency-Key: "+strings.Repeat("k", 256))
	}
	if page, _ := p.ask(ann, "GET", "/api/v1/files", "", 200); names(page) != "a.txt" {
		t.Errorf("%v", page)
	}
}

func TestOfManyRequestsWithOneKeyOneStores(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	for range 6 {
		wg.Go(func() {
			res, _ := do(t, "PUT", p.base+"/api/v1/files/a.txt", strings.NewReader(strings.Repeat("x", 200_000)), bearer(ann), "Idempotency-Key: k")
			mu.Lock()
			defer mu.Unlock()
			codes[res.StatusCode]++
		})
	}
	wg.Wait()
	if codes[201] != 1 || codes[200]+codes[409] != 5 {
		t.Errorf("%v", codes)
	}
	if page, _ := p.ask(ann, "GET", "/api/v1/files", "", 200); names(page) != "a.txt" {
		t.Errorf("%v", page)
	}
}

func TestABatchTellsItsProgress(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	b, _ := p.ask(ann, "POST", "/api/v1/batches", "", 201)
	path := "/api/v1/batches/" + fmt.Sprint(b["id"])
	if b["progress"] != 0.0 || b["status"] != "init" {
		t.Errorf("%v", b)
	}
	p.ask(ann, "PUT", "/api/v1/files/a.txt?batch="+fmt.Sprint(b["id"]), "hello", 201)
	if b, _ = p.ask(ann, "GET", path, "", 200); b["progress"] != 1.0 || b["stored"] != 1.0 || b["status"] != "in_progress" {
		t.Errorf("%v", b)
	}
	if b, _ = p.ask(ann, "POST", path+"/finalise", "", 200); b["status"] != "complete" {
		t.Errorf("%v", b)
	}
}

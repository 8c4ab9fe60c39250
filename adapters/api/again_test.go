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
	ann, admin := p.token("ann", "upload,read"), p.token("admin", "admin")
	e, _ := p.MustEndpoint(t, "https://receiver.example/in")
	own := "/api/v1/endpoints/" + e.ID.String()
	const hour, day = `{"from":"2026-01-01T00:00:00Z","to":"2026-01-01T01:00:00Z"}`, `{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"}`
	key := "Idempotency-Key: k-1"
	for _, c := range []struct {
		token, method, path, body, other, otherBody string
		first, repeated                             int
	}{
		{ann, "PUT", "/api/v1/files/a.txt", "hello", "/api/v1/files/b.txt", "hello", 201, 200},
		{ann, "POST", "/api/v1/files/c.txt", "hello", "/api/v1/files/c.txt", "hello, world", 201, 200},
		{ann, "POST", "/api/v1/batches", `{"label":"May"}`, "/api/v1/batches", `{"label":"June"}`, 201, 200},
		{ann, "POST", "/api/v1/sessions", `{"filename":"s","size_bytes":5}`, "/api/v1/sessions", `{"filename":"s","size_bytes":6}`, 201, 200},
		{admin, "POST", "/api/v1/endpoints", `{"url":"https://a.example"}`, "/api/v1/endpoints", `{"url":"https://b.example"}`, 201, 200},
		{admin, "POST", own + "/secrets", `{"overlap_hours":1}`, own + "/secrets", `{"overlap_hours":2}`, 201, 200},
		{admin, "POST", own + "/replays", hour, own + "/replays", day, 202, 202},
	} {
		if c.method == "POST" && strings.HasPrefix(c.path, "/api/v1/files/") {
			key = "Idempotency-Key: k-2" // its operation is that of PUT
		}
		first, h := p.ask(c.token, c.method, c.path, c.body, c.first, key)
		location := h.Get("Location")
		if h.Get("Idempotent-Replayed") != "" {
			t.Errorf("%s: %v", c.path, h)
		}
		again, h := p.ask(c.token, c.method, c.path, c.body, c.repeated, key)
		if again["id"] != first["id"] || again["secret"] != first["secret"] || h.Get("Idempotent-Replayed") != "true" || h.Get("Location") != location {
			t.Errorf("%s: %v %v", c.path, again, h)
		}
		if other, _ := p.ask(c.token, c.method, c.other, c.otherBody, 409, key); other["field"] != "Idempotency-Key" {
			t.Errorf("%s: %v", c.path, other)
		}
		for _, bad := range []string{strings.Repeat("k", 256), "ключ"} {
			if got, _ := p.ask(c.token, c.method, c.path, c.body, 400, "Idempotency-Key: "+bad); got["field"] != "Idempotency-Key" {
				t.Errorf("%s: %v", c.path, got)
			}
		}
	}
	if page, _ := p.ask(ann, "GET", "/api/v1/files?status=stored", "", 200); names(page) != "c.txt a.txt" {
		t.Errorf("%v", page)
	}
}

// What became of the batch meanwhile does not change the answer, whichever
// creation joined it.
func TestARepeatAfterItsBatchWasSealedIsAnswered(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	b, _ := p.ask(ann, "POST", "/api/v1/batches", `{"label":"May"}`, 201, "Idempotency-Key: k")
	id := fmt.Sprint(b["id"])
	again := func(want int) {
		t.Helper()
		p.ask(ann, "PUT", "/api/v1/files/a.txt?batch="+id, "hello", want, "Idempotency-Key: k")
		p.ask(ann, "POST", "/api/v1/sessions", `{"filename":"s","size_bytes":0,"batch_id":"`+id+`"}`, want, "Idempotency-Key: k")
	}
	again(201)
	p.ask(ann, "POST", "/api/v1/batches/"+id+"/finalise", "", 200)
	again(200)
	p.ask(ann, "POST", "/api/v1/batches", `{"label":"May"}`, 200, "Idempotency-Key: k")
	p.ask(ann, "PUT", "/api/v1/files/late.txt?batch="+id, "hello", 409, "Idempotency-Key: k-late")
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

package api_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"doorito/domain"
	whole "doorito/e2e/world"
)

func TestOfTwoThatTakeAFileOneGets200AndTheOther409(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann, consumer := p.token("ann", "upload,read"), p.token("admin", "read,process")
	id := p.put(ann, "a.txt", "hello")
	p.ask(ann, "POST", "/api/v1/files/"+id+"/processed", "", 403)
	p.ask(p.token("bob", "process"), "POST", "/api/v1/files/"+id+"/processed", "", 404)
	p.ask("", "POST", "/api/v1/files/"+id+"/processed", "", 401)
	p.ask(consumer, "POST", "/api/v1/files/"+id+"/processed", `{"by":"me"}`, 400)
	codes := make(chan int, 2)
	var wg sync.WaitGroup
	for range cap(codes) {
		wg.Go(func() {
			res, _ := do(t, "POST", p.base+"/api/v1/files/"+id+"/processed", nil, bearer(consumer))
			codes <- res.StatusCode
		})
	}
	wg.Wait()
	if a, b := <-codes, <-codes; a+b != 200+409 {
		t.Errorf("%d and %d", a, b)
	}
	if f, _ := p.ask(ann, "GET", "/api/v1/files/"+id, "", 200); f["status"] != "processed" || f["processed_at"] == nil {
		t.Errorf("%v", f)
	}
	late, _ := p.ask(consumer, "POST", "/api/v1/files/"+id+"/failed", `{"reason":"late"}`, 409)
	if !strings.Contains(fmt.Sprint(late["detail"]), "taken already") {
		t.Errorf("%v", late)
	}
}

func TestAFileIsGivenBackWithAReason(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann, consumer := p.token("ann", "upload,read"), p.token("admin", "read,process")
	id := p.put(ann, "a.txt", "hello")
	if got, _ := p.ask(consumer, "POST", "/api/v1/files/"+id+"/failed", `{}`, 400); got["field"] != "reason" {
		t.Errorf("%v", got)
	}
	p.ask(ann, "POST", "/api/v1/files/"+id+"/failed", `{"reason":"x"}`, 403)
	f, _ := p.ask(consumer, "POST", "/api/v1/files/"+id+"/failed", `{"reason":"Page 3 is blank."}`, 200)
	if f["status"] != "failed" || f["error"] != "Page 3 is blank." {
		t.Errorf("%v", f)
	}
	if l, _ := p.ask(ann, "GET", "/api/v1/files/"+id+"/link", "", 200); l["url"] != f["url"] || l["expires_at"] == nil {
		t.Errorf("its bytes stay, so does its link: %v", l)
	}
}

func TestDeletingAndWhatIsLeftOfAFile(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	id := p.put(ann, "a.txt", "hello")
	p.ask(p.token("ann", "read"), "DELETE", "/api/v1/files/"+id, "", 403)
	p.ask(p.token("bob", "upload"), "DELETE", "/api/v1/files/"+id, "", 404)
	p.ask(ann, "DELETE", "/api/v1/files/17", "", 404)
	p.ask(ann, "DELETE", "/api/v1/files/"+id, "", 204)
	p.ask(ann, "DELETE", "/api/v1/files/"+id, "", 409)
	p.ask(ann, "GET", "/api/v1/files/"+id+"/link", "", 410)
	p.ask(ann, "GET", "/api/v1/files/"+id+"/content", "", 410)
	if f, _ := p.ask(ann, "GET", "/api/v1/files/"+id, "", 200); f["status"] != "deleted" || f["deleted_at"] == nil {
		t.Errorf("%v", f)
	}
	p.ask(p.token("admin", "admin"), "DELETE", "/api/v1/files/"+p.put(ann, "b.txt", "x"), "", 204)
}

func TestEventsTellAdminsTheEndpointsAndOthersNot(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	receiver := whole.NewReceiver(t)
	p.MustEndpoint(t, receiver.URL)
	ann := p.token("ann", "upload,read,process")
	id := p.put(ann, "a.txt", "hello")
	p.ask(ann, "POST", "/api/v1/files/"+id+"/processed", "", 200)
	if _, err := p.Upkeep.Do(context.Background(), domain.TaskSweep); err != nil {
		t.Fatal(err)
	}
	receiver.Await(t, 2)
	for token, shown := range map[string]bool{ann: false, p.token("admin", "read,process"): false, p.token("admin", "admin"): true} {
		got, _ := p.ask(token, "GET", "/api/v1/files/"+id+"/events", "", 200)
		items := got["items"].([]any)
		if len(items) != 2 {
			t.Fatalf("%v", got)
		}
		first, second := items[0].(map[string]any), items[1].(map[string]any)
		deliveries, ok := first["deliveries"].([]any)
		if first["type"] != "file.stored" || first["status"] != "delivered" || second["type"] != "file.processed" || ok != shown {
			t.Errorf("%v", got)
		}
		if shown && deliveries[0].(map[string]any)["status"] != "delivered" {
			t.Errorf("%v", deliveries)
		}
	}
	p.ask(p.token("bob", "read"), "GET", "/api/v1/files/"+id+"/events", "", 404)
	p.ask(p.token("ann", "upload"), "GET", "/api/v1/files/"+id+"/events", "", 403)
}

func TestMeSaysWhoAsksAndWhatFor(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	got, _ := p.ask(p.token("ann", "upload,read"), "GET", "/api/v1/me", "", 200)
	user, token := got["user"].(map[string]any), got["token"].(map[string]any)
	if user["email"] != "ann@example.com" || user["role"] != "staff" || token["name"] != "upload,read" || fmt.Sprint(token["scopes"]) != "[upload read]" || token["expires_at"] != nil || got["session"] != nil {
		t.Errorf("%v", got)
	}
	p.ask("", "GET", "/api/v1/me", "", 401)
	p.ask("dto_wrong", "GET", "/api/v1/me", "", 401)
}

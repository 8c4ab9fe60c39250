package api_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

func TestAFileIsKeptLongerForGoodOrNoMore(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann, bob := p.token("ann", "upload,read"), p.token("bob", "upload,read")
	id := p.put(ann, "a.txt", "hello")
	path := "/api/v1/files/" + id
	before, _ := p.ask(ann, "GET", path, "", 200)
	after, _ := p.ask(ann, "POST", path+"/extend", `{"hours":48}`, 200)
	was, err := time.Parse(time.RFC3339, before["expires_at"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if now, err := time.Parse(time.RFC3339, after["expires_at"].(string)); err != nil || now.Sub(was) != 48*time.Hour {
		t.Errorf("%v → %v, %v", was, now, err)
	}
	for _, body := range []string{`{"hours":-1}`, `{"hours":87601}`, `{}`, `{"hours":1.5}`} {
		p.ask(ann, "POST", path+"/extend", body, 400)
	}
	p.ask(bob, "POST", path+"/extend", `{"hours":1}`, 404)
	p.ask(bob, "POST", path+"/expire", "", 404)
	if got, _ := p.ask(ann, "POST", path+"/extend", `{"hours":0}`, 200); got["expires_at"] != nil {
		t.Errorf("%v", got)
	}
	p.ask(ann, "POST", path+"/extend", `{"hours":1}`, 409)
	// It is not announced yet, so it is held.
	if got, _ := p.ask(ann, "POST", path+"/expire", "", 200); got["status"] != "stored" || got["expires_at"] == nil {
		t.Errorf("%v", got)
	}
	if _, err := p.Upkeep.Do(context.Background(), domain.TaskRelay); err != nil {
		t.Fatal(err)
	}
	if got, _ := p.ask(ann, "POST", path+"/expire", "", 200); got["status"] != "deleted" {
		t.Errorf("%v", got)
	}
	p.ask(ann, "POST", path+"/expire", "", 409)
	entries, err := p.DB.Reads().Audit.ListOf(context.Background(), "file", uuid.MustParse(id), 10)
	if err != nil || len(entries) == 0 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		if e.IP != "127.0.0.1" || e.Changes["expires"] == "" {
			t.Errorf("%s was told without its address or what changed: %+v", e.Action, e)
		}
	}
}

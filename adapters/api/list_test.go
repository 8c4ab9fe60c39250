package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestListsPageByCursorInBothDirections(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "upload,read")
	for i := range 5 {
		p.put(ann, fmt.Sprintf("%d.txt", i), "x")
		p.Clock.Advance(time.Minute)
	}
	first, h := p.ask(ann, "GET", "/api/v1/files?limit=2&status=stored", "", 200)
	if names(first) != "4.txt 3.txt" || first["prev"] != nil || first["next"] == nil {
		t.Fatalf("%v", first)
	}
	next := linkTo(t, h.Get("Link"), "next")
	if linkTo(t, h.Get("Link"), "prev") != "" || !strings.HasPrefix(next, "/api/v1/files?") || !strings.Contains(next, "status=stored") {
		t.Errorf("links %q", h.Get("Link"))
	}
	p.put(ann, "new.txt", "x") // what arrives meanwhile shifts nothing
	second, h := p.ask(ann, "GET", next, "", 200)
	if names(second) != "2.txt 1.txt" || second["prev"] == nil || second["next"] == nil {
		t.Fatalf("%v", second)
	}
	byHand, _ := p.ask(ann, "GET", "/api/v1/files?limit=2&after="+fmt.Sprint(first["next"]), "", 200)
	if names(byHand) != "2.txt 1.txt" {
		t.Errorf("by the cursor in the page: %v", byHand)
	}
	back, _ := p.ask(ann, "GET", linkTo(t, h.Get("Link"), "prev"), "", 200)
	if names(back) != "4.txt 3.txt" || back["prev"] == nil {
		t.Errorf("back: %v", back)
	}
	last, h := p.ask(ann, "GET", "/api/v1/files?limit=2&after="+fmt.Sprint(second["next"]), "", 200)
	if names(last) != "0.txt" || last["next"] != nil || linkTo(t, h.Get("Link"), "next") != "" {
		t.Errorf("last: %v %q", last, h.Get("Link"))
	}
	empty, h := p.ask(p.token("bob", "read"), "GET", "/api/v1/files", "", 200)
	if len(empty["items"].([]any)) != 0 || h.Get("Link") != "" {
		t.Errorf("of another person: %v", empty)
	}
}

// linkTo finds a relation in a Link header.
func linkTo(t *testing.T, header, rel string) string {
	t.Helper()
	for part := range strings.SplitSeq(header, ", ") {
		if target, ok := strings.CutSuffix(part, `; rel="`+rel+`"`); ok {
			return strings.Trim(target, "<>")
		}
	}
	return ""
}

func TestFilesAreFiltered(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann, admin := p.token("ann", "upload,read,process"), p.token("admin", "read")
	early := p.Clock.Now()
	b, _ := p.ask(ann, "POST", "/api/v1/batches", `{"label":"May"}`, 201)
	batch := fmt.Sprint(b["id"])
	p.ask(ann, "PUT", "/api/v1/files/in.txt?batch="+batch, "x", 201)
	taken := p.put(ann, "taken.txt", "x")
	p.ask(ann, "POST", "/api/v1/files/"+taken+"/processed", "", 200)
	p.Clock.Advance(time.Hour)
	late := p.Clock.Now()
	p.put(ann, "page.pdf", "%PDF-1.7\n%....\n1 0 obj")
	p.put(p.token("bob", "upload"), "of-bob.txt", "x")
	me, _ := p.ask(ann, "GET", "/api/v1/me", "", 200)
	owner := fmt.Sprint(me["user"].(map[string]any)["id"])
	for query, want := range map[string]string{
		"": "page.pdf taken.txt in.txt", "status=stored": "page.pdf in.txt", "status=stored,processed": "page.pdf taken.txt in.txt",
		"status=stored&status=processed": "page.pdf taken.txt in.txt", "status=": "page.pdf taken.txt in.txt", "batch=" + batch: "in.txt",
		"type=application/pdf": "page.pdf", "type=text,image": "taken.txt in.txt", "q=taken": "taken.txt", "q=of-bob": "",
		"created_from=" + url.QueryEscape(late.Format(time.RFC3339)): "page.pdf", "created_to=" + url.QueryEscape(late.Format(time.RFC3339)): "taken.txt in.txt",
		"created_from=" + early.Format(time.DateOnly): "page.pdf taken.txt in.txt",
	} {
		if page, _ := p.ask(ann, "GET", "/api/v1/files?"+query, "", 200); names(page) != want {
			t.Errorf("%q gives %q, not %q", query, names(page), want)
		}
	}
	if page, _ := p.ask(admin, "GET", "/api/v1/files?status=stored&owner="+owner, "", 200); names(page) != "page.pdf in.txt" {
		t.Errorf("an admin's consumer: %v", page)
	}
	if page, _ := p.ask(ann, "GET", "/api/v1/batches/"+batch+"/files?status=stored", "", 200); names(page) != "in.txt" {
		t.Errorf("files of the batch: %v", page)
	}
	if page, _ := p.ask(ann, "GET", "/api/v1/batches?status=in_progress&q=May", "", 200); len(page["items"].([]any)) != 1 {
		t.Errorf("batches: %v", page)
	}
	p.ask(ann, "GET", "/api/v1/files?owner="+owner, "", 403)
	p.ask(p.token("bob", "read"), "GET", "/api/v1/batches/"+batch+"/files", "", 404)
}

func TestWrongParametersAreNamed(t *testing.T) {
	t.Parallel()
	p := newPortal(t, nil)
	ann := p.token("ann", "read")
	for query, field := range map[string]string{
		"stauts=stored": "stauts", "status=new": "status", "limit=0": "limit", "limit=1001": "limit", "limit=x": "limit", "limit=1&limit=2": "limit",
		"after=x": "after", "before=%00": "before", "after=f" + strings.Repeat("_", 31): "after", "batch=17": "batch", "owner=me": "owner",
		"created_from=yesterday": "created_from", "created_to=2026-13-01": "created_to", "created_from=%2B10000-01-01": "created_from", "q=" + strings.Repeat("a", 201): "q",
		"after=AAY1k2T7gkABk2pefBp7ZJ0OX2o8Kx0Q&before=AAY1k2T7gkABk2pefBp7ZJ0OX2o8Kx0Q": "before",
	} {
		if got, _ := p.ask(ann, "GET", "/api/v1/files?"+query, "", 400); got["field"] != field || got["code"] != "invalid" {
			t.Errorf("%s: %v", query, got)
		}
	}
	for path, query := range map[string]string{"/api/v1/batches": "type=x", "/api/v1/batches/0190f0a0-0000-7000-8000-00000000ffff/files": "owner=x"} {
		p.ask(ann, "GET", path+"?"+query, "", 400)
	}
}

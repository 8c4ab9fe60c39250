package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"doorito/domain"
	"doorito/ports"
)

func TestABatchIsLiveUntilItHasSettled(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	for i, st := range domain.BatchStatuses {
		own := "/app/batches/" + w.batches[i].ID.String() + "/"
		page := p.get(t, own, staffSession).body
		open := st == domain.BatchInit || st == domain.BatchInProgress
		if live := strings.Contains(page, `hx-get="`+own); live != open {
			t.Errorf("%s: asks again: %v", st, live)
		}
		if finish := strings.Contains(page, "Keep it open") && strings.Contains(page, own+"finalise"); finish != open {
			t.Errorf("%s: can be finished: %v", st, finish)
		}
	}
	own := "/app/batches/" + w.batches[1].ID.String() + "/"
	part := p.get(t, own+"?show=failed", staffSession, header("HX-Request", "true"), header("HX-Target", "batch")).body
	if strings.Contains(part, "<html") || !strings.Contains(part, `hx-get="`+own+`?show=failed"`) || !strings.Contains(part, `id="finish-text"`) {
		t.Error("the part that is asked for again is not the part, or forgets what is shown")
	}
}

func TestABatchShowsItsFilesByStateWithTheReasonOfEachFailure(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	own := "/app/batches/" + w.batches[2].ID.String() + "/"
	page := p.get(t, own, staffSession).body
	for _, want := range []string{
		`>All <span class="text-muted">60<`, `>Uploading <span class="text-muted">8<`, `>Stored <span class="text-muted">28<`, `>Processed <span class="text-muted">16<`,
		`>Failed <span class="text-muted">4<`, `>Deleted <span class="text-muted">4<`, "60 files: 16 processed, 28 stored, 4 deleted, 4 failed, 8 uploading",
		"This is a ZIP archive named .tiff, so it was refused.", own + "files.csv", ">460 MB of 1.20 GB<", "/app/upload/?batch=" + w.batches[2].ID.String(),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	p.get(t, own+"?show=failed", staffSession)
	last := slices.IndexFunc(w.asked, func(q ports.ListQuery) bool { return q.Filters["status"] != nil })
	if last < 0 {
		t.Fatalf("asked %+v", w.asked)
	}
	if q := w.asked[last]; q.Filters["status"][0] != "failed" || q.Filters["superseded"][0] != "false" {
		t.Errorf("asked %+v", q)
	}
	if got := p.get(t, own+"?show=lost", staffSession); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, "uploading, stored, processed, failed or deleted") {
		t.Errorf("an unknown state: %d", got.StatusCode)
	}
	list := p.get(t, "/app/batches/", staffSession).body
	if !strings.Contains(list, `is-uploading" value="24" max="30" aria-label="24 of 30 files are here">`) {
		t.Error("the list of batches shows no progress")
	}
}

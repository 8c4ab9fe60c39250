package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestThePreviewSaysWhenAScheduleWouldRunOrWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := openPortal(t, fullWorld())
	for when, want := range map[string]string{
		"every 5m": "every 5 minutes", "0 7 * * 1": "Mondays at 07:00", "0 24 * * *": "The hour is 0 to 23", "every 30s": "at least 1m", "": "Say when", hostile: "five fields",
	} {
		got := p.get(t, "/admin/schedules/preview?when="+url.QueryEscape(when), adminSession)
		if got.StatusCode != http.StatusOK || !strings.Contains(got.body, want) || strings.Contains(got.body, "<html") {
			t.Errorf("%q: %d %s", when, got.StatusCode, got.body)
		}
		for _, fault := range faults(got.body) {
			t.Error(fault)
		}
	}
}

func TestASchedulesPageTellsItsRunsAndTakesAChange(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	page := p.get(t, schedulePath(), adminSession).body
	for _, words := range []string{"Lost", "went wrong", "asked for by", "Run it now", "every 5 minutes", `hx-get="/admin/schedules/preview"`, `hx-trigger="every 1s"`, "24 Nov", "Queued"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	form := url.Values{"name": {"Sweep"}, "task": {"outbox.sweep"}, "when": {"every 10m"}, "enabled": {"true"}, "version": {"1795444328000000"}}
	if got := p.post(t, schedulePath(), adminSession, form); got.StatusCode != http.StatusSeeOther || len(w.governed) != 1 || !strings.HasPrefix(w.governed[0], "changed to every 10m") {
		t.Errorf("%d, %q", got.StatusCode, w.governed)
	}
	form.Set("when", "every 5 weeks")
	if got := p.post(t, schedulePath(), adminSession, form); got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="when-err"`) || !strings.Contains(got.body, `value="every 5 weeks"`) {
		t.Errorf("a wrong form: %d", got.StatusCode)
	}
	if got := p.post(t, schedulePath()+"do/run", adminSession, nil); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(w.governed[len(w.governed)-1], "run ") {
		t.Errorf("run now: %d, %q", got.StatusCode, w.governed)
	}
	if ask := p.get(t, schedulePath()+"delete/", adminSession).body; !strings.Contains(ask, "comes with the portal") || strings.Contains(ask, "btn-error") {
		t.Error("what the portal brought can be deleted")
	}
}

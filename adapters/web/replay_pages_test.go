package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestAReplayIsCountedBeforeItIsStarted(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	path := "/app/endpoints/" + w.endpoints[0].Endpoint.ID.String() + "/replay/"
	form := url.Values{"from": {"2026-11-22T10:00"}, "to": {"2026-11-23T10:00"}, "per_second": {"50"}, "scope": {"all"}, "event_types": {"file.stored"}, "do": {"preview"}}
	got := p.post(t, path, adminSession, form)
	for _, want := range []string{"1,201+", "12,345+ events", "25 s at 50 a second", `value="2026-11-22T10:00"`, `value="all" checked`, `value="file.stored" checked`, "Nothing was sent"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the preview does not say %q", want)
		}
	}
	form.Set("do", "start")
	if got := p.post(t, path, adminSession, form); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/app/replays/") {
		t.Errorf("start: %d to %s", got.StatusCode, got.Header.Get("Location"))
	}
	for field, wrong := range map[string]string{"from": "yesterday", "to": "2026-11-01T10:00", "per_second": "many", "scope": "some", "event_types": "file.eaten"} {
		bad := url.Values{}
		for k, v := range form {
			bad[k] = v
		}
		bad.Set(field, wrong)
		got := p.post(t, path, adminSession, bad)
		if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `name="per_second"`) {
			t.Errorf("%s=%s: %d", field, wrong, got.StatusCode)
		}
		for _, fault := range faults(got.body) {
			t.Error(fault)
		}
	}
}

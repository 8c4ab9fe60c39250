package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"doorito/domain"
)

func TestTheEndpointPageShowsKeysWithoutTheirSecrets(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	own := "/app/endpoints/" + w.endpoints[0].Endpoint.ID.String() + "/"
	got := p.get(t, own, adminSession)
	for _, want := range []string{
		"whsec_MfKQ<span", "whpk_11qYAYKxCrfVS", "signs until Tue 24 Nov", "Retire now…", "X-Tenant", "type image/*; from 1 KB up", "Expires in 12 d", "9f2c41d0", "Secret shown by", "kind: v1",
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, never := range []string{"sealed", secretText} {
		if strings.Contains(got.body, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	for path, form := range map[string]url.Values{
		"secret": {"secret": {id(311).String()}}, "rotate": {"kind": {"v1"}, "overlap": {"24"}},
	} {
		if got := p.post(t, own+path, adminSession, form); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	if got := p.post(t, own+"secret", adminSession, url.Values{"secret": {id(311).String()}}); !strings.Contains(got.body, secretText) {
		t.Error("the secret that was asked for is not shown")
	}
	for form, want := range map[string]int{
		"secret=" + id(310).String(): http.StatusSeeOther, "secret=" + id(999).String(): http.StatusNotFound, "secret=x": http.StatusNotFound,
	} {
		v, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.post(t, own+"retire", adminSession, v); got.StatusCode != want {
			t.Errorf("retire %s: %d, want %d", form, got.StatusCode, want)
		}
	}
	for form, want := range map[string]int{"overlap=soon": http.StatusBadRequest, "overlap=9999": http.StatusBadRequest} {
		v, _ := url.ParseQuery(form)
		if got := p.post(t, own+"rotate", adminSession, v); got.StatusCode != want {
			t.Errorf("rotate %s: %d, want %d", form, got.StatusCode, want)
		}
	}
}

func TestTheCertificateFormSaysWhatIsWrongAndKeepsNoKey(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	path := "/app/endpoints/" + w.endpoints[0].Endpoint.ID.String() + "/certificate/"
	got := openPortal(t, w).post(t, path, adminSession, url.Values{"certificate": {"my cert"}, "private_key": {"hush"}})
	if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="certificate-err"`) || !strings.Contains(got.body, ">my cert</textarea>") || strings.Contains(got.body, "hush") {
		t.Errorf("%d without the reason, without what was typed, or with the key", got.StatusCode)
	}
	for _, fault := range faults(got.body) {
		t.Error(fault)
	}
}

func TestTheFormSaysWhatItsConditionsWouldLetThrough(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	p := openPortal(t, w)
	got := p.post(t, "/app/endpoints/preview", adminSession, url.Values{"content_types": {"image/*"}})
	if got.StatusCode != http.StatusOK || !strings.Contains(got.body, "events would have been sent here") || strings.Contains(got.body, "<html") {
		t.Errorf("%d: %s", got.StatusCode, got.body)
	}
	for field, wrong := range map[string]string{"content_types": "image", "min_size": "big", "max_size": "-1", "metadata": "=x"} {
		form := url.Values{field: {wrong}}
		if got := p.post(t, "/app/endpoints/preview", adminSession, form); got.StatusCode != http.StatusOK || !strings.Contains(got.body, `class="err"`) {
			t.Errorf("preview with %s=%s: %d", field, wrong, got.StatusCode)
		}
		form.Set("url", "https://kept.example/hooks")
		got := p.post(t, "/app/endpoints/new/", adminSession, form)
		if got.StatusCode != http.StatusBadRequest || !strings.Contains(got.body, `id="`+field+`-err"`) || !strings.Contains(got.body, "https://kept.example/hooks") {
			t.Errorf("form with %s=%s: %d", field, wrong, got.StatusCode)
		}
		for _, fault := range faults(got.body) {
			t.Error(fault)
		}
	}
	// Without script the form itself is tried, and nothing is saved.
	if got := p.post(t, "/app/endpoints/new/", adminSession, url.Values{"url": {"https://kept.example/"}, "try": {"1"}}); got.StatusCode != http.StatusOK || !strings.Contains(got.body, "would have been sent here") {
		t.Errorf("tried: %d", got.StatusCode)
	}
}

func TestHeadersOfTheFormAreKeptUnlessTheyAreChanged(t *testing.T) {
	t.Parallel()
	w := fullWorld()
	path := "/app/endpoints/" + w.endpoints[0].Endpoint.ID.String() + "/edit/"
	p := openPortal(t, w)
	got := p.get(t, path, adminSession)
	if !strings.Contains(got.body, `value="Authorization"`) || !strings.Contains(got.body, "•••••••• kept") || strings.Contains(got.body, "sealed") {
		t.Error("known headers are not named, or their values are shown")
	}
	got = p.post(t, path, adminSession, url.Values{"url": {"ftp://x"}, "header_name": {"Authorization", "X-Tenant", "X-New"}, "header_value": {"typed", "", "fresh"}, "header_remove": {"X-Tenant"}})
	for _, want := range []string{`value="typed"`, `value="X-New"`, `value="fresh"`, `value="X-Tenant" aria-label="Remove X-Tenant" checked`} {
		if !strings.Contains(got.body, want) {
			t.Errorf("what was typed is lost: %s", want)
		}
	}
}

// The page, the list and the form's way there tell of a client certificate that
// ends, but not while something worse is to be said.
func TestAClientCertificateThatEndsIsToldOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		change     func(e *domain.Endpoint)
		page, list string
	}{
		{"in twelve days", func(*domain.Endpoint) {}, "client certificate expires in 12 days, on Sat 5 Dec, 14:32 UTC", "client certificate expires in 12 days"},
		{"gone", func(e *domain.Endpoint) { e.ClientCert.NotAfter = noon.Add(-time.Hour) }, "client certificate expired on Mon 23 Nov, 13:32 UTC", "client certificate expired on"},
		{"failing too", func(e *domain.Endpoint) { e.FailingSince = ptr(noon.Add(-time.Hour)) }, "Nothing has got through since", "client certificate expires in 12 days"},
		{"gone, hence failing", func(e *domain.Endpoint) {
			e.FailingSince, e.ClientCert.NotAfter = ptr(noon.Add(-time.Hour)), noon.Add(-time.Hour)
		}, "client certificate expired on", "client certificate expired on"},
	} {
		w := fullWorld()
		e := w.endpoints[0].Endpoint
		c.change(e)
		p := openPortal(t, w)
		if page := p.get(t, "/app/endpoints/"+e.ID.String()+"/", adminSession).body; !strings.Contains(page, c.page) {
			t.Errorf("%s: the page does not say %q", c.name, c.page)
		}
		if page := p.get(t, "/app/endpoints/", adminSession).body; !strings.Contains(page, c.list) {
			t.Errorf("%s: the list does not say %q", c.name, c.list)
		}
	}
	w := fullWorld()
	e := w.endpoints[0].Endpoint
	e.Active, e.DisabledAt = false, &noon
	if page := openPortal(t, w).get(t, "/app/endpoints/", adminSession).body; strings.Contains(page, "client certificate expires") {
		t.Error("one that is switched off is warned of")
	}
}

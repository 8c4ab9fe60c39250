package domain_test

import (
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"doorito/domain"
)

func TestEndpointURLs(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://hooks.example/in":               "https://hooks.example/in",
		"  https://hooks.example  ":              "https://hooks.example",
		"http://10.0.0.1:8080/a?b=c":             "http://10.0.0.1:8080/a?b=c",
		"https://[2001:db8::1]:8443/":            "https://[2001:db8::1]:8443/",
		"HTTPS://hooks.example/":                 "https://hooks.example/",
		"https://münchen.example/größe":          "https://m%C3%BCnchen.example/gr%C3%B6%C3%9Fe",
		"":                                       "",
		"hooks.example/in":                       "",
		"/in":                                    "",
		"ftp://hooks.example/":                   "",
		"javascript:alert(1)":                    "",
		"file:///etc/passwd":                     "",
		"https://":                               "",
		"https://:443/":                          "",
		"https://u:p@hooks.example/":             "",
		"https://u@hooks.example/":               "",
		"https://hooks.example/#part":            "",
		"https://hooks example/":                 "",
		"https://hooks.example/\r\nX: y":         "",
		"https://hooks.example:0/":               "",
		"https://hooks.example:65536/":           "",
		"https://hooks.example:99999999999/":     "",
		"https://hooks.example:http/":            "",
		"https://a/" + strings.Repeat("é", 400):  "",
		"https://a/" + strings.Repeat("x", 2000): "",
	} {
		u, err := domain.CheckEndpointURL(url, false)
		if want == "" {
			wantCode(t, url, err, domain.Invalid)
			continue
		}
		if err != nil || u.String() != want {
			t.Errorf("%q: %v, %v", url, u, err)
		}
	}
	_, err := domain.CheckEndpointURL("http://hooks.example", true)
	wantCode(t, "http where https is demanded", err, domain.Invalid)
	if _, err := domain.CheckEndpointURL("https://hooks.example", true); err != nil {
		t.Error(err)
	}
}

func TestEndpointForms(t *testing.T) {
	t.Parallel()
	e, err := domain.NewEndpoint(id1, domain.EndpointForm{URL: "https://hooks.example:8443/in", EventTypes: []string{" file.* ", "batch.completed"}}, false, &id2, now)
	if err != nil || e.Name != "hooks.example:8443" || !e.Active || len(e.EventTypes) != 2 || e.EventTypes[0] != "file.*" {
		t.Fatalf("%v, %+v", err, e)
	}
	wantCode(t, "long name", e.Edit(domain.EndpointForm{Name: strings.Repeat("x", 121), URL: e.URL}, false, later), domain.Invalid)
	wantCode(t, "no such type", e.Edit(domain.EndpointForm{URL: e.URL, EventTypes: []string{"file.eaten"}}, false, later), domain.Invalid)
	wantCode(t, "no address", e.Edit(domain.EndpointForm{Name: "x"}, false, later), domain.Invalid)
	if !e.UpdatedAt.Equal(now) || e.Name != "hooks.example:8443" {
		t.Errorf("a refused edit changed %+v", e)
	}
}

func TestWhichEndpointWantsWhichEvent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		patterns string
		event    domain.EventType
		want     bool
	}{
		{"", domain.EventFileStored, true}, {"", domain.EventBatchCompleted, true}, {"", domain.EventEndpointFailing, false}, {"", domain.EventPing, false},
		{"file.*", domain.EventFileDeleted, true}, {"file.*", domain.EventBatchCompleted, false}, {"file.*", "filex.stored", false},
		{"file.stored", domain.EventFileStored, true}, {"file.stored", domain.EventFileDeleted, false},
		{"file.stored batch.*", domain.EventBatchCompleted, true}, {"endpoint.*", domain.EventEndpointDisabled, true}, {"endpoint.failing", domain.EventEndpointDisabled, false},
	} {
		e := &domain.Endpoint{ID: id1, Active: true, EventTypes: strings.Fields(c.patterns)}
		ev := &domain.Event{Type: c.event}
		if e.Wants(ev) != c.want {
			t.Errorf("%q and %s: %t", c.patterns, c.event, !c.want)
		}
		e.Disable("by hand", now)
		if e.Wants(ev) {
			t.Errorf("%q and %s: wanted while disabled", c.patterns, c.event)
		}
	}
	ping := domain.NewPing(&domain.Endpoint{ID: id1}, id2, now)
	if !(&domain.Endpoint{ID: id1}).Wants(ping) || (&domain.Endpoint{ID: id2, Active: true}).Wants(ping) {
		t.Error("a ping is for its endpoint alone, active or not")
	}
}

func TestEventPatterns(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"file.stored", " file.* ", "batch.*", "endpoint.*", "endpoint.disabled"} {
		if got, err := domain.ParseEventPattern(ok); err != nil || got != strings.TrimSpace(ok) {
			t.Errorf("%q: %q, %v", ok, got, err)
		}
	}
	for _, bad := range []string{"", "*", "*.*", "file", "file.", "file.**", "FILE.*", "file.sto*", "ping", "ping.*", "user.*"} {
		_, err := domain.ParseEventPattern(bad)
		wantCode(t, bad, err, domain.Invalid)
	}
}

func TestEndpointLife(t *testing.T) {
	t.Parallel()
	e := &domain.Endpoint{Active: true, FailingSince: &now}
	e.Disable("410 Gone", now)
	if e.Active || e.DisabledReason != "410 Gone" || !e.DisabledAt.Equal(now) {
		t.Errorf("%+v", e)
	}
	e.Enable(later)
	if !e.Active || e.DisabledAt != nil || e.DisabledReason != "" || e.FailingSince != nil {
		t.Errorf("%+v", e)
	}
	if e.InFlightLimit() != domain.DefaultMaxInFlight {
		t.Errorf("limit %d", e.InFlightLimit())
	}
	if e.MaxInFlight = 3; e.InFlightLimit() != 3 {
		t.Errorf("limit %d", e.InFlightLimit())
	}
}

func TestLiveSecrets(t *testing.T) {
	t.Parallel()
	past, future := now.Add(-time.Second), now.Add(time.Second)
	e := &domain.Endpoint{Secrets: []domain.EndpointSecret{{Sealed: "retired", RetiresAt: &past}, {Sealed: "now", RetiresAt: &now}, {Sealed: "old", RetiresAt: &future}, {Sealed: "new"}}}
	live := e.LiveSecrets(now)
	if len(live) != 2 || live[0].Sealed != "old" || live[1].Sealed != "new" {
		t.Errorf("%+v", live)
	}
}

func TestNewSecretCanSign(t *testing.T) {
	t.Parallel()
	s, err := domain.NewSecret(domain.SecretHMAC, rnd())
	if err != nil {
		t.Fatal(err)
	}
	if b, err := domain.SecretBytes(s); err != nil || len(b) != 32 {
		t.Errorf("%q: %d bytes, %v", s, len(b), err)
	}
	_, err = domain.NewSecret(domain.SecretHMAC, iotest.ErrReader(errEmpty))
	wantCode(t, "no random bytes", err, domain.Internal)
}

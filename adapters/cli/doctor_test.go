package cli_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"doorito/adapters/cli"
)

func TestAClockThatIsOffIsNamedWithHowMuch(t *testing.T) {
	t.Parallel()
	before := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	after := before.Add(200 * time.Millisecond)
	for off, says := range map[time.Duration]string{
		0: "", 2 * time.Second: "", -2 * time.Second: "",
		12 * time.Second: "database is 12s ahead of", -time.Minute: "database is 1m0s behind",
	} {
		err := cli.CheckClock("database", before.Add(100*time.Millisecond).Add(off), before, after)
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("off by %s: %v", off, err)
		}
	}
}

func TestDoctorSeesWhatStandsInFrontOfAPortal(t *testing.T) {
	t.Parallel()
	// portal answers as one does to somebody without any right.
	portal := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "0190f0a0-0000-7000-8000-000000000001")
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		says  [3]string // portal, clock, proxy; empty is well
	}{
		"nothing": {portal, [3]string{}},
		"a proxy that limits bodies": {func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > 1<<20 {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			portal(w, r)
		}, [3]string{2: "client_max_body_size"}},
		"a login of its own": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusForbidden)
			}
		}, [3]string{2: "something in front answers"}},
		"a portal that is not ready": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			portal(w, r)
		}, [3]string{0: "Service Unavailable"}},
		"another time": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			portal(w, r)
		}, [3]string{1: "ahead of"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(c.serve)
			t.Cleanup(srv.Close)
			checks := cli.AskPortal(t.Context(), srv.URL+"/")
			if len(checks) != 3 {
				t.Fatalf("%+v", checks)
			}
			for i, k := range checks {
				if (k.Err == nil) != (c.says[i] == "") || k.Err != nil && !strings.Contains(k.Err.Error(), c.says[i]) {
					t.Errorf("%s: %v", k.Name, k.Err)
				}
			}
		})
	}
}

package web_test

import (
	"strings"
	"testing"
	"time"

	"doorito/domain"
)

func TestTheEndpointPageSaysHowWellItIsAndWhatComesNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(e *domain.Endpoint, now time.Time)
		want   []string
	}{
		{"well", func(*domain.Endpoint, time.Time) {}, []string{"Success", "Time to answer", "Waiting", "Last success", "none yet"}},
		{"failing", func(e *domain.Endpoint, now time.Time) { e.FailingSince, e.Failures = before(now), 23 }, []string{"Failing", "Nothing has got through since", "disables this endpoint on", "23 failures"}},
		{"held back", func(e *domain.Endpoint, now time.Time) {
			e.FailingSince, e.PausedUntil, e.Strikes = before(now), soonAfter(now), domain.StrikesToOpen
		}, []string{"The next request goes out at", "Nothing has got through since"}},
		{"half open", func(e *domain.Endpoint, now time.Time) {
			e.FailingSince, e.PausedUntil, e.Strikes = before(now), before(now), domain.StrikesToOpen
		}, []string{"one at a time"}},
		{"throttled", func(e *domain.Endpoint, now time.Time) {
			e.FailingSince, e.PausedUntil, e.Strikes = before(now), soonAfter(now), 1
		}, []string{"Slowed", "This receiver asked for less."}},
		{"disabled", func(e *domain.Endpoint, now time.Time) { e.Disable("Nothing got through for five days.", now) }, []string{"Switched off since", "Nothing got through for five days.", "Switch on and replay what was missed"}},
	} {
		w := fullWorld()
		e := *w.endpoints[0].Endpoint
		e.Active, e.DisabledAt, e.LastSuccessAt, e.FailingSince, e.ClientCert = true, nil, nil, nil, nil
		c.change(&e, w.now)
		w.endpoints[0].Endpoint = &e
		body := openPortal(t, w).get(t, "/app/endpoints/"+e.ID.String()+"/", adminSession).body
		for _, want := range c.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page does not say %q", c.name, want)
			}
		}
	}
}

func before(now time.Time) *time.Time    { at := now.Add(-30 * time.Hour); return &at }
func soonAfter(now time.Time) *time.Time { at := now.Add(12 * time.Second); return &at }

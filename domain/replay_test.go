package domain

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestAReplayChecksItsForm(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	ep := &Endpoint{ID: uuid.New(), Name: "Billing", Active: true}
	for _, c := range []struct {
		name, field string
		form        ReplayForm
	}{
		{"no begin", "from", ReplayForm{}},
		{"begins in the future", "from", ReplayForm{From: now.Add(time.Hour)}},
		{"ends before it begins", "from", ReplayForm{From: now.Add(-time.Hour), To: now.Add(-2 * time.Hour)}},
		{"unknown type", "event_types", ReplayForm{From: now.Add(-time.Hour), EventTypes: []string{"file.eaten"}}},
		{"unknown scope", "scope", ReplayForm{From: now.Add(-time.Hour), Scope: "some"}},
		{"too fast", "per_second", ReplayForm{From: now.Add(-time.Hour), PerSecond: MaxReplayRate + 1}},
		{"backwards", "per_second", ReplayForm{From: now.Add(-time.Hour), PerSecond: -1}},
		{"as usual", "", ReplayForm{From: now.Add(-time.Hour)}},
	} {
		r, err := NewReplay(uuid.New(), ep, c.form, nil, now)
		got := ""
		if e, ok := err.(*Error); ok {
			got = e.Field
		}
		if got != c.field {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.field == "" && (r.To != now || r.Scope != ReplayMissed || r.PerSecond != DefaultReplayRate) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestAReplayTakesWhatItsScopeSays(t *testing.T) {
	t.Parallel()
	ep := &Endpoint{ID: uuid.New(), Active: true}
	stored, batch, ping := &Event{Type: EventFileStored}, &Event{Type: EventBatchCompleted}, &Event{Type: EventFileStored, TargetID: &ep.ID}
	for _, c := range []struct {
		scope  ReplayScope
		types  []string
		event  *Event
		status DeliveryStatus
		want   bool
	}{
		{ReplayMissed, nil, stored, "", true},
		{ReplayMissed, nil, stored, DeliveryFailed, true},
		{ReplayMissed, nil, stored, DeliveryCancelled, true},
		{ReplayMissed, nil, stored, DeliveryDelivered, false},
		{ReplayMissed, nil, stored, DeliveryPending, false},
		{ReplayAll, nil, stored, DeliveryDelivered, true},
		{ReplayAll, nil, stored, DeliveryPending, false},
		{ReplayAll, []string{"batch.*"}, stored, "", false},
		{ReplayAll, []string{"batch.*"}, batch, "", true},
		{ReplayAll, nil, ping, "", false},
		{ReplayAll, nil, &Event{Type: EventEndpointFailing}, "", false},
	} {
		r := &Replay{Scope: c.scope, EventTypes: c.types}
		if got := r.Takes(ep, c.event, c.status); got != c.want {
			t.Errorf("%s of %v: %s %q: %v", c.scope, c.types, c.event.Type, c.status, got)
		}
	}
}

func TestAReplayKeepsItsRateAndEndsOnce(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	r := &Replay{PerSecond: 50, Status: ReplayRunning, UpdatedAt: now, Total: 4}
	for elapsed, want := range map[time.Duration]int{-time.Second: 0, 0: 0, 100 * time.Millisecond: 5, time.Second: 50, time.Hour: 100} {
		if got := r.Allowance(now.Add(elapsed)); got != want {
			t.Errorf("after %s: %d, want %d", elapsed, got, want)
		}
	}
	if r.Advance(nil, 1, 1, now); r.Progress() != 0.25 {
		t.Error(r.Progress())
	}
	if err := r.Cancel("Enough.", now); err != nil || r.Status != ReplayCancelled {
		t.Error(err)
	}
	if err := r.Cancel("Again.", now); !IsCode(err, Conflict) || r.Reason != "Enough." {
		t.Error(err)
	}
}

package domain

import (
	"time"

	"github.com/google/uuid"
)

// ReplayStatus is where a replay is: in_progress ─► complete | cancelled.
type ReplayStatus string

const (
	ReplayRunning   ReplayStatus = "in_progress"
	ReplayComplete  ReplayStatus = "complete"
	ReplayCancelled ReplayStatus = "cancelled" // by hand, or because the endpoint was switched off
)

// ReplayStatuses in the order of a replay's life.
var ReplayStatuses = []ReplayStatus{ReplayRunning, ReplayComplete, ReplayCancelled}

// ReplayScope says which events of the window are sent again.
type ReplayScope string

const (
	// ReplayMissed takes what the endpoint never took: no delivery, because it
	// was off or did not exist, or one that failed or was cancelled.
	ReplayMissed ReplayScope = "missed"
	// ReplayAll takes what was delivered too.
	ReplayAll ReplayScope = "all"
)

// Bounds and default of ReplayForm.PerSecond.
const (
	MinReplayRate     = 1
	MaxReplayRate     = 1000
	DefaultReplayRate = 20
)

// Replay sends the events of a time window to one endpoint again, oldest
// first, at a bounded rate. Events keep their id, so that a receiver can tell
// what it has.
type Replay struct {
	ID           uuid.UUID
	EndpointID   uuid.UUID
	EndpointName string    // filled by reads
	From, To     time.Time // events created from From on and before To
	EventTypes   []string  // patterns; empty for all that the endpoint wants
	Scope        ReplayScope
	PerSecond    int
	Status       ReplayStatus
	Total        int // events in the window when it began
	Seen         int // events looked at
	Queued       int // deliveries made due
	CursorAt     time.Time
	CursorID     uuid.UUID // the last event looked at
	Reason       string    // why it was cancelled
	CreatedBy    *uuid.UUID
	CreatedAt    time.Time
	UpdatedAt    time.Time
	EndedAt      *time.Time
}

// ReplayForm is what an admin asks for.
type ReplayForm struct {
	From, To   time.Time // To zero: until now
	EventTypes []string
	Scope      ReplayScope // "" means ReplayMissed
	PerSecond  int         // 0 means DefaultReplayRate
}

// NewReplay validates the form. Invalid on fields from, to, event_types,
// scope and per_second.
func NewReplay(id uuid.UUID, endpoint *Endpoint, f ReplayForm, by *uuid.UUID, now time.Time) (*Replay, error) {
	if f.To.IsZero() || f.To.After(now) {
		f.To = now
	}
	if f.Scope == "" {
		f.Scope = ReplayMissed
	}
	if f.PerSecond == 0 {
		f.PerSecond = DefaultReplayRate
	}
	switch {
	case f.From.IsZero():
		return nil, FieldErrorf("from", "A replay needs a time to begin from.")
	case !f.From.Before(f.To):
		return nil, FieldErrorf("from", "The window begins at %s, which is not before its end, %s.", clock(f.From), clock(f.To))
	case f.Scope != ReplayMissed && f.Scope != ReplayAll:
		return nil, FieldErrorf("scope", "A replay takes what was missed (missed) or everything (all), not %q.", f.Scope)
	case f.PerSecond < MinReplayRate || f.PerSecond > MaxReplayRate:
		return nil, FieldErrorf("per_second", "%d a second is out of range. A replay sends %d to %d a second.", f.PerSecond, MinReplayRate, MaxReplayRate)
	}
	types := make([]string, 0, len(f.EventTypes))
	for _, s := range f.EventTypes {
		p, err := ParseEventPattern(s)
		if err != nil {
			return nil, err
		}
		types = append(types, p)
	}
	return &Replay{
		ID: id, EndpointID: endpoint.ID, EndpointName: endpoint.Name, From: f.From, To: f.To, EventTypes: types, Scope: f.Scope,
		PerSecond: f.PerSecond, Status: ReplayRunning, CursorAt: f.From, CreatedBy: by, CreatedAt: now, UpdatedAt: now,
	}, nil
}

func clock(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04:05 UTC") }

// Takes tells whether an event of the window is sent again, given the state of
// the delivery that the endpoint has for it, "" for none. What is pending is
// on its way anyhow.
func (r *Replay) Takes(endpoint *Endpoint, e *Event, delivery DeliveryStatus) bool {
	if e.TargetID != nil || !endpoint.Wants(e) || !r.covers(e.Type) {
		return false
	}
	switch delivery {
	case DeliveryPending:
		return false
	case DeliveryDelivered:
		return r.Scope == ReplayAll
	}
	return true
}

func (r *Replay) covers(t EventType) bool {
	for _, p := range r.EventTypes {
		if matchPattern(p, t) {
			return true
		}
	}
	return len(r.EventTypes) == 0
}

// Allowance is how many deliveries may be made due now, by the time since the
// last step; after a pause it is that of two seconds, not of the whole pause.
func (r *Replay) Allowance(now time.Time) int {
	const burst = 2 * time.Second
	elapsed := min(max(now.Sub(r.UpdatedAt), 0), burst)
	return int(elapsed.Seconds() * float64(r.PerSecond))
}

// Advance notes a step: the last event looked at, and how many were looked at
// and made due.
func (r *Replay) Advance(last *Event, seen, queued int, now time.Time) {
	if last != nil {
		r.CursorAt, r.CursorID = last.CreatedAt, last.ID
	}
	r.Seen, r.Queued, r.UpdatedAt = r.Seen+seen, r.Queued+queued, now
}

// Complete ends it.
func (r *Replay) Complete(now time.Time) {
	r.Status, r.EndedAt, r.UpdatedAt = ReplayComplete, &now, now
}

// Cancel ends a running one with a reason that people read; Conflict when it
// has ended. What it made due stays due.
func (r *Replay) Cancel(reason string, now time.Time) error {
	if r.Status != ReplayRunning {
		return Errorf(Conflict, "This replay is %s already.", r.Status)
	}
	r.Status, r.Reason, r.EndedAt, r.UpdatedAt = ReplayCancelled, reason, &now, now
	return nil
}

// Progress is the share of the window that was looked at, 0 to 1.
func (r *Replay) Progress() float64 {
	if r.Status == ReplayComplete || r.Total == 0 {
		return 1
	}
	return min(1, float64(r.Seen)/float64(r.Total))
}

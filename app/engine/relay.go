package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// maxBatch is how many events are relayed at once when many wait: the batch
// grows from Engine.Batch up to here as long as it comes back full.
const maxBatch = 500

// stragglers is how long an event may take from its creation to its commit
// without being overlooked until the next full look.
const stragglers = 2 * time.Second

// relay fans out one batch of events and sends what it may. It returns how
// many events it relayed, and whether more may wait.
func (s *shift) relay(ctx context.Context) (n int, more bool, err error) {
	limit, from := s.relayFrom()
	var f fan
	// Whoever relays a backlog leaves the leases to claims, and so stands in no line.
	leasing := limit <= s.e.Batch
	err = s.e.DB.InLooseTx(ctx, func(ctx context.Context, st ports.Stores) error {
		f = fan{now: s.e.Clock.Now()}
		events, err := st.Outbox.ClaimUnrelayed(ctx, from, limit, leasing)
		if n = len(events); err != nil || n == 0 {
			return err
		}
		standing, err := st.Deliveries.Standing(ctx, f.now)
		if err != nil {
			return err
		}
		endpoints, err := s.e.directory.wanting(ctx, st, standing.Generation)
		if err != nil {
			return err
		}
		if err := AddBatchLabels(ctx, st, endpoints, events); err != nil {
			return err
		}
		f.make(s.e.IDs, events, endpoints)
		if leasing {
			s.lease(standing, &f)
		} else {
			f.jobs = nil
		}
		return st.Deliveries.FanOut(ctx, ports.FanOut{Deliveries: f.deliveries, Relayed: f.ids, Unwanted: f.unwanted, At: f.now})
	})
	if err != nil {
		return 0, false, err
	}
	s.noteRelay(n, limit, from, &f)
	s.startAll(f.jobs)
	if len(f.jobs) < len(f.deliveries) {
		s.leave(!leasing || f.paced || f.missed)
	}
	return n, n == limit, nil
}

// fan is what becomes of one batch of events.
type fan struct {
	now        time.Time
	deliveries []*domain.Delivery
	jobs       []Job // one for each delivery; those leased to this shift in the end
	ids        []uuid.UUID
	unwanted   []uuid.UUID
	newest     time.Time
	missed     bool // some found no room that has come meanwhile: nothing in flight will ask for it
	paced      bool // some are for endpoints whose rate only a claim knows
}

// make makes a delivery for each endpoint that wants an event.
func (f *fan) make(ids ports.IDs, events []*domain.Event, endpoints []*domain.Endpoint) {
	for _, ev := range events {
		before, subject := len(f.deliveries), ""
		for _, ep := range endpoints {
			if ep.Wants(ev) {
				if subject == "" {
					subject = Subject(ev)
				}
				d := domain.NewDelivery(ids.New(), ev, ep, subject, f.now)
				f.deliveries = append(f.deliveries, d)
				f.jobs = append(f.jobs, Job{Delivery: d, Event: ev, Endpoint: ep, Serial: ev.LinkSerial})
			}
		}
		if f.ids = append(f.ids, ev.ID); len(f.deliveries) == before {
			f.unwanted = append(f.unwanted, ev.ID)
		}
		f.newest = ev.CreatedAt
	}
}

// lease takes for this shift what its endpoints and its slots have room for.
func (s *shift) lease(st ports.Standing, f *fan) {
	free, most := s.room()
	leased := st.Leased
	for id, n := range s.answers() { // asked last: what is written since was counted
		leased[id] -= n
	}
	until := f.now.Add(LeaseTTL)
	kept := f.jobs[:0]
	for _, j := range f.jobs {
		limit := j.Endpoint.InFlightLimit()
		if most > 0 {
			limit = min(limit, most)
		}
		if st.Slowed[j.Endpoint.ID] {
			f.paced = f.paced || j.Endpoint.RateLimit > 0
			continue
		}
		if len(kept) < free && leased[j.Endpoint.ID] < limit {
			j.Delivery.LeaseToken, j.Delivery.LeaseUntil = &s.token, &until
			leased[j.Endpoint.ID]++
			kept = append(kept, j)
		} else if len(kept) < free && s.hasRoom(j.Endpoint.ID) {
			f.missed = true
		}
	}
	f.jobs = kept
}

// relayFrom is the size of the next batch and the bound from which on events
// are looked for; from time to time it is none.
func (s *shift) relayFrom() (int, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.e.Clock.Now()
	if s.relaySize == 0 {
		s.relaySize = s.e.Batch
	}
	if s.relayed.IsZero() || now.Sub(s.relayLook) >= fullLook {
		return s.relaySize, time.Time{}
	}
	return s.relaySize, s.relayed.Add(-stragglers)
}

func (s *shift) noteRelay(n, limit int, from time.Time, f *fan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sum.Relayed += n
	if from.IsZero() {
		s.relayLook = f.now
	}
	if n > 0 {
		s.relayed = f.newest
	}
	if s.relaySize = s.e.Batch; n == limit {
		s.relaySize = min(4*limit, max(maxBatch, s.e.Batch))
	}
}

// leave says that there are deliveries to claim: for this shift those of a
// backlog and of endpoints with a rate (for others it has no room, and claims as
// soon as it has), and for other shifts what this one has no slot for.
func (s *shift) leave(claimable bool) {
	if claimable {
		poke(s.freed)
	}
	if free, most := s.room(); !claimable && free > 0 && most == 0 {
		return
	}
	if err := s.e.Bell.Ring(s.dbCtx); err != nil {
		s.e.Log.Debug("bell not rung", "error", err)
	}
}

// Subject says in lists what an event is about.
func Subject(e *domain.Event) string {
	var p struct {
		Data struct {
			OriginalFilename string `json:"original_filename"`
			Label            string `json:"label"`
			Name             string `json:"name"`
			Message          string `json:"message"`
		} `json:"data"`
	}
	if json.Unmarshal(e.Payload, &p) != nil {
		return ""
	}
	for _, s := range []string{p.Data.OriginalFilename, p.Data.Label, p.Data.Name} {
		if s != "" {
			return s
		}
	}
	if e.Type == domain.EventPing {
		return "Test event"
	}
	return "Batch " + e.AggregateID.String()[28:]
}

package engine

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

const (
	// fullLook is how often a claim or a relay reads from the start and not from
	// its moving bound: the longest that a lapsed lease or a slow commit behind
	// the bound waits.
	fullLook = 2 * time.Second
	// clockRoom is how far apart the clocks of two workers may be without a
	// delivery falling behind the bound.
	clockRoom = 250 * time.Millisecond
	// paceEvery is how often endpoints with a rate get what it allows.
	paceEvery = 50 * time.Millisecond
)

// claim leases due deliveries and sends them. It returns how many.
func (s *shift) claim(ctx context.Context) (int, error) {
	free, most := s.room()
	if free <= 0 {
		return 0, nil
	}
	now := s.e.Clock.Now()
	req := ports.ClaimRequest{Token: s.token, From: s.bounds(now), Now: now, Until: now.Add(LeaseTTL), Limit: free, Most: most, Answered: s.answers()}
	var ds []*domain.Delivery
	err := s.e.DB.InLooseTx(ctx, func(ctx context.Context, st ports.Stores) error {
		var err error
		ds, err = st.Deliveries.Claim(ctx, req)
		return err
	})
	if err != nil {
		return 0, err
	}
	s.noteClaim(ds, req)
	if len(ds) == free {
		poke(s.freed) // there may be more
	}
	if len(ds) == 0 {
		return 0, nil
	}
	jobs, err := s.e.load(ctx, ds)
	if err != nil {
		s.release(ds)
		return 0, err
	}
	paced := false
	for _, j := range jobs {
		s.start(j)
		paced = paced || j.Endpoint.RateLimit > 0
	}
	if paced {
		time.AfterFunc(paceEvery, func() { poke(s.freed) })
	}
	return len(ds), nil
}

// bounds spare the claim the dead index entries behind them: of each endpoint
// all that was due before its bound was claimed. Every fullLook there are none.
func (s *shift) bounds(now time.Time) map[uuid.UUID]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.claimLook) >= fullLook {
		return nil
	}
	from := make(map[uuid.UUID]time.Time, len(s.claimed))
	for id, at := range s.claimed {
		from[id] = at
	}
	return from
}

func (s *shift) noteClaim(ds []*domain.Delivery, req ports.ClaimRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.From == nil {
		s.claimLook, s.claimed = req.Now, make(map[uuid.UUID]time.Time)
	}
	s.owing = make(map[uuid.UUID]bool)
	for _, d := range ds {
		s.owing[d.EndpointID] = true
		if at := d.NextAttemptAt.Add(-clockRoom); at.After(s.claimed[d.EndpointID]) {
			s.claimed[d.EndpointID] = at
		}
	}
}

// load fetches what claimed deliveries need for sending.
func (e *Engine) load(ctx context.Context, ds []*domain.Delivery) ([]Job, error) {
	eventIDs, endpointIDs := make(map[uuid.UUID]bool), make(map[uuid.UUID]bool)
	for _, d := range ds {
		eventIDs[d.EventID], endpointIDs[d.EndpointID] = true, true
	}
	st := e.DB.Reads()
	events, err := st.Outbox.FindAll(ctx, keys(eventIDs))
	if err != nil {
		return nil, err
	}
	endpoints, err := e.directory.look(ctx, st, keys(endpointIDs))
	if err != nil {
		return nil, err
	}
	jobs := make([]Job, 0, len(ds))
	for _, d := range ds {
		ev, ep := events[d.EventID], endpoints[d.EndpointID]
		if ev == nil || ep == nil {
			continue // deleted since the claim, and the delivery with it
		}
		jobs = append(jobs, Job{Delivery: d, Event: ev, Endpoint: ep, Serial: ev.LinkSerial})
	}
	return jobs, nil
}

func keys(set map[uuid.UUID]bool) []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(set))
	for id := range set {
		ids = append(ids, id)
	}
	return ids
}

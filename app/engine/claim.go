package engine

import (
	"bytes"
	"context"
	"maps"
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
	// delivery falling behind the bound. An endpoint that has as much in flight as
	// it may has no such room: it has more to wait for than a straggler.
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
	req := ports.ClaimRequest{Token: s.token, From: s.bounds(now), Now: now, Until: now.Add(LeaseTTL), Limit: free, Most: most, Answered: s.answers(), Ahead: s.aheads(now)}
	if most > 0 {
		req.Ahead = nil
	}
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
		paced = paced || j.Endpoint.RateLimit > 0
	}
	s.startAll(jobs)
	if paced {
		time.AfterFunc(paceEvery, func() { poke(s.freed) })
	}
	return len(ds), nil
}

// bounds spare the claim the dead index entries behind them: of each endpoint
// all that was due up to its bound was claimed. Every fullLook there are none.
func (s *shift) bounds(now time.Time) map[uuid.UUID]ports.Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.claimLook) >= fullLook || !s.behind.Before(s.claimLook) {
		return nil
	}
	return maps.Clone(s.claimed)
}

func (s *shift) noteClaim(ds []*domain.Delivery, req ports.ClaimRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.From == nil {
		s.claimLook, s.claimed = req.Now, make(map[uuid.UUID]ports.Cursor)
	}
	last, n := make(map[uuid.UUID]ports.Cursor), make(map[uuid.UUID]int)
	for _, d := range ds {
		n[d.EndpointID]++
		last[d.EndpointID] = further(last[d.EndpointID], ports.Cursor{At: d.NextAttemptAt, ID: d.ID})
	}
	s.owing = make(map[uuid.UUID]bool)
	for id, c := range last {
		s.owing[id] = true
		if l := s.lines[id]; len(ds) < req.Limit && (l == nil || l.leased-l.answered+n[id] < l.limit+req.Ahead[id]) {
			c = ports.Cursor{At: c.At.Add(-clockRoom)}
		}
		s.claimed[id] = further(s.claimed[id], c)
	}
}

// further is the one of two places that comes later in the order of claims.
func further(a, b ports.Cursor) ports.Cursor {
	if c := a.At.Compare(b.At); c > 0 || c == 0 && bytes.Compare(a.ID[:], b.ID[:]) > 0 {
		return a
	}
	return b
}

// inherits ends the leases of processes of this machine that died. Until then
// they take up their endpoints' room, and what they held waits.
func (s *shift) inherits(ctx context.Context) {
	tick := time.NewTicker(s.e.Poll)
	defer tick.Stop()
	for {
		if err := s.e.Tenures.Inherit(func(token uuid.UUID) error { return s.inherit(ctx, token) }); err != nil {
			s.e.logFailure(ctx, "leases of a process that died not ended", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *shift) inherit(ctx context.Context, token uuid.UUID) error {
	var n int
	err := s.e.DB.InLooseTx(ctx, func(ctx context.Context, st ports.Stores) error {
		var err error
		n, err = st.Deliveries.ReleaseAll(ctx, token)
		return err
	})
	if err == nil && n > 0 {
		s.e.Log.Warn("a worker died, what it was sending goes out again", "count", n)
		s.mu.Lock()
		s.behind = s.e.Clock.Now()
		s.mu.Unlock()
		poke(s.freed)
	}
	return err
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

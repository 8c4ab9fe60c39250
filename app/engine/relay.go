package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// relay fans out one batch of events and sends what it may. It returns how
// many events it relayed.
func (s *shift) relay(ctx context.Context) (int, error) {
	var jobs []Job
	n := 0
	err := s.e.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		jobs = nil
		events, err := st.Outbox.ClaimUnrelayed(ctx, s.e.Batch)
		n = len(events)
		if err != nil || n == 0 {
			return err
		}
		endpoints, err := st.Endpoints.ListActive(ctx)
		if err != nil {
			return err
		}
		if err := AddBatchLabels(ctx, st, endpoints, events); err != nil {
			return err
		}
		leased, err := st.Deliveries.Leased(ctx, s.e.Clock.Now())
		if err != nil {
			return err
		}
		serials, err := linkSerials(ctx, st, events)
		if err != nil {
			return err
		}
		jobs, err = s.fanOut(ctx, st, events, endpoints, leased, serials)
		return err
	})
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	s.sum.Relayed += n
	s.mu.Unlock()
	for _, j := range jobs {
		s.start(j)
	}
	return n, nil
}

// fanOut makes the deliveries and marks the events relayed; it returns those
// that this shift leased to itself.
func (s *shift) fanOut(ctx context.Context, st ports.Stores, events []*domain.Event, endpoints []*domain.Endpoint, leased, serials map[uuid.UUID]int) ([]Job, error) {
	now := s.e.Clock.Now()
	until := now.Add(LeaseTTL)
	free := s.room()
	var all []*domain.Delivery
	var jobs []Job
	var ids, unwanted []uuid.UUID
	for _, ev := range events {
		ids = append(ids, ev.ID)
		before := len(all)
		for _, ep := range endpoints {
			if !ep.Wants(ev) {
				continue
			}
			d := domain.NewDelivery(s.e.IDs.New(), ev, ep, Subject(ev), now)
			if free > 0 && leased[ep.ID] < ep.InFlightLimit() {
				d.LeaseToken, d.LeaseUntil = &s.token, &until
				jobs = append(jobs, Job{Delivery: d, Event: ev, Endpoint: ep, Serial: serials[ev.AggregateID]})
				leased[ep.ID]++
				free--
			}
			all = append(all, d)
		}
		if len(all) == before {
			unwanted = append(unwanted, ev.ID)
		}
	}
	if err := st.Deliveries.InsertAll(ctx, all); err != nil {
		return nil, err
	}
	return jobs, st.Outbox.MarkRelayed(ctx, ids, unwanted, now)
}

// claim leases due deliveries and sends them. It returns how many.
func (s *shift) claim(ctx context.Context) (int, error) {
	free := s.room()
	if free <= 0 {
		return 0, nil
	}
	now := s.e.Clock.Now()
	req := ports.ClaimRequest{Token: s.token, From: s.lowerBound(now), Now: now, Until: now.Add(LeaseTTL), Limit: min(free, s.e.Batch)}
	var jobs []Job
	n := 0
	err := s.e.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		jobs = nil
		ds, err := st.Deliveries.Claim(ctx, req)
		n = len(ds)
		if err != nil || n == 0 {
			return err
		}
		jobs, err = loadJobs(ctx, st, ds)
		return err
	})
	if err != nil {
		return 0, err
	}
	s.noteClaim(n, req)
	for _, j := range jobs {
		s.start(j)
	}
	return n, nil
}

// lowerBound spares the claim the dead index entries behind it: after a claim
// from the start found nothing, only what became due since (with room for
// clocks and slow commits) is looked at, for half a minute.
func (s *shift) lowerBound(now time.Time) time.Time {
	const room, again = time.Minute, 30 * time.Second
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.idleAt.IsZero() || now.Sub(s.idleAt) > again {
		return time.Time{}
	}
	return s.idleAt.Add(-room)
}

func (s *shift) noteClaim(n int, req ports.ClaimRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case n > 0 || len(s.flights) > 0: // an endpoint may be at its limit with more behind it
		s.idleAt = time.Time{}
	case req.From.IsZero():
		s.idleAt = req.Now
	}
}

// loadJobs fetches what claimed deliveries need for sending.
func loadJobs(ctx context.Context, st ports.Stores, ds []*domain.Delivery) ([]Job, error) {
	var eventIDs, endpointIDs []uuid.UUID
	for _, d := range ds {
		eventIDs, endpointIDs = append(eventIDs, d.EventID), append(endpointIDs, d.EndpointID)
	}
	events, err := st.Outbox.FindAll(ctx, eventIDs)
	if err != nil {
		return nil, err
	}
	endpoints, err := st.Endpoints.FindAll(ctx, endpointIDs)
	if err != nil {
		return nil, err
	}
	list := make([]*domain.Event, 0, len(events))
	for _, e := range events {
		list = append(list, e)
	}
	serials, err := linkSerials(ctx, st, list)
	if err != nil {
		return nil, err
	}
	jobs := make([]Job, 0, len(ds))
	for _, d := range ds {
		ev, ep := events[d.EventID], endpoints[d.EndpointID]
		if ev == nil || ep == nil {
			return nil, domain.Errorf(domain.Internal, "Delivery %s has no event or endpoint.", d.ID)
		}
		jobs = append(jobs, Job{Delivery: d, Event: ev, Endpoint: ep, Serial: serials[ev.AggregateID]})
	}
	return jobs, nil
}

func linkSerials(ctx context.Context, st ports.Stores, events []*domain.Event) (map[uuid.UUID]int, error) {
	var ids []uuid.UUID
	for _, e := range events {
		if id, ok := fileID(e); ok {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return st.Files.LinkSerials(ctx, ids)
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

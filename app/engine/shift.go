package engine

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// shift is one lease token and its sends in flight.
type shift struct {
	e       *Engine
	token   uuid.UUID
	ctx     context.Context // of the sends; cancelled when the shift is cut short
	cancel  context.CancelFunc
	dbCtx   context.Context // of results and leases: outlives a shutdown
	freed   chan struct{}   // sends ended: there is room again, or nothing in flight
	results chan ports.DeliveryResult
	sends   sync.WaitGroup
	loops   sync.WaitGroup
	stop    chan struct{} // ends the renewer

	mu      sync.Mutex
	flights map[uuid.UUID]flight // by delivery
	perEnd  map[uuid.UUID]int    // sends in flight by endpoint
	sum     Done
	idleAt  time.Time // when a claim from the start last found nothing
}

type flight struct {
	endpoint *domain.Endpoint
	cancel   context.CancelFunc
}

func (e *Engine) openShift(ctx context.Context) *shift {
	db := context.WithoutCancel(ctx)
	send, cancel := context.WithCancel(db)
	s := &shift{
		e: e, token: e.IDs.New(), ctx: send, cancel: cancel, dbCtx: db,
		freed: make(chan struct{}, 1), results: make(chan ports.DeliveryResult, e.Slots), stop: make(chan struct{}),
		flights: map[uuid.UUID]flight{}, perEnd: map[uuid.UUID]int{},
	}
	s.loops.Go(s.writeResults)
	s.loops.Go(s.renewLeases)
	return s
}

// close waits up to grace for sends in flight, cuts off and releases the rest,
// and returns when every result is written.
func (s *shift) close(grace time.Duration) {
	ended := make(chan struct{})
	go func() { s.sends.Wait(); close(ended) }()
	if grace > 0 {
		t := time.NewTimer(grace)
		defer t.Stop()
		select {
		case <-ended:
		case <-t.C:
		}
	}
	s.cancel()
	<-ended
	close(s.results)
	close(s.stop)
	s.loops.Wait()
}

func (s *shift) done() Done {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum
}

func (s *shift) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.flights) == 0
}

// room is how many more requests fit into this process.
func (s *shift) room() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.e.Slots - len(s.flights)
}

// start sends a leased job in the background; a delivery already in flight
// here (its lease lapsed while the database was away) is left alone.
func (s *shift) start(j Job) {
	ctx, cancel := context.WithCancel(s.ctx)
	id := j.Delivery.ID
	s.mu.Lock()
	if _, twice := s.flights[id]; twice {
		s.mu.Unlock()
		cancel()
		return
	}
	s.flights[id] = flight{endpoint: j.Endpoint, cancel: cancel}
	s.perEnd[j.Endpoint.ID]++
	s.mu.Unlock()
	s.sends.Go(func() {
		defer cancel()
		r, ok := s.e.Courier.Attempt(ctx, j)
		if ok {
			s.results <- r
			return
		}
		s.release(id)
		s.land([]uuid.UUID{id})
	})
}

// land takes deliveries out of flight. When that makes room where there was
// none, the shift looks for more at once.
func (s *shift) land(ids []uuid.UUID) {
	s.mu.Lock()
	wasFull := len(s.flights) >= s.e.Slots
	for _, id := range ids {
		f, ok := s.flights[id]
		if !ok {
			continue
		}
		ep := f.endpoint.ID
		wasFull = wasFull || s.perEnd[ep] >= f.endpoint.InFlightLimit()
		delete(s.flights, id)
		if s.perEnd[ep]--; s.perEnd[ep] == 0 {
			delete(s.perEnd, ep)
		}
	}
	more := wasFull || len(s.flights) == 0
	s.mu.Unlock()
	if !more {
		return
	}
	select {
	case s.freed <- struct{}{}:
	default:
	}
}

func (s *shift) release(id uuid.UUID) {
	ctx, cancel := context.WithTimeout(s.dbCtx, lastResults)
	defer cancel()
	err := s.e.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		return st.Deliveries.Release(ctx, s.token, []uuid.UUID{id})
	})
	if err != nil {
		s.e.Log.Warn("lease not released, it runs out by itself", "delivery_id", id, "error", err)
	}
	s.mu.Lock()
	s.sum.Released++
	s.mu.Unlock()
}

// renewLeases keeps what is in flight; a lease that is lost cancels its request.
func (s *shift) renewLeases() {
	t := time.NewTicker(renewEvery)
	defer t.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-t.C:
		}
		ids := s.inFlight()
		if len(ids) == 0 {
			continue
		}
		var held []uuid.UUID
		ctx, cancel := context.WithTimeout(s.dbCtx, renewEvery)
		err := s.e.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
			var err error
			held, err = st.Deliveries.Renew(ctx, s.token, ids, s.e.Clock.Now().Add(LeaseTTL))
			return err
		})
		cancel()
		if err != nil {
			s.e.Log.Warn("leases not renewed", "error", err)
			continue
		}
		s.cancelLost(ids, held)
	}
}

func (s *shift) inFlight() []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]uuid.UUID, 0, len(s.flights))
	for id := range s.flights {
		ids = append(ids, id)
	}
	return ids
}

func (s *shift) cancelLost(asked, held []uuid.UUID) {
	keep := make(map[uuid.UUID]bool, len(held))
	for _, id := range held {
		keep[id] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range asked {
		if f, ok := s.flights[id]; ok && !keep[id] {
			f.cancel()
		}
	}
}

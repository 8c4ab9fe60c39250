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
	pass    bool            // it ends when nothing is in flight any more
	ctx     context.Context // of the sends; cancelled when the shift is cut short
	cancel  context.CancelFunc
	dbCtx   context.Context // of results and leases: outlives a shutdown
	freed   chan struct{}   // sends ended: there is room again, or nothing in flight
	results chan ports.DeliveryResult
	settled chan []uuid.UUID // events of written results
	sends   sync.WaitGroup
	loops   sync.WaitGroup
	stop    chan struct{} // ends the renewer

	mu        sync.Mutex
	flights   map[uuid.UUID]flight // by delivery, from the lease to the written result
	lines     map[uuid.UUID]*line  // by endpoint, those with something in flight
	waiting   int                  // leases of all lines whose request has not begun
	unwritten int                  // those whose result is being written
	sum       Done

	relaySize int                        // of the next batch
	relayed   time.Time                  // creation of the newest event relayed here
	relayLook time.Time                  // when the relay last looked from the start
	claimed   map[uuid.UUID]ports.Cursor // by endpoint, where the next claim begins
	claimLook time.Time
	paced     time.Time          // when lines were last asked for their pace
	behind    time.Time          // when something became due behind the bounds
	owing     map[uuid.UUID]bool // endpoints that the last claim found something for
}

type flight struct {
	endpoint *domain.Endpoint
	cancel   context.CancelFunc
}

func (e *Engine) openShift(ctx context.Context, pass bool) *shift {
	db := context.WithoutCancel(ctx)
	send, cancel := context.WithCancel(db)
	s := &shift{
		e: e, token: e.IDs.New(), pass: pass, ctx: send, cancel: cancel, dbCtx: db,
		freed: make(chan struct{}, 1), results: make(chan ports.DeliveryResult, e.Slots), stop: make(chan struct{}),
		settled: make(chan []uuid.UUID, e.Slots), flights: map[uuid.UUID]flight{}, lines: map[uuid.UUID]*line{},
	}
	s.loops.Go(s.writeResults)
	s.loops.Go(s.settle)
	s.loops.Go(s.renewLeases)
	return s
}

// close waits up to grace for sends in flight, cuts off and releases the rest,
// and returns when every result is written.
func (s *shift) close(grace time.Duration) {
	s.giveBack(s.queued())
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

// land takes deliveries out of flight. When that makes room where there was
// none, the shift looks for more at once, since more may have come meanwhile.
func (s *shift) land(ids []uuid.UUID, answered bool) {
	s.mu.Lock()
	wasFull := s.full()
	for _, id := range ids {
		f, ok := s.flights[id]
		if !ok {
			continue
		}
		delete(s.flights, id)
		l := s.lines[f.endpoint.ID]
		if answered {
			l.answered--
			s.unwritten--
		}
		if l.leased--; l.leased == 0 {
			delete(s.lines, f.endpoint.ID)
		}
	}
	more := wasFull || s.pass && len(s.flights) == 0
	s.mu.Unlock()
	if more {
		poke(s.freed)
	}
}

// poke leaves one value; one that was not taken yet stands for this one too.
func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// release gives leases back, of sends that were cut off or never began. They are
// out of flight before: the next claim may have them as soon as it is committed.
func (s *shift) release(ds []*domain.Delivery) {
	ids := make([]uuid.UUID, len(ds))
	for i, d := range ds {
		ids[i] = d.ID
	}
	s.land(ids, false)
	ctx, cancel := context.WithTimeout(s.dbCtx, lastResults)
	defer cancel()
	err := s.e.DB.InLooseTx(ctx, func(ctx context.Context, st ports.Stores) error {
		return st.Deliveries.Release(ctx, s.token, ids)
	})
	if err != nil {
		s.e.Log.Warn("leases not released, they run out by themselves", "count", len(ids), "error", err)
	}
	s.mu.Lock()
	s.sum.Released += len(ids)
	s.behind = s.e.Clock.Now()
	s.mu.Unlock()
	poke(s.freed)
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
		err := s.e.DB.InLooseTx(ctx, func(ctx context.Context, st ports.Stores) error {
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

package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/ports"
	"doorito/ports/usecase"
)

// Times of the engine.
const (
	// LeaseTTL bounds how long a killed worker's deliveries wait for another.
	LeaseTTL = 10 * time.Second
	// renewEvery is when leases are renewed while their requests run.
	renewEvery = LeaseTTL / 3
	// DefaultPoll is how often due work is looked for without a bell.
	DefaultPoll = time.Second
	// relayRest is the most that a relay rests: as long as it worked, for each
	// event that it found, so that a busy machine relays more of them at once.
	relayRest = 5 * time.Millisecond
	// claimEvery is the least time between two claims of a shift.
	claimEvery = 4 * time.Millisecond
	// lastResults is how much of a task's time is kept for writing results.
	lastResults = 2 * time.Second
)

// Engine implements usecase.Engine.
type Engine struct {
	DB      ports.Transactor
	Courier *Courier
	Bell    ports.Bell
	Clock   ports.Clock
	IDs     ports.IDs
	Log     *slog.Logger
	Batch   int           // events relayed at once while no more of them wait
	Slots   int           // requests in flight in this process
	Grace   time.Duration // how long Run waits for sends in flight when it ends
	Poll    time.Duration // how often due work is looked for without a bell, and processes that died
	Tenures ports.Tenures // of the tokens of leases

	directory directory
}

var _ usecase.Engine = (*Engine)(nil)

// Run implements usecase.Engine. The relay and the claims run side by side: a
// backlog of events does not keep deliveries waiting, nor the other way round.
// Beside them it looks for other processes that died.
func (e *Engine) Run(ctx context.Context) error {
	s := e.openShift(ctx, false)
	defer e.hold(s.token)()
	defer s.close(e.Grace)
	var all sync.WaitGroup
	all.Go(func() { s.relays(ctx, e.Bell.Listen(ctx)) })
	all.Go(func() { s.claims(ctx) })
	all.Go(func() { s.inherits(ctx) })
	all.Wait()
	return nil
}

// hold begins a tenure of leases. Without one they run out by themselves.
func (e *Engine) hold(token uuid.UUID) (end func()) {
	end, err := e.Tenures.Begin(token)
	if err != nil {
		e.Log.Warn("should this process die, its deliveries wait for their leases to run out", "error", err)
		return func() {}
	}
	return end
}

// relays relays at each ring. A ring without events was for the claims: somebody
// made deliveries due.
func (s *shift) relays(ctx context.Context, bell <-chan struct{}) {
	tick, breath := time.NewTicker(s.e.Poll), time.NewTicker(relayRest)
	defer tick.Stop()
	defer breath.Stop()
	rang := false
	for {
		found, worked := 0, time.Duration(0)
		for more := true; more && ctx.Err() == nil; {
			began := s.e.Clock.Now()
			n, again, err := s.relay(ctx)
			if err != nil {
				s.e.logFailure(ctx, "relay failed", err)
			}
			found, more, worked = found+n, again, s.e.Clock.Now().Sub(began)
		}
		if rang && found == 0 {
			poke(s.freed)
		}
		if found > 0 && worked > 0 {
			breath.Reset(restAfter(found, worked))
			select {
			case <-ctx.Done():
				return
			case <-breath.C:
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-bell:
			rang = true
		case <-tick.C:
			rang = false
		}
	}
}

// restAfter is how long a relay rests that has found something. A clock that was
// set may make its work seem to have taken years.
func restAfter(found int, worked time.Duration) time.Duration {
	if worked >= relayRest/time.Duration(found) {
		return relayRest
	}
	return time.Duration(found) * worked
}

// claims claims whenever there is room again, or something was left. A little
// time between two claims lets room come together: one claim for many.
func (s *shift) claims(ctx context.Context) {
	tick, breath := time.NewTicker(s.e.Poll), time.NewTicker(claimEvery)
	defer tick.Stop()
	defer breath.Stop()
	for {
		if _, err := s.claim(ctx); err != nil {
			s.e.logFailure(ctx, "claim failed", err)
		}
		breath.Reset(claimEvery)
		select {
		case <-ctx.Done():
			return
		case <-breath.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.freed:
		}
	}
}

// Done is what a pass did.
type Done struct {
	Relayed, Delivered, Failed, Released int
}

// Pass relays and delivers what is due now and waits for the answers. Near
// ctx's deadline it writes the results it has and releases the rest.
func (e *Engine) Pass(ctx context.Context) (Done, error) {
	s := e.openShift(ctx, true)
	defer e.hold(s.token)()
	sending := ctx
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		sending, cancel = context.WithDeadline(ctx, end.Add(-lastResults))
		defer cancel()
	}
	var err error
	for sending.Err() == nil {
		var relayed, claimed int
		idle := s.idle() // asked first: what ended before is seen by this round
		if relayed, _, err = s.relay(sending); err != nil {
			break
		}
		if claimed, err = s.claim(sending); err != nil {
			break
		}
		if relayed > 0 || claimed > 0 {
			continue
		}
		if idle {
			break
		}
		if s.idle() {
			continue
		}
		select {
		case <-sending.Done():
		case <-s.freed:
		}
	}
	// A database that went away cuts no request off: whether it arrived is not known
	// then, and it would be sent again.
	grace := e.Grace
	if sending.Err() != nil {
		grace, err = 0, nil
	}
	defer context.AfterFunc(sending, s.cancel)()
	s.close(grace)
	return s.done(), err
}

func (e *Engine) logFailure(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		e.Log.Error(what, "error", err)
	}
}

// Settle is the sweep's part: events whose settling was lost.
func (e *Engine) Settle(ctx context.Context) (int, error) {
	n := 0
	err := e.DB.InLooseTx(ctx, func(ctx context.Context, s ports.Stores) error {
		var err error
		n, err = s.Outbox.Settle(ctx, nil, 10_000, e.Clock.Now())
		return err
	})
	return n, err
}

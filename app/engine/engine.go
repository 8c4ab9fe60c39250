package engine

import (
	"context"
	"log/slog"
	"time"

	"doorito/ports"
	"doorito/ports/usecase"
)

// Times of the engine.
const (
	// LeaseTTL bounds how long a killed worker's deliveries wait for another.
	LeaseTTL = 12 * time.Second
	// renewEvery is when leases are renewed while their requests run.
	renewEvery = LeaseTTL / 3
	// poll is how often due work is looked for without a bell.
	poll = time.Second
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
	Batch   int           // events and deliveries claimed at once
	Slots   int           // requests in flight in this process
	Grace   time.Duration // how long Run waits for sends in flight when it ends
}

var _ usecase.Engine = (*Engine)(nil)

// Run implements usecase.Engine.
func (e *Engine) Run(ctx context.Context) error {
	s := e.openShift(ctx)
	defer s.close(e.Grace)
	bell := e.Bell.Listen(ctx)
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		e.work(ctx, s)
		select {
		case <-ctx.Done():
			return nil
		case <-bell:
		case <-tick.C:
		case <-s.freed:
		}
	}
}

// work relays and claims until there is nothing left that fits.
func (e *Engine) work(ctx context.Context, s *shift) {
	for ctx.Err() == nil {
		relayed, err := s.relay(ctx)
		if err != nil {
			e.logFailure(ctx, "relay failed", err)
			return
		}
		claimed, err := s.claim(ctx)
		if err != nil {
			e.logFailure(ctx, "claim failed", err)
			return
		}
		if relayed < e.Batch && claimed == 0 {
			return
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
	s := e.openShift(ctx)
	sending := ctx
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		sending, cancel = context.WithDeadline(ctx, end.Add(-lastResults))
		defer cancel()
	}
	var err error
	for sending.Err() == nil {
		var relayed, claimed int
		if relayed, err = s.relay(sending); err != nil {
			break
		}
		if claimed, err = s.claim(sending); err != nil {
			break
		}
		if relayed > 0 || claimed > 0 {
			continue
		}
		if s.idle() {
			break
		}
		select {
		case <-sending.Done():
		case <-s.freed:
		}
	}
	if sending.Err() != nil {
		err = nil
	}
	s.close(0)
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
	err := e.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		var err error
		n, err = s.Outbox.Settle(ctx, nil, 10_000, e.Clock.Now())
		return err
	})
	return n, err
}

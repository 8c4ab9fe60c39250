package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"
)

// repairs is a usecase.Repair that a test scripts.
type repairs func(ctx context.Context) (int, error)

func (r repairs) FinishLeft(ctx context.Context, _ int) (int, error) { return r(ctx) }

// A pass that hashes a large file for minutes, or one that fails, keeps no
// other from being looked for.
func TestRepairLoopGoesOnBesideASlowPassAndAfterAFailure(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	slow := make(chan struct{})
	defer close(slow)
	var passes atomic.Int32
	third, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		repairLoop(ctx, repairs(func(context.Context) (int, error) {
			switch passes.Add(1) {
			case 1:
				<-slow
			case 2:
				return 0, errors.New("the database is away")
			case 3:
				close(third)
			}
			return 1, nil
		}), slog.New(slog.DiscardHandler), time.Millisecond)
	}()
	<-third
	cancel()
	<-ended // it does not wait for the slow one
}

func TestRepairLoopRunsAFewPassesAtMost(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	hang, full := make(chan struct{}), make(chan struct{})
	var running atomic.Int32
	go repairLoop(ctx, repairs(func(context.Context) (int, error) {
		if running.Add(1) == repairsAtOnce {
			close(full)
		}
		<-hang
		return 0, nil
	}), slog.New(slog.DiscardHandler), time.Microsecond)
	<-full
	again := make(chan struct{})
	time.AfterFunc(20*time.Millisecond, func() { close(again) }) // thousands of looks
	<-again
	if n := running.Load(); n != repairsAtOnce {
		t.Errorf("%d passes at once", n)
	}
	cancel()
	close(hang)
}

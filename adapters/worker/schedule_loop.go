package worker

import (
	"context"
	"log/slog"
	"time"

	"doorito/ports"
	"doorito/ports/usecase"
)

const (
	tickEvery = time.Second
	// tickLimit bounds one tick; it is not cut short by the end of the loop, so
	// that no schedule is advanced without its task.
	tickLimit = 30 * time.Second
	// complainEvery is how often a lasting failure is logged.
	complainEvery = time.Minute
)

// SchedulerLoop ticks once a second until ctx ends. It may run in several
// processes: usecase.Scheduler enqueues a run once.
func SchedulerLoop(ctx context.Context, s usecase.Scheduler, clock ports.Clock, log *slog.Logger) {
	t := time.NewTicker(tickEvery)
	defer t.Stop()
	var quietUntil time.Time
	failing := false
	for ctx.Err() == nil {
		n, err := tick(ctx, s)
		now := clock.Now()
		switch {
		case err != nil && !now.Before(quietUntil):
			log.Error("schedules not enqueued", "error", err)
			failing, quietUntil = true, now.Add(complainEvery)
		case err == nil && failing:
			log.Info("schedules are enqueued again")
			failing, quietUntil = false, time.Time{}
		}
		if n > 0 {
			log.Info("schedules enqueued", "tasks", n)
		}
		select {
		case <-ctx.Done():
		case <-t.C:
		}
	}
}

func tick(ctx context.Context, s usecase.Scheduler) (int, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tickLimit)
	defer cancel()
	return s.Tick(ctx)
}

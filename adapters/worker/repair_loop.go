package worker

import (
	"context"
	"log/slog"
	"time"

	"doorito/ports/usecase"
)

const (
	// RepairEvery keeps what died half done within the minute that the design
	// allows it.
	RepairEvery = 10 * time.Second
	// repairsAtOnce bounds passes side by side: one may be hashing a large file
	// for minutes while others wait.
	repairsAtOnce = 4
	// repairLimit is how many a pass takes.
	repairLimit = 100
)

// RepairLoop looks at once and then every few seconds for what died half done,
// until ctx ends. It waits for no pass then: what is under way is as safe as
// before. It may run in several processes.
func RepairLoop(ctx context.Context, r usecase.Repair, log *slog.Logger) {
	repairLoop(ctx, r, log, RepairEvery)
}

func repairLoop(ctx context.Context, r usecase.Repair, log *slog.Logger, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	room := make(chan struct{}, repairsAtOnce)
	for ctx.Err() == nil {
		select {
		case room <- struct{}{}:
			go func() {
				defer func() { <-room }()
				repair(ctx, r, log)
			}()
		default: // all are at work
		}
		select {
		case <-ctx.Done():
		case <-t.C:
		}
	}
}

func repair(ctx context.Context, r usecase.Repair, log *slog.Logger) {
	n, err := r.FinishLeft(ctx, repairLimit)
	if err != nil && ctx.Err() == nil {
		log.Error("uploads that were left not looked for", "error", err)
	}
	if n > 0 {
		log.Info("uploads finished that were left", "uploads", n)
	}
}

package upkeep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"doorito/app/engine"
	"doorito/app/sessions"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// batch is how many rows a step takes at once.
const batch = 1000

// hold is how long past its expiry a file with a pending delivery is kept.
const hold = 96 * time.Hour

// Upkeep implements usecase.Work.
type Upkeep struct {
	DB     ports.Transactor
	Blobs  ports.Blobs
	Engine *engine.Engine
	Clock  ports.Clock
	IDs    ports.IDs
	Log    *slog.Logger
	// Sessions are those of resumable uploads; nil where there are none.
	Sessions *sessions.Sessions
	// Inventory and Staging are of the same storage as Blobs.
	Inventory ports.Inventory
	Staging   ports.Staging
	// Figures are those of the charts.
	Figures ports.Figures

	OutboxRetention  time.Duration // of delivered and failed events
	AttemptRetention time.Duration
	ExpiryNotice     time.Duration // how long before expiry `file.expiring` is sent
	NoticeInterval   time.Duration // how often the notice task runs
}

var _ usecase.Work = (*Upkeep)(nil)

func (u *Upkeep) run(ctx context.Context, task domain.Task) (string, error) {
	switch task {
	case domain.TaskRelay, domain.TaskDelivery:
		return u.Engine.Backstop(ctx)
	case domain.TaskSweep:
		return u.sweep(ctx)
	case domain.TaskOutboxCleanup:
		return u.inBatches(ctx, "removed %d settled events", func(ctx context.Context, s ports.Stores) (int, error) {
			return s.Outbox.DeleteSettled(ctx, u.Clock.Now().Add(-u.OutboxRetention), batch)
		})
	case domain.TaskAttempts:
		return u.inBatches(ctx, "removed %d attempts", func(ctx context.Context, s ports.Stores) (int, error) {
			return s.Attempts.DeleteBefore(ctx, u.Clock.Now().Add(-u.AttemptRetention), batch)
		})
	case domain.TaskSessions:
		return u.cleanSessions(ctx)
	case domain.TaskStorage:
		return u.sweepStorage(ctx)
	case domain.TaskStorageCheck:
		return u.checkStorage(ctx)
	case domain.TaskFilesCleanup:
		return u.cleanFiles(ctx)
	case domain.TaskFigures:
		n, err := u.Figures.Fill(ctx, u.Clock.Now())
		return fmt.Sprintf("summed up %d hours", n), err
	case domain.TaskExpiring:
		return u.announceExpiring(ctx)
	}
	return "", domain.Errorf(domain.Invalid, "There is no task %q.", task)
}

// sweep is the backstop of everything that rings, sends or settles at once.
// A step that fails keeps no other from its turn.
func (u *Upkeep) sweep(ctx context.Context) (string, error) {
	sent, failed := u.Engine.Backstop(ctx)
	counts := []any{sent}
	for _, step := range []func(context.Context) (int, error){
		u.Engine.Settle, u.failDead, u.finishUploads, u.settleBatches, u.tendEndpoints,
	} {
		n, err := step(ctx)
		counts, failed = append(counts, n), errors.Join(failed, err)
	}
	return fmt.Sprintf("%[1]s; settled %[2]d events, %[5]d batches; ended %[3]d dead uploads, finished %[4]d; disabled %[6]d endpoints", counts...), failed
}

// inBatches repeats a step, each in its own transaction, until it finds less
// than a batch.
func (u *Upkeep) inBatches(ctx context.Context, words string, step func(context.Context, ports.Stores) (int, error)) (string, error) {
	total := 0
	for {
		n := 0
		err := u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			var err error
			n, err = step(ctx, s)
			return err
		})
		total += n
		if err != nil || n < batch {
			return fmt.Sprintf(words, total), err
		}
	}
}

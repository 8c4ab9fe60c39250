package ports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// FileChecks keeps what came of reading files back.
type FileChecks interface {
	// Insert adds one that waits. A file has one at a time that is not over:
	// added is false when there is one already.
	Insert(ctx context.Context, c *domain.FileCheck) (added bool, err error)
	// FindLatest returns the file's newest check, nil when there is none.
	FindLatest(ctx context.Context, file uuid.UUID) (*domain.FileCheck, error)
	// Pending tells whether Claim would find one.
	Pending(ctx context.Context, stale time.Time) (bool, error)
	// Claim starts the oldest that waits, or that runs without a sign of life
	// since stale; nil when there is none. Of several that claim at once, each
	// gets another.
	Claim(ctx context.Context, now, stale time.Time) (*domain.FileCheck, error)
	// Advance notes how many bytes are read; Conflict when it does not run any
	// more.
	Advance(ctx context.Context, id uuid.UUID, done int64, now time.Time) error
	// Finish writes the result of one that runs, Conflict else.
	Finish(ctx context.Context, c *domain.FileCheck) error
}

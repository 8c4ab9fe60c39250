package ports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// Figures keeps sums by the hour of what Stats and Charts are asked for, so that
// a month is not counted again for each look at it.
type Figures interface {
	// Fill computes the whole hours that are over and those that may have
	// changed since (what became of files of the last month, attempts that were
	// written late), notes how many deliveries wait, and returns how many hours
	// it wrote. The first call goes back to the first row. What Stats answers is
	// the same before, meanwhile and after. It may break off anywhere and run
	// many times, also at once.
	Fill(ctx context.Context, now time.Time) (hours int, err error)
}

// Charts answers what is drawn over time. Hours are whole ones in UTC, and only
// those in which something happened are returned, the earliest first.
type Charts interface {
	// StorageByHour returns what was kept at the end of hours from `from` on,
	// before `to`, in which that changed; the first is how it was before `from`.
	// Hours that Fill has not reached are missing. Owner nil means everybody's.
	StorageByHour(ctx context.Context, owner *uuid.UUID, from, to time.Time) ([]StorageHour, error)
	// DeliveriesByHour counts the attempts of all endpoints together.
	DeliveriesByHour(ctx context.Context, from, to time.Time) ([]DeliveryHour, error)
	// QueueByHour returns the most deliveries that Fill saw waiting in each hour.
	QueueByHour(ctx context.Context, from, to time.Time) ([]QueueHour, error)
}

// StorageHour is what was kept when an hour ended.
type StorageHour struct {
	Hour  time.Time
	Bytes int64
	Files int
}

// DeliveryHour is one hour of attempts at all endpoints.
type DeliveryHour struct {
	Hour     time.Time
	OK       int
	Failed   int
	FirstTry int              // OK at attempt 1
	Answers  domain.Latencies // until an answer, whatever it said
}

// QueueHour is how long the queue was in an hour.
type QueueHour struct {
	Hour    time.Time
	Pending int
}

// FileStates is how many files are in each state by now.
type FileStates struct{ Uploading, Stored, Processed, Failed, Deleted int }

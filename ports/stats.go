package ports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// Stats answers the dashboard's questions. Buckets are whole hours in UTC.
type Stats interface {
	// FilesByHour counts files created from `from` on, by hour and outcome,
	// with their bytes; owner nil means everybody's.
	FilesByHour(ctx context.Context, owner *uuid.UUID, from, to time.Time) ([]FileHour, error)
	// EndpointHealth sums up each endpoint since then; endpoint nil means all.
	EndpointHealth(ctx context.Context, endpoint *uuid.UUID, since time.Time) (map[uuid.UUID]Health, error)
	// Storage returns bytes and files kept; owner nil means everybody's.
	Storage(ctx context.Context, owner *uuid.UUID) (bytes int64, files int, err error)
	// DeliveriesByStatus counts deliveries of an endpoint, each capped at CountCap.
	DeliveriesByStatus(ctx context.Context, endpoint uuid.UUID) (map[domain.DeliveryStatus]int, error)
	// Backlogs returns the endpoints with pending deliveries, the biggest first.
	Backlogs(ctx context.Context) ([]Backlog, error)
	// DeliveredOf returns delivered and all deliveries of `file.stored` for each file.
	DeliveredOf(ctx context.Context, files []uuid.UUID) (map[uuid.UUID][2]int, error)
}

// FileHour is one hour of uploads.
type FileHour struct {
	Hour   time.Time
	Stored int // stored, and whatever became of them later
	Failed int
	Bytes  int64
	States FileStates // what they are by now; up to an hour old for files of the days before
}

// AttemptHour is one hour of attempts at one endpoint.
type AttemptHour struct {
	Hour     time.Time
	OK       int
	Failed   int
	FirstTry int           // OK at attempt 1
	P50, P95 time.Duration // until an answer, whatever it said, to two digits; 0 when there was none
}

// Health of one endpoint.
type Health struct {
	Delivered int
	Failed    int           // failed attempts
	Pending   int           // capped at CountCap
	P50, P95  time.Duration // as AttemptHour's
	Hours     []AttemptHour // the oldest first, only those with attempts
}

// Backlog is what waits for one endpoint.
type Backlog struct {
	EndpointID uuid.UUID
	Name       string
	Active     bool
	Pending    int       // capped at CountCap
	Oldest     time.Time // when the oldest was made
	Next       time.Time // when the next attempt is due
}

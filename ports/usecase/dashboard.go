package usecase

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Dashboard sums up.
type Dashboard interface {
	// Summary is what the dashboard shows: staff see their own, admins all.
	Summary(ctx context.Context, a domain.Actor, span domain.Span) (*Summary, error)
	// Pulse is the small line in the head of every page.
	Pulse(ctx context.Context, a domain.Actor) (*Pulse, error)
}

// Summary of a span that ends now, by hours in which something happened.
type Summary struct {
	Now         time.Time
	Span        domain.Span
	Totals      Totals
	Before      Totals // as long a time before the span, of files alone
	Files       []ports.FileHour
	States      ports.FileStates    // of the files handed in within the span
	Storage     []ports.StorageHour // the last one is now
	StoredBytes int64
	StoredFiles int
	Deliveries  []ports.DeliveryHour // admins
	Queue       []ports.QueueHour    // admins; the last one is now
	Recent      []*domain.File
	Delivered   map[uuid.UUID][2]int // of the recent files: delivered, owed
	Endpoints   []EndpointHealth     // admins; their last 24 hours
	Attention   []Attention
}

// Totals of a span.
type Totals struct {
	Stored, Failed                int
	Bytes                         int64
	Deliveries, Failures, FirstOK int
	Answers                       domain.Latencies
}

// Attention is one thing that asks for a hand.
type Attention struct {
	Kind  AttentionKind
	Title string
	Text  string
	URL   string // path of the page that helps
	Verb  string // words of the link
}

// AttentionKind says what the matter is.
type AttentionKind string

// What asks for a hand, the worst first.
const (
	RelayLate           AttentionKind = "relay_late"
	EndpointDisabled    AttentionKind = "endpoint_disabled"
	EndpointFailing     AttentionKind = "endpoint_failing"
	CertificateExpired  AttentionKind = "certificate_expired"
	CertificateExpiring AttentionKind = "certificate_expiring"
	DeliveriesFailed    AttentionKind = "deliveries_failed"
	ScheduleFailing     AttentionKind = "schedule_failing"
	QuotaFull           AttentionKind = "quota_full"
	FilesFailed         AttentionKind = "files_failed"
	FilesHeld           AttentionKind = "files_held"
	FilesExpiring       AttentionKind = "files_expiring"
	BatchesOpen         AttentionKind = "batches_open"
)

// Pulse is cheap enough for every page.
type Pulse struct {
	RelayLate   time.Duration // age of the oldest due work
	Attention   int
	EndpointBad bool
	StoredBytes int64
	OpenBatches int
}

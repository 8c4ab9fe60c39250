package ports

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// Outbox keeps events. List filters: status, type, aggregate (id). Search: an
// id or the end of one, aggregate id, text in the payload's file name.
type Outbox interface {
	// Append adds an event in the caller's transaction: if it rolls back, so
	// does the event. An event with the same type and idempotency key is left
	// as it is and added is false.
	Append(ctx context.Context, e *domain.Event) (added bool, err error)
	// ClaimUnrelayed locks up to limit events without relayed_at, oldest first,
	// skipping those that others hold; call it inside a transaction. Events
	// created before from are left out: a moving bound spares dead index entries.
	// Whoever means to lease deliveries asks inLine: once it has events, no claim
	// counts leases before its commit.
	ClaimUnrelayed(ctx context.Context, from time.Time, limit int, inLine bool) ([]*domain.Event, error)
	// Settle moves events to delivered or failed by the sum of their
	// deliveries; it returns how many moved. It is its own transaction, after
	// the deliveries' commit. nil ids means every relayed pending event, up to limit.
	Settle(ctx context.Context, ids []uuid.UUID, limit int, now time.Time) (int, error)
	EventReader
	// Reopen moves failed and delivered events to pending; call it after their
	// deliveries were made due again.
	Reopen(ctx context.Context, ids []uuid.UUID, now time.Time) (int, error)
	// DeleteSettled removes up to limit delivered and failed events (with
	// deliveries and attempts) that ended before then.
	DeleteSettled(ctx context.Context, before time.Time, limit int) (int, error)
}

// EventReader reads events.
type EventReader interface {
	Find(ctx context.Context, id uuid.UUID) (*domain.Event, error)
	// FindAll reads events as they are sent, with LinkSerial.
	FindAll(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.Event, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.Event], error)
	// Tally counts by status and type.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
}

// Deliveries keeps what is owed. List filters: status, endpoint (id), event
// (id), type, class (error class), code (status code
// or class of them, 5xx; 0 is no answer yet). Search: subject, id.
type Deliveries interface {
	DeliveryQueue
	DeliveryReader
	// InsertAll adds deliveries, leaving out those whose (event, endpoint) exists,
	// or whose event or endpoint is gone.
	InsertAll(ctx context.Context, ds []*domain.Delivery) error
	// Lock is Find that keeps others from changing the row.
	Lock(ctx context.Context, id uuid.UUID) (*domain.Delivery, error)
	// Save writes the whole state of one delivery (redeliver, cancel).
	Save(ctx context.Context, d *domain.Delivery) error
	// ReopenFailed makes failed deliveries of these events due now with
	// attempts 0; nil ids means of every failed event of this endpoint.
	ReopenFailed(ctx context.Context, events []uuid.UUID, endpoint *uuid.UUID, now time.Time) (int, error)
	// Reopen makes these due now with attempts 0, but for those that are pending
	// or leased; it returns the events of the reopened.
	Reopen(ctx context.Context, ids []uuid.UUID, now time.Time) ([]uuid.UUID, error)
	// Cancel ends those of these that are pending; it returns them with their
	// events. What is being sent this moment is cancelled too: its result is not
	// written.
	Cancel(ctx context.Context, ids []uuid.UUID, reason string, now time.Time) (map[uuid.UUID]uuid.UUID, error)
	// CancelPending of an endpoint that was disabled; returns their events.
	CancelPending(ctx context.Context, endpoint uuid.UUID, reason string, now time.Time) ([]uuid.UUID, error)
}

// DeliveryQueue is the sending side.
type DeliveryQueue interface {
	// Claim leases up to limit due deliveries, skipping
	// locked rows: pending, due by now and after from, not leased,
	// endpoint active (or a ping) and not paused, and never more leased for an
	// endpoint than its limit (one after a pause) and its rate allow; a rate
	// that was not used up is saved for a second. From is a moving lower bound for
	// each endpoint that spares dead index entries; an endpoint without one is
	// read from the start.
	Claim(ctx context.Context, c ClaimRequest) ([]*domain.Delivery, error)
	// Renew moves the lease's end; it returns the ids still held under token.
	Renew(ctx context.Context, token uuid.UUID, ids []uuid.UUID, until time.Time) ([]uuid.UUID, error)
	// Finish writes states and inserts attempts in a batch, and what they say of
	// the endpoints' health (domain/health.go), only for deliveries still leased
	// under token, and for those whose lease is lost and nobody else's; it returns
	// those written. An attempt is written once. The deliveries' lease fields are
	// already cleared by domain.Delivery.Record.
	Finish(ctx context.Context, token uuid.UUID, rs []DeliveryResult) ([]uuid.UUID, error)
	// Release gives up leases under token, so that others may claim at once.
	Release(ctx context.Context, token uuid.UUID, ids []uuid.UUID) error
	// ReleaseAll gives up all leases under a token whose holder died. What it held
	// is due as the oldest of its endpoint is: it may have come before its turn, and
	// a receiver that heard of it does not wait for a backlog to hear the rest.
	ReleaseAll(ctx context.Context, token uuid.UUID) (int, error)
	// FanOut writes all that a relay leaves. Whether somebody needs to hear the
	// bell the relay knows by itself.
	FanOut(ctx context.Context, f FanOut) error
	// Standing is what a relay has to know of the endpoints.
	Standing(ctx context.Context, now time.Time) (Standing, error)
}

// FanOut is what becomes of a batch of events.
type FanOut struct {
	Deliveries []*domain.Delivery // leased or not; those whose (event, endpoint) exists are left
	Relayed    []uuid.UUID        // events
	Unwanted   []uuid.UUID        // those of Relayed that nobody wants: they are delivered at once
	At         time.Time          // becomes relayed_at
}

// Standing is how the endpoints stand.
type Standing struct {
	Generation int64              // as Endpoints.Generation
	Leased     map[uuid.UUID]int  // live leases by endpoint
	Slowed     map[uuid.UUID]bool // endpoints whose room only Claim knows: those with a rate, and those paused
}

// ClaimRequest says what to claim.
type ClaimRequest struct {
	Token uuid.UUID
	From  map[uuid.UUID]Cursor // by endpoint: next_attempt_at and id
	Now   time.Time
	Until time.Time // end of the lease
	Limit int
	Most  int // leases of an endpoint, when its own limit is higher; 0 means its own limit
	// Answered are leases, by endpoint, whose request has ended and whose result
	// is not written yet: they take no room.
	Answered map[uuid.UUID]int
	// Ahead are leases, by endpoint, on top of its limit, of one that nobody else
	// holds leases of, is not paused and has no rate. Whoever asks for them keeps to
	// the limit of requests.
	Ahead map[uuid.UUID]int
}

// DeliveryResult is a delivery after domain.Delivery.Record, with its attempt.
type DeliveryResult struct {
	Delivery *domain.Delivery
	Attempt  *domain.Attempt
	Pause    time.Duration // asked for by a throttling endpoint: nothing is sent to it for so long
}

// DeliveryReader reads deliveries.
type DeliveryReader interface {
	// Find returns a delivery with its lease, which lists leave out.
	Find(ctx context.Context, id uuid.UUID) (*domain.Delivery, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.Delivery], error)
	// Tally counts by status, endpoint, type and class.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
	// ListOldestPending returns up to limit pending deliveries, oldest first.
	ListOldestPending(ctx context.Context, limit int) ([]*domain.Delivery, error)
	// OldestDue returns when the oldest unrelayed event, or pending delivery of
	// an endpoint that nothing is being sent to, was due; zero when there is
	// none. An endpoint that is paused is due when the pause ends, and one with
	// a rate is not late while it was sent to within five seconds.
	OldestDue(ctx context.Context, now time.Time) (time.Time, error)
}

// Attempts keeps tries. List filters: endpoint (id), delivery (id), class
// (error class, ok for none), code (as of deliveries). Search: the id of a
// delivery, of an attempt or the end of one, part of the failure's text.
type Attempts interface {
	// ListOf returns a delivery's attempts, newest first.
	ListOf(ctx context.Context, delivery uuid.UUID, limit int) ([]*domain.Attempt, error)
	// List goes by started_at and leaves headers and answers out.
	List(ctx context.Context, q ListQuery) (Page[*domain.Attempt], error)
	// Tally counts by endpoint and class.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
	// DeleteBefore removes up to limit attempts started before then.
	DeleteBefore(ctx context.Context, before time.Time, limit int) (int, error)
}

// Sender makes one HTTP request to an endpoint. It never follows redirects and
// checks the address at dial time.
type Sender interface {
	Send(ctx context.Context, r SendRequest) SendResult
}

// SendRequest is one attempt. Headers are sent as they are.
type SendRequest struct {
	URL     string
	Headers http.Header
	Body    []byte
	Timeout time.Duration
	// ClientCert is shown to an endpoint that asks for one: PEM of a chain and
	// of its private key. Connections that were made with one serve no request
	// without it, or with another.
	ClientCert string
}

// SendResult is what came of it. Without an answer StatusCode is 0 and
// ErrorClass and ErrorText say why, in words people understand.
type SendResult struct {
	StatusCode int
	Headers    http.Header
	Body       []byte // at most MaxResponseBody
	Truncated  bool
	Phases     domain.Phases
	ErrorClass domain.ErrorClass
	ErrorText  string
}

// MaxResponseBody is how much of an answer is kept, in bytes.
const MaxResponseBody = 64 << 10

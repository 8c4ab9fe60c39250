package usecase

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Endpoints is what admins do with receivers; everybody else is Forbidden.
type Endpoints interface {
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[EndpointHealth], error)
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*EndpointDetail, error)
	// Create makes the endpoint with a fresh secret, returned for showing.
	Create(ctx context.Context, a domain.Actor, f domain.EndpointForm) (e *domain.Endpoint, secret string, err error)
	Update(ctx context.Context, a domain.Actor, id uuid.UUID, f domain.EndpointForm) (*domain.Endpoint, error)
	// SetActive switches on or off; off cancels what is pending.
	SetActive(ctx context.Context, a domain.Actor, id uuid.UUID, active bool) (*domain.Endpoint, error)
	// Delete removes the endpoint with its deliveries and attempts.
	Delete(ctx context.Context, a domain.Actor, id uuid.UUID) error
	// Test sends a ping now and waits for the answer.
	Test(ctx context.Context, a domain.Actor, id uuid.UUID) (*DeliveryDetail, error)
	// Sample sends an event of any type with data of the admin's making to this
	// endpoint alone, now, and waits for the answer. Invalid on type and data.
	Sample(ctx context.Context, a domain.Actor, id uuid.UUID, t domain.EventType, data []byte) (*DeliveryDetail, error)
}

// EndpointsOnce makes endpoints and secrets under keys of the client: the same
// key of the same user within domain.IdempotencyTTL returns what was made first,
// with replayed true, and shows its secret again, which the endpoint's history
// tells. Conflict, on field Idempotency-Key, when something else was asked for
// then, or when what was made, or its secret, is gone. An empty key is no key.
type EndpointsOnce interface {
	// CreateOnce is Endpoints.Create.
	CreateOnce(ctx context.Context, a domain.Actor, f domain.EndpointForm, key string) (e *domain.Endpoint, secret string, replayed bool, err error)
	// RotateOnce is EndpointKeys.Rotate.
	RotateOnce(ctx context.Context, a domain.Actor, id uuid.UUID, kind domain.SecretKind, overlap time.Duration, key string) (s domain.EndpointSecret, shown string, replayed bool, err error)
}

// EndpointHealth is an endpoint with its numbers of the last 24 hours.
type EndpointHealth struct {
	Endpoint *domain.Endpoint
	Health   ports.Health
}

// State in one word: active, failing, disabled.
func (h EndpointHealth) State() string {
	switch {
	case !h.Endpoint.Active:
		return "disabled"
	case h.Endpoint.FailingSince != nil:
		return "failed"
	}
	return "active"
}

// EndpointDetail is what the endpoint page shows.
type EndpointDetail struct {
	EndpointHealth
	Counts  map[domain.DeliveryStatus]int
	History []*domain.AuditEntry // oldest first
}

// Deliveries is what admins see of and do with deliveries and events.
type Deliveries interface {
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Delivery], error)
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*DeliveryDetail, error)
	// Redeliver makes deliveries due now, whatever their state; those being
	// sent this moment are left alone. It returns how many were reopened;
	// Conflict when there were none to reopen.
	Redeliver(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error)
	// Cancel ends pending deliveries by hand, also those being sent this moment.
	// It returns how many; Conflict when none was pending.
	Cancel(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error)
	// Stuck tells what waits for longest, and where most waits.
	Stuck(ctx context.Context, a domain.Actor) (*Stuck, error)
	ListEvents(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Event], error)
	FindEvent(ctx context.Context, a domain.Actor, id uuid.UUID) (*EventDetail, error)
	// RetryEvents makes the failed deliveries of failed events due again with
	// attempts 0.
	RetryEvents(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error)
	// RetryEndpoint makes every failed delivery of an endpoint due again with
	// attempts 0; Conflict when there is none or the endpoint is off.
	RetryEndpoint(ctx context.Context, a domain.Actor, endpoint uuid.UUID) (int, error)
}

// Replays sends events of the past again, for admins; everybody else is
// Forbidden. A worker makes the deliveries due, oldest first, at the rate that
// was asked for.
type Replays interface {
	// Preview tells what Start would do, and does nothing.
	Preview(ctx context.Context, a domain.Actor, endpoint uuid.UUID, f domain.ReplayForm) (*ReplayPreview, error)
	// Start begins a replay. Errors: Invalid (window, types, scope, rate),
	// Conflict (endpoint off, or a replay to it is running).
	Start(ctx context.Context, a domain.Actor, endpoint uuid.UUID, f domain.ReplayForm) (*domain.Replay, error)
	// EnableAndReplay switches the endpoint on and replays what it missed since
	// it last took one; Conflict when it missed nothing.
	EnableAndReplay(ctx context.Context, a domain.Actor, endpoint uuid.UUID) (*domain.Replay, error)
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Replay, error)
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Replay], error)
	// Cancel stops a running replay; what it made due already is still sent.
	Cancel(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Replay, error)
}

// ReplaysOnce begins replays under keys of the client, as EndpointsOnce makes
// endpoints.
type ReplaysOnce interface {
	// StartOnce is Replays.Start.
	StartOnce(ctx context.Context, a domain.Actor, endpoint uuid.UUID, f domain.ReplayForm, key string) (r *domain.Replay, replayed bool, err error)
	// EnableAndReplayOnce is Replays.EnableAndReplay.
	EnableAndReplayOnce(ctx context.Context, a domain.Actor, endpoint uuid.UUID, key string) (r *domain.Replay, replayed bool, err error)
}

// ReplayPreview is what a replay would do.
type ReplayPreview struct {
	Replay   *domain.Replay // not begun
	Events   int            // looked at
	Sends    int            // of these, to be sent
	Capped   bool           // there are more: the counts stopped at ports.CountCap
	Examples []*domain.Event
}

// Stuck is what waits: endpoints with a backlog, the biggest first, and the
// oldest pending deliveries.
type Stuck struct {
	Backlogs []ports.Backlog
	Oldest   []*domain.Delivery
}

// DeliveryDetail is a delivery with its event, endpoint and attempts, newest first.
type DeliveryDetail struct {
	Delivery *domain.Delivery
	Event    *domain.Event
	Endpoint *domain.Endpoint
	Attempts []*domain.Attempt
	Body     []byte // as sent, with data.url
	Schedule domain.RetrySchedule
}

// EventDetail is an event with its deliveries.
type EventDetail struct {
	Event      *domain.Event
	Deliveries []*domain.Delivery
}

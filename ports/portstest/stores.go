package portstest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Stores is the contract of ports.Transactor and its repositories. open
// returns an empty database that is closed at the test's end; it is called
// once for each promise, from tests that run side by side.
func Stores(t *testing.T, open func(t *testing.T) ports.Transactor) {
	groups := []map[string]func(*store){
		transactorPromises, accountPromises, batchPromises, filePromises, fileSweepPromises, listPromises, outboxPromises,
		settlePromises, claimPromises, healthPromises, finishPromises, deliveryPromises, endpointPromises, upkeepPromises,
		idempotencyPromises, replayPromises, sessionReadPromises, sessionWritePromises, sessionSweepPromises, partPromises,
		storageKeyPromises, adminPromises, schedulePromises, runPromises, uploadPromises,
		factorPromises, invitationPromises, shareLinkPromises,
	}
	for _, g := range groups {
		for name, promise := range g {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				promise(newStore(t, open(t)))
			})
		}
	}
}

// noon is when every story begins.
var noon = time.Date(2026, 1, 15, 12, 0, 0, 123456000, time.UTC)

// store is a database with short ways to fill it; each step must succeed.
type store struct {
	*testing.T
	ctx context.Context
	db  ports.Transactor
}

func newStore(t *testing.T, db ports.Transactor) *store {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	return &store{t, ctx, db}
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func ptr[T any](v T) *T { return &v }

// try runs fn in a transaction and returns its error.
func (s *store) try(fn func(ctx context.Context, st ports.Stores) error) error {
	return s.db.InTx(s.ctx, fn)
}

// tx runs fn in a transaction that must commit.
func (s *store) tx(fn func(ctx context.Context, st ports.Stores) error) {
	s.Helper()
	if err := s.try(fn); err != nil {
		s.Fatalf("transaction: %v", err)
	}
}

func (s *store) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// want compares by value; times must be equal to the microsecond and UTC.
func want[T any](s *store, what string, got, wanted T) {
	s.Helper()
	if !reflect.DeepEqual(got, wanted) {
		s.Fatalf("%s:\n got  %+v\n want %+v", what, got, wanted)
	}
}

func (s *store) user() *domain.User {
	s.Helper()
	id := newID()
	u, err := domain.NewUser(id, "u"+id.String()+"@example.com", "Ada "+id.String()[30:], domain.RoleStaff, noon)
	s.ok(err)
	u.PasswordHash = "hash"
	s.tx(func(ctx context.Context, st ports.Stores) error { return st.Users.Insert(ctx, u) })
	return u
}

func (s *store) batch(owner *uuid.UUID, at time.Time) *domain.Batch {
	s.Helper()
	b, err := domain.NewBatch(newID(), "Invoices", "", owner, at)
	s.ok(err)
	s.tx(func(ctx context.Context, st ports.Stores) error {
		_, _, err := st.Batches.Insert(ctx, b)
		return err
	})
	return b
}

// file inserts an uploading file after change has had its way with it.
func (s *store) file(change func(*domain.File)) *domain.File {
	s.Helper()
	f := domain.NewFile(newID(), "report.pdf", nil, nil, noon)
	if change != nil {
		change(f)
	}
	s.tx(func(ctx context.Context, st ports.Stores) error { return st.Files.Insert(ctx, f) })
	return f
}

// stored is a file that arrived, with its event appended.
func (s *store) stored(ttl time.Duration, at time.Time) (*domain.File, *domain.Event) {
	s.Helper()
	f := s.file(func(f *domain.File) { f.CreatedAt, f.UpdatedAt = at, at })
	e, err := f.Store(1000, "ab12cd"+f.ID.String()[24:], "application/pdf", ttl, at)
	s.ok(err)
	s.ok(e.AssignID(newID()))
	s.tx(func(ctx context.Context, st ports.Stores) error {
		if err := st.Files.Move(ctx, f, domain.FileUploading); err != nil {
			return err
		}
		_, err := st.Outbox.Append(ctx, e)
		return err
	})
	return f, e
}

func (s *store) endpoint(change func(*domain.Endpoint)) *domain.Endpoint {
	s.Helper()
	e, err := domain.NewEndpoint(newID(), domain.EndpointForm{Name: "Billing", URL: "https://example.com/hook"}, true, nil, noon)
	s.ok(err)
	if change != nil {
		change(e)
	}
	s.tx(func(ctx context.Context, st ports.Stores) error { return st.Endpoints.Insert(ctx, e) })
	return e
}

// event is a relayed file.stored event.
func (s *store) event(at time.Time) *domain.Event {
	s.Helper()
	_, e := s.stored(0, at)
	s.tx(func(ctx context.Context, st ports.Stores) error {
		return st.Deliveries.FanOut(ctx, ports.FanOut{Relayed: []uuid.UUID{e.ID}, At: at})
	})
	return e
}

// deliveries owes each of n new events to the endpoint, due at the times from
// `at` on, one microsecond apart.
func (s *store) deliveries(ep *domain.Endpoint, n int, at time.Time) []*domain.Delivery {
	s.Helper()
	out, ids := make([]*domain.Delivery, n), make([]uuid.UUID, n)
	s.tx(func(ctx context.Context, st ports.Stores) error {
		for i := range out {
			e := domain.NewEndpointEvent(domain.EventEndpointFailing, ep, "", newID(), at)
			if err := e.AssignID(newID()); err != nil {
				return err
			}
			if _, err := st.Outbox.Append(ctx, e); err != nil {
				return err
			}
			ids[i] = e.ID
			out[i] = domain.NewDelivery(newID(), e, ep, ep.Name, at.Add(time.Duration(i)*time.Microsecond))
		}
		if err := st.Deliveries.FanOut(ctx, ports.FanOut{Relayed: ids, At: at}); err != nil {
			return err
		}
		return st.Deliveries.InsertAll(ctx, out)
	})
	return out
}

func (s *store) delivery(ep *domain.Endpoint, at time.Time) *domain.Delivery {
	s.Helper()
	return s.deliveries(ep, 1, at)[0]
}

// claim leases for 15 s from now on.
func (s *store) claim(token uuid.UUID, limit int, now time.Time) []*domain.Delivery {
	s.Helper()
	var got []*domain.Delivery
	s.tx(func(ctx context.Context, st ports.Stores) (err error) {
		got, err = st.Deliveries.Claim(ctx, ports.ClaimRequest{Token: token, Now: now, Until: now.Add(15 * time.Second), Limit: limit})
		return err
	})
	return got
}

// result records an attempt that was answered with the code.
func result(d *domain.Delivery, code int, now time.Time) ports.DeliveryResult {
	a := &domain.Attempt{
		ID: newID(), DeliveryID: d.ID, EndpointID: d.EndpointID, Number: d.AttemptsMade + 1, StartedAt: now, StatusCode: code,
		URL: "https://example.com/hook", Phases: domain.Phases{Total: 1500 * time.Microsecond},
	}
	if !a.OK() {
		a.ErrorClass, a.ErrorText = domain.ErrStatus, "It answered "+domain.StatusText(code)+"."
	}
	copied := *d
	copied.Record(a, domain.DefaultRetrySchedule, 0, 0, now)
	return ports.DeliveryResult{Delivery: &copied, Attempt: a}
}

func (s *store) finish(token uuid.UUID, rs ...ports.DeliveryResult) []uuid.UUID {
	s.Helper()
	var written []uuid.UUID
	s.tx(func(ctx context.Context, st ports.Stores) (err error) {
		written, err = st.Deliveries.Finish(ctx, token, rs)
		return err
	})
	return written
}

func (s *store) settle(now time.Time, ids ...uuid.UUID) int {
	s.Helper()
	var n int
	s.tx(func(ctx context.Context, st ports.Stores) (err error) {
		n, err = st.Outbox.Settle(ctx, ids, 100, now)
		return err
	})
	return n
}

func (s *store) findDelivery(id uuid.UUID) *domain.Delivery {
	s.Helper()
	d, err := s.db.Reads().Deliveries.Find(s.ctx, id)
	s.ok(err)
	return d
}

func (s *store) findEvent(id uuid.UUID) *domain.Event {
	s.Helper()
	e, err := s.db.Reads().Outbox.Find(s.ctx, id)
	s.ok(err)
	return e
}

func (s *store) findFile(id uuid.UUID) *domain.File {
	s.Helper()
	f, err := s.db.Reads().Files.Find(s.ctx, id)
	s.ok(err)
	return f
}

func deliveryIDs(ds []*domain.Delivery) map[uuid.UUID]bool {
	out := make(map[uuid.UUID]bool, len(ds))
	for _, d := range ds {
		out[d.ID] = true
	}
	return out
}

func fileIDs(fs []*domain.File) []uuid.UUID {
	out := make([]uuid.UUID, len(fs))
	for i, f := range fs {
		out[i] = f.ID
	}
	return out
}

var errOnPurpose = errors.New("on purpose")

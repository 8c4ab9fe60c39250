package portstest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Stats is the contract of ports.Stats. open returns an empty database and the
// figures that are taken from it.
func Stats(t *testing.T, open func(t *testing.T) (ports.Transactor, ports.Stats)) {
	for name, promise := range statsPromises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, st := open(t)
			promise(newStore(t, db), st)
		})
	}
}

var statsPromises = map[string]func(*store, ports.Stats){
	"backlogs come biggest first, and the oldest pending delivery before the others": func(s *store, st ports.Stats) {
		small, big, none := s.endpoint(nil), s.endpoint(nil), s.endpoint(nil)
		first := s.delivery(small, noon)
		s.deliveries(big, 3, noon.Add(time.Minute))
		token := newID()
		s.delivery(none, noon.Add(-time.Minute))
		s.finish(token, result(s.claim(token, 1, noon.Add(-time.Minute))[0], 200, noon))
		got, err := st.Backlogs(s.ctx)
		s.ok(err)
		want(s, "backlogs", got, []ports.Backlog{
			{EndpointID: big.ID, Name: "Billing", Active: true, Pending: 3, Oldest: noon.Add(time.Minute), Next: noon.Add(time.Minute)},
			{EndpointID: small.ID, Name: "Billing", Active: true, Pending: 1, Oldest: noon, Next: noon},
		})
		oldest, err := s.db.Reads().Deliveries.ListOldestPending(s.ctx, 2)
		s.ok(err)
		want(s, "oldest", []any{len(oldest), oldest[0].ID, oldest[1].EndpointID}, []any{2, first.ID, big.ID})
	},
	"files are counted by hour, outcome and owner": func(s *store, st ports.Stats) {
		u := s.user()
		hour := noon.Truncate(time.Hour)
		for _, size := range []int64{100, 250} {
			s.file(func(f *domain.File) {
				f.UploadedBy, f.Status, f.StoredAt, f.SizeBytes = &u.ID, domain.FileDeleted, ptr(noon), size
			})
		}
		s.file(func(f *domain.File) { f.Status = domain.FileFailed })
		s.file(nil) // still on its way
		s.file(func(f *domain.File) {
			f.CreatedAt, f.Status, f.StoredAt = noon.Add(time.Hour), domain.FileStored, ptr(noon)
		})
		s.file(func(f *domain.File) { f.CreatedAt = noon.Add(-24 * time.Hour) })
		got, err := st.FilesByHour(s.ctx, nil, hour, hour.Add(2*time.Hour))
		s.ok(err)
		want(s, "everybody's", got, []ports.FileHour{
			{Hour: hour, Stored: 2, Failed: 1, Bytes: 350, States: ports.FileStates{Uploading: 1, Failed: 1, Deleted: 2}}, {Hour: hour.Add(time.Hour), Stored: 1, States: ports.FileStates{Stored: 1}},
		})
		got, err = st.FilesByHour(s.ctx, &u.ID, hour, hour.Add(time.Hour))
		s.ok(err)
		want(s, "the user's", got, []ports.FileHour{{Hour: hour, Stored: 2, Bytes: 350, States: ports.FileStates{Deleted: 2}}})
	},
	"health sums up every endpoint, whole and by the hour": func(s *store, st ports.Stats) {
		ep, idle, silent := s.endpoint(nil), s.endpoint(nil), s.endpoint(nil)
		s.attempt(ep, 200, noon.Add(-48*time.Hour), time.Second)
		for i, code := range []int{200, 200, 500, 204} {
			s.attempt(ep, code, noon, time.Duration(i+1)*time.Millisecond)
		}
		s.attempt(ep, 0, noon, time.Microsecond) // no connection: counted, but no time to answer
		s.attempt(ep, 500, noon.Add(time.Hour), 9*time.Millisecond)
		s.attempt(silent, 0, noon, time.Minute)
		hour := noon.Truncate(time.Hour)
		of := map[uuid.UUID]ports.Health{
			ep.ID: {Delivered: 3, Failed: 3, Pending: 3, P50: 3 * time.Millisecond, P95: 9 * time.Millisecond, Hours: []ports.AttemptHour{
				{Hour: hour, OK: 3, Failed: 2, FirstTry: 3, P50: 2 * time.Millisecond, P95: 4 * time.Millisecond},
				{Hour: hour.Add(time.Hour), Failed: 1, P50: 9 * time.Millisecond, P95: 9 * time.Millisecond},
			}},
			idle.ID: {}, silent.ID: {Failed: 1, Pending: 1, Hours: []ports.AttemptHour{{Hour: hour, Failed: 1}}},
		}
		got, err := st.EndpointHealth(s.ctx, nil, hour)
		s.ok(err)
		want(s, "health", got, of)
		got, err = st.EndpointHealth(s.ctx, &ep.ID, hour)
		s.ok(err)
		want(s, "of one endpoint", got, map[uuid.UUID]ports.Health{ep.ID: of[ep.ID]})
	},
	"storage is what is kept": func(s *store, st ports.Stats) {
		s.stored(0, noon)
		s.stored(0, noon)
		s.file(nil)
		s.file(func(f *domain.File) { f.StoredAt, f.PurgedAt, f.SizeBytes = ptr(noon), ptr(noon), 7 })
		bytes, files, err := st.Storage(s.ctx, nil)
		s.ok(err)
		want(s, "bytes", bytes, int64(2000))
		want(s, "files", files, 2)
		u := s.user()
		s.file(func(f *domain.File) { f.UploadedBy, f.StoredAt, f.SizeBytes = &u.ID, ptr(noon), 5 })
		bytes, files, err = st.Storage(s.ctx, &u.ID)
		s.ok(err)
		want(s, "a user's bytes", bytes, int64(5))
		want(s, "a user's files", files, 1)
	},
	"deliveries of an endpoint are counted by status": func(s *store, st ports.Stats) {
		ep := s.endpoint(nil)
		s.attempt(ep, 200, noon, time.Millisecond)
		s.deliveries(ep, 3, noon)
		s.delivery(s.endpoint(nil), noon)
		got, err := st.DeliveriesByStatus(s.ctx, ep.ID)
		s.ok(err)
		for status, n := range map[domain.DeliveryStatus]int{domain.DeliveryPending: 3, domain.DeliveryDelivered: 1, domain.DeliveryFailed: 0} {
			want(s, string(status), got[status], n)
		}
	},
	"files know how many receivers have them": func(s *store, st ports.Stats) {
		e := s.owed("delivered", "pending", "failed")
		lone := s.owed("delivered")
		got, err := st.DeliveredOf(s.ctx, []uuid.UUID{e.AggregateID, lone.AggregateID, newID()})
		s.ok(err)
		want(s, "delivered", got, map[uuid.UUID][2]int{e.AggregateID: {1, 3}, lone.AggregateID: {1, 1}})
	},
}

// attempt sends a new delivery of the endpoint once.
func (s *store) attempt(ep *domain.Endpoint, code int, now time.Time, took time.Duration) {
	s.Helper()
	d := s.delivery(ep, now)
	token := newID()
	s.inTx(func(ctx context.Context, st ports.Stores) {
		d.LeaseToken, d.LeaseUntil = &token, ptr(now.Add(time.Minute))
		s.ok(st.Deliveries.Save(ctx, d))
		r := result(d, code, now)
		r.Attempt.Phases.Total = took
		written, err := st.Deliveries.Finish(ctx, token, []ports.DeliveryResult{r})
		s.ok(err)
		want(s, "written", len(written), 1)
	})
}

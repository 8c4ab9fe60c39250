package portstest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Counted is a database with what is counted of it.
type Counted struct {
	DB      ports.Transactor
	Stats   ports.Stats
	Charts  ports.Charts
	Figures ports.Figures
}

// Figures is the contract of ports.Figures and ports.Charts. open returns an
// empty database.
func Figures(t *testing.T, open func(t *testing.T) Counted) {
	for name, promise := range figurePromises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			promise(&counted{newStore(t, c.DB), c})
		})
	}
}

type counted struct {
	*store
	Counted
}

// fill fills as of then.
func (c *counted) fill(now time.Time) int {
	c.Helper()
	n, err := c.Figures.Fill(c.ctx, now)
	c.ok(err)
	return n
}

// asked is everything that hours answer for.
type asked struct {
	Files, Mine, Part []ports.FileHour
	Together          []ports.DeliveryHour
	Health, One       map[uuid.UUID]ports.Health
	Bytes, MineBytes  int64
	Kept, MineKept    int
}

func (c *counted) ask(owner, endpoint uuid.UUID) (a asked) {
	c.Helper()
	from, to := noon.Add(-40*24*time.Hour).Truncate(time.Hour), noon.Add(time.Hour)
	var errs [8]error
	a.Files, errs[0] = c.Stats.FilesByHour(c.ctx, nil, from, to)
	a.Mine, errs[1] = c.Stats.FilesByHour(c.ctx, &owner, from, to)
	a.Part, errs[2] = c.Stats.FilesByHour(c.ctx, nil, noon.Add(-49*time.Hour-30*time.Minute), noon.Add(-time.Minute))
	a.Together, errs[3] = c.Charts.DeliveriesByHour(c.ctx, from, to)
	a.Health, errs[4] = c.Stats.EndpointHealth(c.ctx, nil, from)
	a.One, errs[5] = c.Stats.EndpointHealth(c.ctx, &endpoint, from)
	a.Bytes, a.Kept, errs[6] = c.Stats.Storage(c.ctx, nil)
	a.MineBytes, a.MineKept, errs[7] = c.Stats.Storage(c.ctx, &owner)
	for _, err := range errs {
		c.ok(err)
	}
	return a
}

var figurePromises = map[string]func(*counted){
	"answers are the same before, meanwhile and after": func(c *counted) {
		u, ep, other := c.user(), c.endpoint(nil), c.endpoint(nil)
		for i, ago := range []time.Duration{0, 20 * time.Minute, 2 * time.Hour, 49*time.Hour + 10*time.Minute, 50 * time.Hour, 33 * 24 * time.Hour} {
			at := noon.Add(-ago)
			c.file(func(f *domain.File) {
				f.CreatedAt, f.UploadedBy, f.Status, f.StoredAt, f.SizeBytes = at, &u.ID, domain.FileStored, ptr(at.Add(time.Minute)), int64(100+i)
			})
			c.file(func(f *domain.File) {
				f.CreatedAt, f.Status, f.StoredAt, f.PurgedAt, f.SizeBytes = at, domain.FileDeleted, ptr(at), ptr(at.Add(time.Hour)), 7
			})
			c.file(func(f *domain.File) { f.CreatedAt, f.Status = at, domain.FileFailed })
			c.attempt(ep, 200, at, 3*time.Millisecond)
			c.attempt(ep, 500, at, time.Duration(i+5)*time.Millisecond)
			c.attempt(other, 0, at, time.Second)
		}
		before := c.ask(u.ID, ep.ID)
		if len(before.Files) != 5 || len(before.Mine) != 5 || before.MineKept != 6 || before.Bytes != 615 || before.Health[ep.ID].Failed != 6 {
			c.Fatalf("before: %+v", before)
		}
		for i, now := range []time.Time{noon.Add(-30 * time.Hour), noon.Add(-30 * time.Minute), noon, noon, noon.Add(3 * time.Hour)} {
			c.fill(now)
			want(c.store, "after pass "+string(rune('1'+i)), c.ask(u.ID, ep.ID), before)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if _, err := c.Figures.Fill(c.ctx, noon.Add(4*time.Hour)); err != nil {
					c.Error(err)
				}
			})
		}
		all.Wait()
		want(c.store, "after four passes at once", c.ask(u.ID, ep.ID), before)
	},
	"an empty database has none, and what comes later is counted": func(c *counted) {
		want(c.store, "hours", c.fill(noon), 0)
		u := c.user()
		c.file(func(f *domain.File) {
			f.CreatedAt, f.UploadedBy, f.Status, f.StoredAt, f.SizeBytes = noon.Add(-time.Minute), &u.ID, domain.FileStored, ptr(noon), 9
		})
		c.fill(noon.Add(2 * time.Hour))
		bytes, files, err := c.Stats.Storage(c.ctx, &u.ID)
		c.ok(err)
		want(c.store, "kept", []int64{bytes, int64(files)}, []int64{9, 1})
	},
	"what becomes of a file shows in the hour in which it was handed in": func(c *counted) {
		at := noon.Add(-26 * time.Hour)
		f := c.file(func(f *domain.File) { f.CreatedAt, f.UpdatedAt = at, at })
		hours := func() []ports.FileHour {
			got, err := c.Stats.FilesByHour(c.ctx, nil, noon.Add(-48*time.Hour), noon)
			c.ok(err)
			return got
		}
		c.fill(noon)
		hour := at.Truncate(time.Hour)
		want(c.store, "on its way", hours(), []ports.FileHour{{Hour: hour, States: ports.FileStates{Uploading: 1}}})
		f.Status, f.StoredAt, f.SizeBytes, f.SHA256 = domain.FileStored, ptr(noon), 50, "ab"
		c.tx(func(ctx context.Context, st ports.Stores) error { return st.Files.Move(ctx, f, domain.FileUploading) })
		c.fill(noon.Add(time.Hour))
		want(c.store, "stored", hours(), []ports.FileHour{{Hour: hour, Stored: 1, Bytes: 50, States: ports.FileStates{Stored: 1}}})
		f.Status, f.ProcessedAt = domain.FileProcessed, ptr(noon)
		c.tx(func(ctx context.Context, st ports.Stores) error { return st.Files.Move(ctx, f, domain.FileStored) })
		c.fill(noon.Add(2 * time.Hour))
		want(c.store, "processed", hours(), []ports.FileHour{{Hour: hour, Stored: 1, Bytes: 50, States: ports.FileStates{Processed: 1}}})
	},
	"storage is known for the end of each hour": func(c *counted) {
		u := c.user()
		at := noon.Truncate(time.Hour).Add(-10 * time.Hour)
		for i, size := range []int64{100, 20, 3} {
			c.file(func(f *domain.File) {
				f.CreatedAt = at.Add(time.Duration(i) * time.Hour)
				f.Status, f.StoredAt, f.SizeBytes = domain.FileStored, ptr(f.CreatedAt), size
				if i == 0 {
					f.UploadedBy = &u.ID
					f.Status, f.PurgedAt = domain.FileDeleted, ptr(at.Add(5*time.Hour))
				}
			})
		}
		got, err := c.Charts.StorageByHour(c.ctx, nil, at, noon)
		c.ok(err)
		want(c.store, "not filled", len(got), 0)
		c.fill(noon)
		got, err = c.Charts.StorageByHour(c.ctx, nil, at.Add(time.Hour), noon)
		c.ok(err)
		want(c.store, "everybody's", got, []ports.StorageHour{
			{Hour: at, Bytes: 100, Files: 1}, {Hour: at.Add(time.Hour), Bytes: 120, Files: 2}, {Hour: at.Add(2 * time.Hour), Bytes: 123, Files: 3}, {Hour: at.Add(5 * time.Hour), Bytes: 23, Files: 2},
		})
		got, err = c.Charts.StorageByHour(c.ctx, &u.ID, at, noon)
		c.ok(err)
		want(c.store, "the user's", got, []ports.StorageHour{{Hour: at, Bytes: 100, Files: 1}, {Hour: at.Add(5 * time.Hour)}})
	},
	"hours of attempts outlive the attempts": func(c *counted) {
		ep, at := c.endpoint(nil), noon.Add(-5*time.Hour)
		c.attempt(ep, 200, at, 3*time.Millisecond)
		c.fill(noon)
		c.tx(func(ctx context.Context, st ports.Stores) error {
			_, err := st.Attempts.DeleteBefore(ctx, noon, 10)
			return err
		})
		c.fill(noon.Add(time.Hour))
		got, err := c.Charts.DeliveriesByHour(c.ctx, noon.Add(-24*time.Hour), noon)
		c.ok(err)
		want(c.store, "together", got, []ports.DeliveryHour{{Hour: at.Truncate(time.Hour), OK: 1, FirstTry: 1, Answers: domain.Latencies{{Took: 3 * time.Millisecond, Times: 1}}}})
	},
	"the queue is as long as it was seen at most": func(c *counted) {
		ep, at := c.endpoint(nil), noon.Truncate(time.Hour)
		c.fill(at)
		c.deliveries(ep, 3, noon)
		c.fill(at.Add(5 * time.Minute))
		c.deliveries(ep, 2, noon)
		c.fill(at.Add(70 * time.Minute))
		got, err := c.Charts.QueueByHour(c.ctx, at, at.Add(2*time.Hour))
		c.ok(err)
		want(c.store, "queue", got, []ports.QueueHour{{Hour: at, Pending: 3}, {Hour: at.Add(time.Hour), Pending: 5}})
	},
}

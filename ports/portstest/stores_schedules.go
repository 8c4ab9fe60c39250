package portstest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

func schedule(name string, task domain.Task, next time.Time) *domain.Schedule {
	return &domain.Schedule{ID: newID(), Name: name, Task: task, Every: 5 * time.Minute, Enabled: true, NextRunAt: next, CreatedAt: noon, UpdatedAt: noon}
}

// schedules inserts them and returns them.
func (s *store) schedules(all ...*domain.Schedule) []*domain.Schedule {
	s.Helper()
	s.inTx(func(ctx context.Context, st ports.Stores) {
		for _, sc := range all {
			s.ok(st.Schedules.Insert(ctx, sc))
		}
	})
	return all
}

func (s *store) findSchedule(id uuid.UUID) *domain.Schedule {
	s.Helper()
	got, err := s.db.Reads().Schedules.Find(s.ctx, id)
	s.ok(err)
	return got
}

var schedulePromises = map[string]func(*store){
	"schedules are seeded once, whatever their names are now": func(s *store) {
		seed := func(next time.Time) {
			sweep, cleanup := schedule("sweep", domain.TaskSweep, next), schedule("cleanup", domain.TaskOutboxCleanup, next)
			sweep.Seed, cleanup.Seed = "sweep", "cleanup"
			s.inTx(func(ctx context.Context, st ports.Stores) {
				s.ok(st.Schedules.Seed(ctx, []*domain.Schedule{sweep, cleanup}))
			})
		}
		seed(noon)
		renamed := s.findSchedule(s.listSchedules(ports.ListQuery{Search: "cleanup"})[0].ID)
		renamed.Name = "another name"
		s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Schedules.Save(ctx, renamed)) })
		s.schedules(schedule("mine", domain.TaskSweep, noon), schedule("mine too", domain.TaskSweep, noon))
		seed(noon.Add(time.Hour))
		want(s, "schedules", len(s.listSchedules(ports.ListQuery{})), 4)
		want(s, "next", s.findSchedule(renamed.ID).NextRunAt, noon)
	},
	"a schedule comes back as it went in, and is found by filters": func(s *store) {
		sc := &domain.Schedule{
			ID: newID(), Name: "Nightly", Task: domain.TaskStorage, Cron: "45 2 * * *", Enabled: true, NextRunAt: noon.Add(time.Hour),
			LastRunAt: ptr(noon), LastDuration: 1500 * time.Microsecond, LastResult: "removed 3", LastError: "none", CreatedAt: noon, UpdatedAt: noon,
		}
		off := schedule("Off", domain.TaskSweep, noon)
		off.Enabled = false
		s.schedules(sc, off)
		want(s, "schedule", s.findSchedule(sc.ID), sc)
		for query, q := range map[string]ports.ListQuery{
			"enabled": {Filters: map[string][]string{"enabled": {"true"}}}, "task": {Filters: map[string][]string{"task": {"storage.sweep"}}},
			"name": {Search: "night"}, "id": {Search: sc.ID.String()},
		} {
			got := s.listSchedules(q)
			want(s, query, len(got), 1)
			want(s, query, got[0].ID, sc.ID)
		}
		_, err := s.db.Reads().Schedules.Find(s.ctx, newID())
		wantCode(s.T, err, domain.NotFound)
		err = s.try(func(ctx context.Context, st ports.Stores) error {
			return st.Schedules.Insert(ctx, schedule("Off", domain.TaskSweep, noon))
		})
		wantCode(s.T, err, domain.Conflict)
		off.Name = "Nightly"
		err = s.try(func(ctx context.Context, st ports.Stores) error { return st.Schedules.Save(ctx, off) })
		wantCode(s.T, err, domain.Conflict)
	},
	"a due schedule is advanced by one scheduler, one that is off by none": func(s *store) {
		due, off := schedule("due", domain.TaskSweep, noon), schedule("off", domain.TaskSweep, noon)
		off.Enabled = false
		s.schedules(due, off, schedule("later", domain.TaskStorage, noon.Add(time.Hour)))
		got, err := s.db.Reads().Schedules.ListDue(s.ctx, noon)
		s.ok(err)
		want(s, "due", len(got), 1)
		want(s, "due", got[0].ID, due.ID)
		var won atomic.Int32
		var crowd sync.WaitGroup
		for range 4 {
			crowd.Go(func() {
				err := s.try(func(ctx context.Context, st ports.Stores) error {
					ok, err := st.Schedules.Advance(ctx, due.ID, noon, noon.Add(5*time.Minute))
					if ok {
						won.Add(1)
					}
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		crowd.Wait()
		want(s, "winners", won.Load(), 1)
		want(s, "whose change it is", s.findSchedule(due.ID).UpdatedAt, noon)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			ok, err := st.Schedules.Advance(ctx, off.ID, noon, noon.Add(time.Hour))
			s.ok(err)
			want(s, "one that is off", ok, false)
		})
	},
	"a schedule goes with its runs": func(s *store) {
		sc := s.schedules(schedule("a", domain.TaskSweep, noon))[0]
		s.queue(sc, domain.RunDue, noon, true)
		s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Schedules.Delete(ctx, sc.ID)) })
		want(s, "runs", len(s.runs(sc, 10)), 0)
		err := s.try(func(ctx context.Context, st ports.Stores) error { return st.Schedules.Delete(ctx, sc.ID) })
		wantCode(s.T, err, domain.NotFound)
	},
}

func (s *store) listSchedules(q ports.ListQuery) []*domain.Schedule {
	s.Helper()
	page, err := s.db.Reads().Schedules.List(s.ctx, q)
	s.ok(err)
	return page.Items
}

func (s *store) queue(sc *domain.Schedule, cause domain.RunCause, at time.Time, wanted bool) *domain.ScheduleRun {
	s.Helper()
	r := domain.NewRun(newID(), sc, cause, at, at)
	s.inTx(func(ctx context.Context, st ports.Stores) {
		ok, err := st.Runs.Queue(ctx, r)
		s.ok(err)
		want(s, "queued", ok, wanted)
	})
	return r
}

func (s *store) claimRuns(task domain.Task, at time.Time) []*domain.ScheduleRun {
	s.Helper()
	var got []*domain.ScheduleRun
	s.inTx(func(ctx context.Context, st ports.Stores) {
		var err error
		got, err = st.Runs.Claim(ctx, task, at, at.Add(time.Minute))
		s.ok(err)
	})
	return got
}

func (s *store) endRun(r *domain.ScheduleRun, wanted bool, from ...domain.RunState) {
	s.Helper()
	s.inTx(func(ctx context.Context, st ports.Stores) {
		ok, err := st.Runs.End(ctx, r, from...)
		s.ok(err)
		want(s, "ended", ok, wanted)
	})
}

func (s *store) runs(sc *domain.Schedule, n int) []*domain.ScheduleRun {
	s.Helper()
	got, err := s.db.Reads().Runs.Recent(s.ctx, []uuid.UUID{sc.ID}, n)
	s.ok(err)
	return got[sc.ID]
}

var runPromises = map[string]func(*store){
	"one run of a schedule waits, and a due time has one run": func(s *store) {
		sc := s.schedules(schedule("a", domain.TaskSweep, noon))[0]
		first := s.queue(sc, domain.RunDue, noon, true)
		s.queue(sc, domain.RunAsked, noon.Add(time.Second), false)
		waiting, err := s.db.Reads().Runs.Waiting(s.ctx)
		s.ok(err)
		want(s, "waiting", waiting, []domain.Task{domain.TaskSweep})
		claimed := s.claimRuns(domain.TaskSweep, noon.Add(time.Second))
		want(s, "claimed", len(claimed), 1)
		first.State, first.StartedAt, first.LeaseUntil = domain.RunRunning, ptr(noon.Add(time.Second)), ptr(noon.Add(61*time.Second))
		want(s, "claimed", claimed[0], first)
		want(s, "kept", s.runs(sc, 10), []*domain.ScheduleRun{first})
		s.queue(sc, domain.RunDue, noon, false)
		s.queue(sc, domain.RunAsked, noon.Add(2*time.Second), true)
	},
	"runs of all schedules of a task are claimed by one": func(s *store) {
		for _, sc := range s.schedules(schedule("a", domain.TaskSweep, noon), schedule("b", domain.TaskSweep, noon), schedule("c", domain.TaskStorage, noon)) {
			s.queue(sc, domain.RunDue, noon, true)
		}
		var got atomic.Int32
		var crowd sync.WaitGroup
		for range 4 {
			crowd.Go(func() {
				err := s.try(func(ctx context.Context, st ports.Stores) error {
					runs, err := st.Runs.Claim(ctx, domain.TaskSweep, noon, noon.Add(time.Minute))
					got.Add(int32(len(runs)))
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		crowd.Wait()
		want(s, "claimed", got.Load(), 2)
	},
	"the end of a run is written once and noted on its schedule": func(s *store) {
		sc := s.schedules(schedule("a", domain.TaskSweep, noon))[0]
		s.queue(sc, domain.RunDue, noon, true)
		r := s.claimRuns(domain.TaskSweep, noon)[0]
		r.End("3 settled", "", noon.Add(1500*time.Microsecond))
		s.endRun(r, true, domain.RunRunning, domain.RunLost)
		want(s, "run", s.runs(sc, 1)[0], r)
		sc.LastRunAt, sc.LastDuration, sc.LastResult = ptr(noon), 1500*time.Microsecond, "3 settled"
		want(s, "schedule", s.findSchedule(sc.ID), sc)
		late := *r
		late.Lose(noon.Add(time.Hour))
		s.endRun(&late, false, domain.RunRunning)
		want(s, "run", s.runs(sc, 1)[0], r)
	},
	"a run whose lease ended is stale, and may come back": func(s *store) {
		sc := s.schedules(schedule("a", domain.TaskSweep, noon))[0]
		s.queue(sc, domain.RunDue, noon, true)
		r := s.claimRuns(domain.TaskSweep, noon)[0]
		stale := func(at time.Time) int {
			got, err := s.db.Reads().Runs.Stale(s.ctx, at)
			s.ok(err)
			return len(got)
		}
		want(s, "stale within the lease", stale(noon.Add(time.Minute)), 0)
		s.inTx(func(ctx context.Context, st ports.Stores) {
			s.ok(st.Runs.Renew(ctx, []uuid.UUID{r.ID}, noon.Add(2*time.Minute)))
		})
		want(s, "stale after a renewal", stale(noon.Add(90*time.Second)), 0)
		want(s, "stale", stale(noon.Add(3*time.Minute)), 1)
		lost := *r
		lost.Lose(noon.Add(3 * time.Minute))
		s.endRun(&lost, true, domain.RunRunning)
		want(s, "told", s.findSchedule(sc.ID).LastError, lost.Failure)
		r.End("late", "", noon.Add(4*time.Minute))
		s.endRun(r, true, domain.RunRunning, domain.RunLost)
		want(s, "told", s.findSchedule(sc.ID).LastResult, "late")
	},
	"the newest runs are kept": func(s *store) {
		sc, other := schedule("a", domain.TaskSweep, noon), schedule("b", domain.TaskStorage, noon)
		s.schedules(sc, other)
		s.queue(other, domain.RunDue, noon, true)
		for i := range 5 {
			s.queue(sc, domain.RunDue, noon.Add(time.Duration(i)*time.Minute), true)
			r := s.claimRuns(domain.TaskSweep, noon)[0]
			r.End("", "", noon)
			s.endRun(r, true, domain.RunRunning)
		}
		last := s.queue(sc, domain.RunAsked, noon.Add(time.Hour), true)
		s.inTx(func(ctx context.Context, st ports.Stores) { s.ok(st.Runs.Trim(ctx, sc.ID, 3)) })
		got := s.runs(sc, 10)
		want(s, "runs", len(got), 3)
		want(s, "newest", got[0].ID, last.ID)
		want(s, "of another", len(s.runs(other, 10)), 1)
		want(s, "the newest two", len(s.runs(sc, 2)), 2)
	},
}

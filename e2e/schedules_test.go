package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"doorito/domain"
	"doorito/e2e/portal"
	"doorito/e2e/services"
	"doorito/e2e/world"
	"doorito/ports"
)

// office is two schedulers and a worker, with a schedule of every second.
type office struct {
	*world.World
	env        []string
	schedulers []*portal.Portal
	worker     *portal.Portal
	schedule   *domain.Schedule
}

func newOffice(t *testing.T) (o *office, url string) {
	t.Helper()
	url = world.Postgres(t)
	o = &office{World: world.New(t, url), env: []string{"DATABASE_URL=" + url, "REDIS_URL=" + services.Redis(t).URL}}
	for range 2 {
		o.schedulers = append(o.schedulers, portal.MustStart(t, portal.Options{Role: "scheduler", Env: o.env}))
	}
	o.worker = portal.MustStart(t, portal.Options{Role: "worker", Env: o.env})
	now := time.Now().UTC().Truncate(time.Microsecond)
	o.schedule = &domain.Schedule{ID: uuid.Must(uuid.NewV7()), Name: "Every second", Task: domain.TaskAttempts, Every: time.Second, Enabled: true, NextRunAt: now, CreatedAt: now, UpdatedAt: now}
	err := o.DB.InTx(t.Context(), func(ctx context.Context, s ports.Stores) error { return s.Schedules.Insert(ctx, o.schedule) })
	if err != nil {
		t.Fatal(err)
	}
	return o, url
}

// runs waits until the runs are as wished, and returns them, the newest first.
func (o *office) runs(t *testing.T, limit time.Duration, what string, wished func([]*domain.ScheduleRun) bool) []*domain.ScheduleRun {
	t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(limit); time.Now().Before(end); <-look.C {
		all, err := o.DB.Reads().Runs.Recent(t.Context(), []uuid.UUID{o.schedule.ID}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if got := all[o.schedule.ID]; wished(got) {
			return got
		}
	}
	t.Fatalf("no %s within %s", what, limit)
	return nil
}

func done(n int) func([]*domain.ScheduleRun) bool {
	return func(runs []*domain.ScheduleRun) bool {
		ended := 0
		for _, r := range runs {
			if r.State == domain.RunDone {
				ended++
			}
		}
		return ended >= n
	}
}

func TestTwoSchedulersRunADueTimeOnceAndOneGoesOnAlone(t *testing.T) {
	t.Parallel()
	o, _ := newOffice(t)
	o.runs(t, time.Minute, "five runs", done(5))
	o.schedulers[0].Kill()
	o.runs(t, time.Minute, "five more", done(10))
	// Off, so that nothing runs while it is counted.
	o.schedulers[1].MustCLI(t, "schedule", "disable", "every second")
	runs := o.runs(t, time.Minute, "the end of the last one", func(runs []*domain.ScheduleRun) bool { return done(len(runs))(runs) })
	seen := map[time.Time]bool{}
	for _, r := range runs {
		if r.Cause != domain.RunDue || seen[r.DueAt] || r.DueAt.Sub(o.schedule.NextRunAt)%time.Second != 0 {
			t.Errorf("a run twice or out of its rhythm: %+v", r)
		}
		seen[r.DueAt] = true
	}
	// The worker tells of a task after its end is in the database; its log is
	// whole when it has ended.
	if err := o.worker.Stop(); err != nil {
		t.Fatal(err)
	}
	ran := strings.Count(o.worker.Log(), `"result":"removed 0 attempts"`)
	if ran != len(runs) {
		t.Errorf("%d runs, and the worker did the task %d times", len(runs), ran)
	}
}

func TestARunWhoseWorkerIsKilledIsLostAndTheNextComes(t *testing.T) {
	t.Parallel()
	o, url := newOffice(t)
	o.runs(t, time.Minute, "a run", done(1))
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	hold, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold.Exec(t.Context(), "LOCK TABLE delivery_attempts IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	locked := time.Now()
	stuck := func(state domain.RunState) func([]*domain.ScheduleRun) bool {
		return func(runs []*domain.ScheduleRun) bool {
			for _, r := range runs {
				if r.State == state {
					return true
				}
			}
			return false
		}
	}
	o.runs(t, time.Minute, "a run that hangs", func(runs []*domain.ScheduleRun) bool {
		return slices.ContainsFunc(runs, func(r *domain.ScheduleRun) bool {
			return r.State == domain.RunRunning && r.StartedAt != nil && r.StartedAt.After(locked) // not one that ends just now
		})
	})
	o.worker.Kill()
	if err := hold.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	portal.MustStart(t, portal.Options{Role: "worker", Env: o.env})
	o.runs(t, 90*time.Second, "lost run", stuck(domain.RunLost))
	o.runs(t, 2*time.Minute, "run after the lost one", func(runs []*domain.ScheduleRun) bool {
		for _, r := range runs {
			if r.State == domain.RunDone || r.State == domain.RunLost {
				return r.State == domain.RunDone
			}
		}
		return false
	})
}

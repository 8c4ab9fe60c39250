package upkeep_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/worker"
	"doorito/app/upkeep"
	"doorito/domain"
	"doorito/e2e/world"
	"doorito/ports"
	"doorito/ports/usecase"
)

func scheduler(w *world.World) *upkeep.Scheduler {
	return &upkeep.Scheduler{DB: w.DB, Tasks: w.Tasks, Cron: worker.Cron{}, Clock: w.Clock, IDs: w.IDs, Log: w.Log}
}

func schedules(w *world.World) *upkeep.Schedules {
	return &upkeep.Schedules{DB: w.DB, Tasks: w.Tasks, Cron: worker.Cron{}, Clock: w.Clock, IDs: w.IDs, Log: w.Log}
}

func seed(t *testing.T, w *world.World) {
	t.Helper()
	if err := scheduler(w).Seed(context.Background(), upkeep.Intervals{Sweep: 5 * time.Minute, FilesCleanup: 6, OutboxCleanup: 6}); err != nil {
		t.Fatal(err)
	}
}

func tick(t *testing.T, w *world.World) int {
	t.Helper()
	n, err := scheduler(w).Tick(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// the schedule of a task, with its runs.
func of(t *testing.T, w *world.World, task domain.Task) *usecase.ScheduleDetail {
	t.Helper()
	page, err := schedules(w).List(context.Background(), domain.System(), ports.ListQuery{Filters: map[string][]string{"task": {string(task)}}})
	if err != nil || len(page.Items) != 1 {
		t.Fatal(page.Items, err)
	}
	d, err := schedules(w).Find(context.Background(), domain.System(), page.Items[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheSettingsSeedWhatTheSpecificationSays(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		seed(t, w)
		got := map[string]string{}
		page, err := schedules(w).List(context.Background(), domain.System(), ports.ListQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Items {
			got[s.Name] = s.Words()
		}
		for name, words := range map[string]string{
			"Outbox sweep": "every 5 minutes", "Outbox cleanup": "every 6 hours", "Uploads cleanup": "every 6 hours", "Expiring notice": "every hour",
			"Abandoned-session cleanup": "every hour, at :30", "Attempt retention": "every day at 03:15", "Storage sweep": "every day at 02:45",
		} {
			if got[name] != words {
				t.Errorf("%s runs %q, not %q", name, got[name], words)
			}
		}
		next := of(t, w, domain.TaskFilesCleanup).Next
		for i, hour := range []int{12, 18, 0, 6, 12} {
			if next[i].Hour() != hour || next[i].Minute() != 0 {
				t.Errorf("run %d of the uploads cleanup is at %s", i, next[i])
			}
		}
	})
}

func TestTwoSchedulersQueueARunOnce(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		seed(t, w)
		others := []*world.World{w, w.Another(t), w.Another(t)}
		for round := range 4 {
			w.Clock.Advance(5*time.Minute + time.Second)
			sum := make(chan int, len(others))
			for _, o := range others {
				go func() {
					n, err := scheduler(o).Tick(ctx)
					if err != nil {
						t.Error(err)
					}
					sum <- n
				}()
			}
			// The sweep is due each time; the figures once, since nobody runs them here.
			if total := <-sum + <-sum + <-sum; total != 1 && (round > 0 || total != 2) {
				t.Errorf("round %d: queued %d times", round, total)
			}
			results := make(chan string, len(others))
			for _, o := range others {
				go func() {
					result, err := o.Upkeep.Do(ctx, domain.TaskSweep)
					if err != nil {
						t.Error(err)
					}
					results <- result
				}()
			}
			ran := 0
			for range others {
				if <-results != "nothing was due" {
					ran++
				}
			}
			if ran != 1 {
				t.Errorf("round %d: ran %d times", round, ran)
			}
		}
		d := of(t, w, domain.TaskSweep)
		if len(d.Runs) != 4 || d.LastRunAt == nil || d.LastResult == "" || !d.NextRunAt.After(w.Clock.Now()) {
			t.Errorf("the runs are not noted: %d runs, %+v", len(d.Runs), d.Schedule)
		}
		for _, r := range d.Runs {
			if r.State != domain.RunDone || r.Cause != domain.RunDue || r.Result == "" {
				t.Errorf("a run was left as %+v", r)
			}
		}
	})
}

func TestARunWhoseProcessDiedIsLostAndTheNextOneComes(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		seed(t, w)
		w.Clock.Advance(5*time.Minute + time.Second)
		tick(t, w)
		// A worker takes the run and is killed in the middle.
		err := w.Another(t).DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
			runs, err := s.Runs.Claim(ctx, domain.TaskSweep, w.Clock.Now(), w.Clock.Now().Add(domain.RunLease))
			if len(runs) != 1 {
				t.Errorf("claimed %d", len(runs))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		tick(t, w)
		if r := of(t, w, domain.TaskSweep).Runs[0]; r.State != domain.RunRunning {
			t.Fatalf("lost too early: %+v", r)
		}
		if got := do(t, w, domain.TaskSweep); got != "nothing was due" {
			t.Errorf("run beside the one that runs: %q", got)
		}
		w.Clock.Advance(domain.RunLease + time.Second)
		tick(t, w)
		d := of(t, w, domain.TaskSweep)
		if d.Runs[0].State != domain.RunLost || !strings.Contains(d.LastError, "died") {
			t.Fatalf("not lost: %+v", d.Runs[0])
		}
		w.Clock.Advance(5 * time.Minute)
		if n := tick(t, w); n != 1 {
			t.Fatalf("the next run is not queued: %d", n)
		}
		do(t, w, domain.TaskSweep)
		if d = of(t, w, domain.TaskSweep); len(d.Runs) != 2 || d.Runs[0].State != domain.RunDone || d.LastError != "" {
			t.Errorf("the next run: %+v", d.Runs[0])
		}
	})
}

func TestAFailedRunIsTriedAgainWhenTheQueueAsks(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		seed(t, w)
		id := of(t, w, domain.TaskStorage).ID
		if n, err := schedules(w).Run(ctx, domain.System(), []uuid.UUID{id}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		broken := *w.Upkeep
		broken.Inventory = brokenInventory{}
		if _, err := broken.Do(ctx, domain.TaskStorage); err == nil {
			t.Fatal("no error")
		}
		d := of(t, w, domain.TaskStorage)
		if d.Runs[0].State != domain.RunFailed || d.Runs[0].Cause != domain.RunAsked || d.Runs[0].AskedBy != "system" || !strings.Contains(d.LastError, "the bucket is away") {
			t.Errorf("the failure: %+v", d.Runs[0])
		}
		do(t, w, domain.TaskStorage)
		if d = of(t, w, domain.TaskStorage); len(d.Runs) != 2 || d.Runs[0].State != domain.RunDone || d.Runs[0].Cause != domain.RunAgain || d.LastError != "" {
			t.Errorf("again: %+v", d.Runs[0])
		}
		if got := do(t, w, domain.TaskStorage); got != "nothing was due" {
			t.Errorf("a third time: %q", got)
		}
	})
}

type brokenInventory struct{}

func (brokenInventory) Holdings(context.Context, string, func([]ports.Holding) error) error {
	return errors.New("the bucket is away")
}

func TestAStartingWorkerGetsASweepUnlessItIsOff(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		seed(t, w)
		sweep := of(t, w, domain.TaskSweep)
		for range 2 {
			if err := scheduler(w).Begin(ctx); err != nil {
				t.Fatal(err)
			}
		}
		do(t, w, domain.TaskSweep)
		if d := of(t, w, domain.TaskSweep); len(d.Runs) != 1 || d.Runs[0].Cause != domain.RunStart {
			t.Errorf("runs: %+v", d.Runs)
		}
		if n, err := schedules(w).Switch(ctx, domain.System(), []uuid.UUID{sweep.ID}, false); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if err := scheduler(w).Begin(ctx); err != nil {
			t.Fatal(err)
		}
		if d := of(t, w, domain.TaskSweep); len(d.Runs) != 1 || len(d.Next) != 0 {
			t.Errorf("it is off: %+v", d)
		}
	})
}

func TestChangesCountFromTheNextTickOn(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		seed(t, w)
		admin := w.MustUser(t, "ines@example.com", domain.RoleAdmin)
		sc := of(t, w, domain.TaskExpiring).Schedule
		f := domain.ScheduleFormOf(sc)
		f.When = "every 2m"
		changed, err := schedules(w).Change(ctx, admin, sc.ID, f, sc.UpdatedAt)
		if err != nil || !changed.NextRunAt.Equal(w.Clock.Now().Add(2*time.Minute)) {
			t.Fatalf("%+v, %v", changed, err)
		}
		if _, err := schedules(w).Change(ctx, admin, sc.ID, f, sc.UpdatedAt.Add(-time.Second)); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("a form out of date: %v", err)
		}
		w.Clock.Advance(2*time.Minute + time.Second)
		if n := tick(t, w); n != 1 {
			t.Errorf("queued %d", n)
		}
		// An outage of an hour is one run late, in the same rhythm as before.
		do(t, w, domain.TaskExpiring)
		w.Clock.Advance(time.Hour)
		tick(t, w)
		if d := of(t, w, domain.TaskExpiring); len(d.Runs) != 2 || !d.NextRunAt.Equal(changed.NextRunAt.Add(62*time.Minute)) || d.UpdatedAt != changed.UpdatedAt {
			t.Errorf("after an outage: %d runs, next %s", len(d.Runs), d.NextRunAt)
		}
		history, err := w.DB.Reads().Audit.ListOf(ctx, "schedule", sc.ID, 10)
		if err != nil || len(history) != 1 || history[0].Changes["when"] != "0 * * * * → every 2m" || history[0].ActorName != admin.Name {
			t.Errorf("the history: %+v, %v", history, err)
		}
	})
}

func TestAScheduleOfOnesOwnIsAddedAndDeletedTheOthersStay(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		seed(t, w)
		s := schedules(w)
		for field, f := range map[string]domain.ScheduleForm{
			"name": {Task: domain.TaskSweep, When: "every 5m"}, "task": {Name: "x", Task: domain.TaskRelay, When: "every 5m"},
			"when": {Name: "x", Task: domain.TaskSweep, When: "0 24 * * *"},
		} {
			_, err := s.Add(ctx, domain.System(), f)
			var e *domain.Error
			if !errors.As(err, &e) || e.Code != domain.Invalid || e.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := s.Add(ctx, domain.System(), domain.ScheduleForm{Name: "Outbox sweep", Task: domain.TaskSweep, When: "every 5m"}); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("a name that is taken: %v", err)
		}
		own, err := s.Add(ctx, domain.System(), domain.ScheduleForm{Name: "Nightly sweep", Task: domain.TaskSweep, When: "0 3 * * *", Enabled: true})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.FindByName(ctx, domain.System(), "nightly SWEEP"); err != nil || got.ID != own.ID {
			t.Errorf("by name: %+v, %v", got, err)
		}
		brought, err := s.FindByName(ctx, domain.System(), "Outbox sweep")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Delete(ctx, domain.System(), []uuid.UUID{own.ID, brought.ID}); !domain.IsCode(err, domain.Conflict) {
			t.Errorf("deleting what the portal brought: %v", err)
		}
		if n, err := s.Delete(ctx, domain.System(), []uuid.UUID{own.ID}); n != 1 || err != nil {
			t.Errorf("deleting one's own: %d, %v", n, err)
		}
	})
}

func TestSchedulesAreForAdmins(t *testing.T) {
	t.Parallel()
	world.Each(t, func(t *testing.T, w *world.World) {
		ctx := context.Background()
		s, staff := schedules(w), w.MustUser(t, "priya@example.com", domain.RoleStaff)
		for who, c := range map[string]struct {
			actor domain.Actor
			want  domain.Code
		}{"staff": {staff, domain.Forbidden}, "nobody": {domain.Actor{}, domain.Unauthenticated}} {
			_, list := s.List(ctx, c.actor, ports.ListQuery{})
			_, find := s.Find(ctx, c.actor, uuid.New())
			_, name := s.FindByName(ctx, c.actor, "x")
			_, preview := s.Preview(ctx, c.actor, "every 5m")
			_, add := s.Add(ctx, c.actor, domain.ScheduleForm{})
			_, change := s.Change(ctx, c.actor, uuid.New(), domain.ScheduleForm{}, time.Time{})
			_, flip := s.Switch(ctx, c.actor, nil, true)
			_, run := s.Run(ctx, c.actor, nil)
			_, del := s.Delete(ctx, c.actor, nil)
			for what, err := range map[string]error{"list": list, "find": find, "name": name, "preview": preview, "add": add, "change": change, "switch": flip, "run": run, "delete": del} {
				if !domain.IsCode(err, c.want) {
					t.Errorf("%s may %s: %v", who, what, err)
				}
			}
		}
	})
}

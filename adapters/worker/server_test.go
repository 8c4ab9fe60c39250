package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"doorito/adapters/worker"
	"doorito/domain"
)

// onPlaces runs a test on Redis and on the embedded queue.
func onPlaces(t *testing.T, test func(*testing.T, *worker.Redis)) {
	t.Parallel()
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			test(t, p.open(t))
		})
	}
}

func TestATaskIsDoneOnceAndItsResultKept(t *testing.T) {
	onPlaces(t, func(t *testing.T, r *worker.Redis) {
		var runs atomic.Int32
		log := &lines{}
		serve(t, r, func(ctx context.Context, task domain.Task) (string, error) {
			runs.Add(1)
			if end, ok := ctx.Deadline(); !ok || time.Until(end) > time.Minute {
				t.Errorf("deadline of %s: %v, %v", task, end, ok)
			}
			return "relayed 12 events, sent 31 deliveries", nil
		}, slog.New(slog.NewTextHandler(log, nil)), time.Second)
		enqueue(t, r, domain.TaskRelay)
		in := inspect(t, r)
		var done []*asynq.TaskInfo
		waitFor(t, "the task to be done", func() bool {
			done, _ = in.ListCompletedTasks("relay")
			return len(done) == 1
		})
		if string(done[0].Result) != "relayed 12 events, sent 31 deliveries" || done[0].Type != "relay.run" || runs.Load() != 1 {
			t.Fatalf("%+v after %d runs", done[0], runs.Load())
		}
		waitFor(t, "the log line", func() bool { return strings.Contains(log.String(), "duration_ms=") })
		if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), `result="relayed 12 events`) {
			t.Fatalf("%d lines: %s", n, log)
		}
		enqueue(t, r, domain.TaskRelay)
		waitFor(t, "the second run", func() bool { return runs.Load() == 2 })
	})
}

func TestATaskThatFailsIsTriedAgainAndItsErrorShown(t *testing.T) {
	onPlaces(t, func(t *testing.T, r *worker.Redis) {
		log := &lines{}
		serve(t, r, func(context.Context, domain.Task) (string, error) { return "", errors.New("the database is away") },
			slog.New(slog.NewTextHandler(log, nil)), time.Second)
		enqueue(t, r, domain.TaskSweep)
		in := inspect(t, r)
		waitFor(t, "a retry", func() bool {
			retry, _ := in.ListRetryTasks("housekeeping")
			return len(retry) == 1 && strings.Contains(retry[0].LastErr, "the database is away")
		})
		if !strings.Contains(log.String(), `error="the database is away"`) {
			t.Fatal(log)
		}
	})
}

func TestATaskThatCannotBeHelpedIsArchivedAtOnce(t *testing.T) {
	onPlaces(t, func(t *testing.T, r *worker.Redis) {
		serve(t, r, func(context.Context, domain.Task) (string, error) {
			return "", domain.Errorf(domain.Invalid, "no such task")
		}, quiet, time.Second)
		enqueue(t, r, domain.TaskDelivery)
		client := closing(t, asynq.NewClient(r))
		if _, err := client.Enqueue(asynq.NewTask("of.tomorrow", nil), asynq.Queue("delivery")); err != nil {
			t.Fatal(err)
		}
		in := inspect(t, r)
		waitFor(t, "both to be archived", func() bool {
			archived, _ := in.ListArchivedTasks("delivery")
			return len(archived) == 2
		})
	})
}

func TestAPanicIsAFailureOfItsTaskAlone(t *testing.T) {
	t.Parallel()
	r := embedded(t)
	log := &lines{}
	var calm atomic.Bool
	serve(t, r, func(_ context.Context, task domain.Task) (string, error) {
		if task == domain.TaskSweep {
			panic("at the disco")
		}
		calm.Store(true)
		return "", nil
	}, slog.New(slog.NewTextHandler(log, nil)), time.Second)
	enqueue(t, r, domain.TaskSweep)
	waitFor(t, "the panic's stack in the log", func() bool {
		return strings.Contains(log.String(), "at the disco") && strings.Contains(log.String(), "server_test.go")
	})
	enqueue(t, r, domain.TaskSessions)
	waitFor(t, "the other task", calm.Load)
}

func TestShutdownLetsATaskWriteWhatItHas(t *testing.T) {
	onPlaces(t, func(t *testing.T, r *worker.Redis) {
		begun := make(chan struct{})
		stop := serve(t, r, func(ctx context.Context, _ domain.Task) (string, error) {
			close(begun)
			<-ctx.Done()
			return "sent 3 of 7", nil
		}, quiet, 8*time.Second)
		enqueue(t, r, domain.TaskDelivery)
		<-begun
		start := time.Now()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 11*time.Second {
			t.Errorf("shutdown took %s", took)
		}
		done, err := inspect(t, r).ListCompletedTasks("delivery")
		if err != nil || len(done) != 1 || string(done[0].Result) != "sent 3 of 7" {
			t.Fatal(done, err)
		}
	})
}

func TestATaskThatIgnoresShutdownGoesBackToTheQueue(t *testing.T) {
	t.Parallel()
	r := embedded(t)
	begun, free := make(chan struct{}), make(chan struct{})
	defer close(free)
	stop := serve(t, r, func(context.Context, domain.Task) (string, error) {
		close(begun)
		<-free
		return "", nil
	}, quiet, time.Second)
	enqueue(t, r, domain.TaskFilesCleanup)
	<-begun
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if got := waiting(t, r); len(got) != 1 {
		t.Fatalf("waiting: %v", got)
	}
}

func TestATaskStoppedByShutdownIsNoFailure(t *testing.T) {
	t.Parallel()
	r := embedded(t)
	begun := make(chan struct{})
	stop := serve(t, r, func(ctx context.Context, _ domain.Task) (string, error) {
		close(begun)
		<-ctx.Done()
		return "", ctx.Err()
	}, quiet, 4*time.Second)
	enqueue(t, r, domain.TaskFilesCleanup)
	<-begun
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	retry, err := inspect(t, r).ListRetryTasks("housekeeping")
	if err != nil || len(retry) != 1 || retry[0].Retried != 0 {
		t.Fatalf("%+v %v", retry, err)
	}
}

func enqueue(t *testing.T, r *worker.Redis, task domain.Task) {
	t.Helper()
	tasks := closing(t, worker.NewTasks(r, clock))
	// A second is little for half a cluster on a machine that does other things too.
	waitFor(t, "the queue to take "+string(task), func() bool { return tasks.Enqueue(t.Context(), task) == nil })
}

package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"doorito/adapters/worker"
	"doorito/domain"
)

// scheduler is a usecase.Scheduler that a test scripts.
type scheduler func(ctx context.Context) (int, error)

func (s scheduler) Tick(ctx context.Context) (int, error) { return s(ctx) }

func (scheduler) Begin(context.Context) error { return nil }

func TestSchedulerLoopTicksOnAfterFailures(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	log := &lines{}
	var ticks atomic.Int32
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		worker.SchedulerLoop(ctx, scheduler(func(context.Context) (int, error) {
			if ticks.Add(1) <= 2 {
				return 0, errors.New("the database is away")
			}
			return 3, nil
		}), clock, slog.New(slog.NewTextHandler(log, nil)))
	}()
	waitFor(t, "a tick that works", func() bool { return strings.Contains(log.String(), "tasks=3") })
	cancel()
	<-ended
	if text := log.String(); strings.Count(text, "the database is away") != 1 || !strings.Contains(text, "enqueued again") {
		t.Fatal(text)
	}
}

func TestSchedulerLoopEndsATickBeforeItself(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var whole bool
	worker.SchedulerLoop(ctx, scheduler(func(inner context.Context) (int, error) {
		cancel()
		whole = inner.Err() == nil
		return 0, nil
	}), clock, quiet)
	if !whole {
		t.Fatal("the end of the loop cut a tick short")
	}
}

// taskList is a ports.Tasks that counts.
type taskList struct {
	mu    sync.Mutex
	tasks []domain.Task
}

func (l *taskList) Enqueue(_ context.Context, task domain.Task) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tasks = append(l.tasks, task)
	return errors.New("a failure is for the log only")
}

func (l *taskList) all() []domain.Task {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.tasks)
}

func TestBackedBellLeavesTasksNowAndThen(t *testing.T) {
	t.Parallel()
	list := &taskList{}
	bell := worker.NewBackedBell(worker.NewLocalBell(), list, clock, quiet)
	for range 100 {
		if err := bell.Ring(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "the tasks", func() bool { return len(list.all()) >= 2 })
	if got := list.all(); !slices.Equal(got, []domain.Task{domain.TaskRelay, domain.TaskDelivery}) {
		t.Fatal(got)
	}
}

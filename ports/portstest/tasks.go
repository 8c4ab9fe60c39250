package portstest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"doorito/domain"
	"doorito/ports"
)

// TaskQueue is a queue under test that nobody works on.
type TaskQueue struct {
	Tasks   ports.Tasks
	Waiting func(*testing.T) []domain.Task // what waits now, in any order
}

// Tasks checks a ports.Tasks.
func Tasks(t *testing.T, open func(*testing.T) TaskQueue) {
	all := []domain.Task{
		domain.TaskRelay, domain.TaskDelivery, domain.TaskSweep, domain.TaskOutboxCleanup,
		domain.TaskFilesCleanup, domain.TaskExpiring, domain.TaskSessions, domain.TaskStorage, domain.TaskAttempts, domain.TaskFigures,
	}
	t.Run("every task waits once it is enqueued", func(t *testing.T) {
		t.Parallel()
		q := open(t)
		for _, task := range all {
			mustEnqueue(t, q.Tasks, task)
		}
		got, want := q.Waiting(t), slices.Clone(all)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("waiting: %v, want %v", got, want)
		}
	})
	t.Run("a task that waits is not queued twice", func(t *testing.T) {
		t.Parallel()
		q := open(t)
		var crowd sync.WaitGroup
		for range 8 {
			crowd.Go(func() {
				for range 5 {
					if err := q.Tasks.Enqueue(t.Context(), domain.TaskSweep); err != nil {
						t.Error(err)
					}
				}
			})
		}
		crowd.Wait()
		if got := q.Waiting(t); !slices.Equal(got, []domain.Task{domain.TaskSweep}) {
			t.Fatalf("waiting: %v", got)
		}
	})
	t.Run("a call that was given up says so or is done", func(t *testing.T) {
		t.Parallel()
		q := open(t)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := q.Tasks.Enqueue(gone, domain.TaskRelay); err == nil && len(q.Waiting(t)) == 0 {
			t.Fatal("neither error nor task")
		}
		mustEnqueue(t, q.Tasks, domain.TaskDelivery)
	})
}

func mustEnqueue(t *testing.T, q ports.Tasks, task domain.Task) {
	t.Helper()
	if err := q.Enqueue(t.Context(), task); err != nil {
		t.Fatal(err)
	}
}

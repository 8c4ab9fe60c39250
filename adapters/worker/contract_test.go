package worker_test

import (
	"context"
	"testing"

	"doorito/adapters/worker"
	"doorito/domain"
	"doorito/e2e/services"
	"doorito/ports"
	"doorito/ports/portstest"
)

func TestCron(t *testing.T) {
	t.Parallel()
	portstest.Cron(t, worker.NewCron())
}

func TestLocalBell(t *testing.T) {
	t.Parallel()
	portstest.Bell(t, func(*testing.T) (ports.Bell, ports.Bell) {
		b := worker.NewLocalBell()
		return b, b
	})
}

func TestRedisBell(t *testing.T) {
	t.Parallel()
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			portstest.Bell(t, func(t *testing.T) (ports.Bell, ports.Bell) {
				r := p.open(t)
				return closing(t, worker.NewRedisBell(r, clock, quiet)), closing(t, worker.NewRedisBell(r, clock, quiet))
			})
		})
	}
}

func TestBackedBell(t *testing.T) {
	t.Parallel()
	portstest.Bell(t, func(t *testing.T) (ports.Bell, ports.Bell) {
		r := embedded(t)
		b := worker.NewBackedBell(worker.NewLocalBell(), closing(t, worker.NewTasks(r, clock)), clock, quiet)
		return b, b
	})
}

func TestRedisBellLivesThroughARestart(t *testing.T) {
	t.Parallel()
	server := services.Redis(t)
	r := mustParse(t, server.URL)
	portstest.BellOutage(t, closing(t, worker.NewRedisBell(r, clock, quiet)), closing(t, worker.NewRedisBell(r, clock, quiet)), server.Stop, server.Start)
}

func TestTasks(t *testing.T) {
	t.Parallel()
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			portstest.Tasks(t, func(t *testing.T) portstest.TaskQueue {
				r := p.open(t)
				return portstest.TaskQueue{
					Tasks:   closing(t, worker.NewTasks(r, clock)),
					Waiting: func(t *testing.T) []domain.Task { return waiting(t, r) },
				}
			})
		})
	}
}

func TestSizesAreOfTheQueuesThatHadTasks(t *testing.T) {
	t.Parallel()
	for _, p := range places {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			r := p.open(t)
			if got, err := worker.Sizes(r); err != nil || len(got) != 0 {
				t.Fatalf("of none: %v %v", got, err)
			}
			if err := closing(t, worker.NewTasks(r, clock)).Enqueue(context.Background(), domain.TaskSweep); err != nil {
				t.Fatal(err)
			}
			got, err := worker.Sizes(r)
			if err != nil || len(got) != 1 || got["housekeeping"]["pending"] != 1 || got["housekeeping"]["active"] != 0 {
				t.Fatalf("of one: %v %v", got, err)
			}
		})
	}
}

func waiting(t *testing.T, r *worker.Redis) []domain.Task {
	t.Helper()
	in := inspect(t, r)
	queues, err := in.Queues()
	if err != nil {
		t.Fatal(err)
	}
	var out []domain.Task
	for _, q := range queues {
		tasks, err := in.ListPendingTasks(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			out = append(out, domain.Task(task.Type))
		}
	}
	return out
}

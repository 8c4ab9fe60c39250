package worker_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"doorito/adapters/worker"
	"doorito/domain"
	"doorito/e2e/services"
)

func TestRedisEmptiedWithTasksWaiting(t *testing.T) {
	t.Parallel()
	server := services.Redis(t)
	r := mustParse(t, server.URL)
	tasks := closing(t, worker.NewTasks(r, clock))
	for _, task := range []domain.Task{domain.TaskRelay, domain.TaskSweep} {
		if err := tasks.Enqueue(t.Context(), task); err != nil {
			t.Fatal(err)
		}
	}
	server.FlushAll()
	if got := waiting(t, r); len(got) != 0 {
		t.Fatalf("waiting: %v", got)
	}
	// No lock is left over, and the queue is known to the dashboard again.
	if err := tasks.Enqueue(t.Context(), domain.TaskSweep); err != nil {
		t.Fatal(err)
	}
	if got := waiting(t, r); !slices.Equal(got, []domain.Task{domain.TaskSweep}) {
		t.Fatalf("waiting: %v", got)
	}
}

func TestWorkersGoOnAfterRedisWasEmptied(t *testing.T) {
	t.Parallel()
	server := services.Redis(t)
	r := mustParse(t, server.URL)
	tasks := closing(t, worker.NewTasks(r, clock))
	var runs atomic.Int32
	begun, free := make(chan struct{}, 10), make(chan struct{})
	serve(t, r, func(context.Context, domain.Task) (string, error) {
		begun <- struct{}{}
		<-free
		runs.Add(1)
		return "done", nil
	}, quiet, time.Second)
	if err := tasks.Enqueue(t.Context(), domain.TaskSweep); err != nil {
		t.Fatal(err)
	}
	<-begun
	server.FlushAll() // while it runs
	close(free)
	if err := tasks.Enqueue(t.Context(), domain.TaskSweep); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "both runs", func() bool { return runs.Load() == 2 })
}

func TestWorkersGoOnAfterRedisWasAway(t *testing.T) {
	t.Parallel()
	server := services.Redis(t)
	server.Stop()
	r := mustParse(t, server.URL)
	tasks := closing(t, worker.NewTasks(r, clock))
	var runs atomic.Int32
	stop := serve(t, r, func(context.Context, domain.Task) (string, error) {
		runs.Add(1)
		return "", nil
	}, quiet, 10*time.Second) // each question to a Redis that is away is tried for seconds
	for n := range int32(2) {
		if err := tasks.Enqueue(t.Context(), domain.TaskSweep); !domain.IsCode(err, domain.Unavailable) {
			t.Fatal(err)
		}
		server.Start()
		worker.Backstop(t.Context(), beginner{tasks}, quiet)
		waitFor(t, "a run", func() bool { return runs.Load() > n })
		server.Stop()
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// The master is killed; Sentinel makes its replica the master, and workers and
// bells go on there.
func TestWorkersFollowSentinelToANewMaster(t *testing.T) {
	t.Parallel()
	master, kill := startRedis(t, "--save", "")
	replica, _ := startRedis(t, "--save", "", "--replicaof", "127.0.0.1 "+master)
	atReplica := closing(t, redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + replica}))
	waitFor(t, "the replica", func() bool {
		return strings.Contains(atReplica.Info(t.Context(), "replication").Val(), "master_link_status:up")
	})
	port := watchMaster(t, "127.0.0.1", master)
	watch := closing(t, redis.NewSentinelClient(&redis.Options{Addr: "127.0.0.1:" + port}))
	waitFor(t, "Sentinel to know the replica", func() bool {
		known, err := watch.Replicas(t.Context(), "doorito").Result()
		return err == nil && len(known) == 1 && known[0]["flags"] == "slave" && known[0]["master-link-status"] == "ok"
	})
	r := mustParse(t, "redis-sentinel://127.0.0.1:"+port+"/doorito/0")
	tasks := closing(t, worker.NewTasks(r, clock))
	bell := closing(t, worker.NewRedisBell(r, clock, quiet))
	heard := bell.Listen(t.Context())
	var runs atomic.Int32
	serve(t, r, func(context.Context, domain.Task) (string, error) {
		runs.Add(1)
		return "", nil
	}, quiet, time.Second)
	works := func(what string) {
		before := runs.Load()
		waitFor(t, "a task "+what, func() bool {
			_ = tasks.Enqueue(t.Context(), domain.TaskSweep)
			return runs.Load() > before
		})
		waitFor(t, "the bell "+what, func() bool {
			_ = bell.Ring(t.Context())
			select {
			case <-heard:
				return true
			default:
				return false
			}
		})
	}
	works("at the master")
	kill()
	works("at the new master")
	if role := atReplica.Info(t.Context(), "replication").Val(); !strings.Contains(role, "role:master") {
		t.Fatal(role)
	}
}

// beginner is a usecase.Scheduler of which only Begin counts.
type beginner struct{ tasks *worker.Tasks }

func (b beginner) Begin(ctx context.Context) error {
	return b.tasks.Enqueue(ctx, domain.TaskSweep)
}

func (beginner) Tick(context.Context) (int, error) { return 0, nil }

// A Redis that takes connections and says nothing must not hold up uploads.
func TestAHangingRedisCostsASecondOnce(t *testing.T) {
	t.Parallel()
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	r := mustParse(t, "redis://"+mute.Addr().String())
	bell := closing(t, worker.NewRedisBell(r, clock, quiet))
	tasks := closing(t, worker.NewTasks(r, clock))
	for name, call := range map[string]func() error{
		"Ring":    func() error { return bell.Ring(t.Context()) },
		"Enqueue": func() error { return tasks.Enqueue(t.Context(), domain.TaskSweep) },
	} {
		start := time.Now()
		if err := call(); !domain.IsCode(err, domain.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("the first %s took %s", name, took)
		}
		start = time.Now()
		for range 100 {
			if call() == nil {
				t.Errorf("%s: no error", name)
			}
		}
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Errorf("100 more %s took %s", name, took)
		}
	}
}

package main

import (
	"context"
	"errors"
	"log/slog"

	"doorito/adapters/worker"
	"doorito/ports"
)

// queue is Redis, or the embedded one, with what hangs on it.
type queue struct {
	redis    *worker.Redis
	embedded *worker.Embedded // nil with REDIS_URL
	tasks    *worker.Tasks
	ringer   *worker.RedisBell // nil when embedded
	bell     ports.Bell
}

// openQueue connects to REDIS_URL, or starts the embedded queue. Redis need
// not be up: uploads go on without it.
func openQueue(url string, clock ports.Clock, log *slog.Logger) (*queue, error) {
	worker.LogRedis(log)
	q := &queue{}
	var bell ports.Bell
	if url == "" {
		e, err := worker.StartEmbedded()
		if err != nil {
			return nil, err
		}
		q.embedded, q.redis, bell = e, e.Redis(), worker.NewLocalBell()
	} else {
		r, err := worker.ParseRedis(url)
		if err != nil {
			return nil, err
		}
		q.ringer = worker.NewRedisBell(r, clock, log)
		q.redis, bell = r, q.ringer
	}
	q.tasks = worker.NewTasks(q.redis, clock)
	q.bell = worker.NewBackedBell(bell, q.tasks, clock, log)
	return q, nil
}

func (q *queue) ping(ctx context.Context) error { return q.tasks.Ping(ctx) }

func (q *queue) close() error {
	errs := []error{q.tasks.Close()}
	if q.ringer != nil {
		errs = append(errs, q.ringer.Close())
	}
	if q.embedded != nil {
		q.embedded.Close()
	}
	return errors.Join(errs...)
}

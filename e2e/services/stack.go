package services

import (
	"context"
	"fmt"
	"sync"
)

// Want names a service, or a property of one, that Start shall provide.
type Want int

// WantPostgres to WantChromium name services; the others change how one runs.
const (
	WantPostgres Want = iota + 1
	WantRedis
	WantS3
	WantChromium
	// FsyncOn makes PostgreSQL as durable as in production: for benchmarks.
	FsyncOn
	// RedisPersistent turns Redis's append-only file on.
	RedisPersistent
)

// All is what make test starts.
var All = []Want{WantPostgres, WantRedis, WantS3, WantChromium}

// Stack is a set of private services. What was not wanted is nil or empty.
type Stack struct {
	Postgres *PostgresServer
	Redis    *RedisServer
	S3       *S3Server
	Chromium string

	dir  *workdir
	once sync.Once
	err  error
}

// Start starts what is wanted, side by side, and returns when all of it
// answers. On an error nothing is left running. The services end with Stop or
// with this program, not with ctx, which bounds the start alone.
func Start(ctx context.Context, want ...Want) (*Stack, error) {
	wanted := map[Want]bool{}
	for _, w := range want {
		wanted[w] = true
	}
	dir, err := newWorkdir()
	if err != nil {
		return nil, err
	}
	s := &Stack{dir: dir}
	starts := map[Want]func() error{
		WantPostgres: func() (err error) {
			s.Postgres, err = startPostgres(dir.join("postgres"), wanted[FsyncOn])
			return err
		},
		WantRedis: func() (err error) {
			s.Redis, err = startRedis(dir.join("redis"), wanted[RedisPersistent])
			return err
		},
		WantS3:       func() (err error) { s.S3, err = startS3(dir.join("s3")); return err },
		WantChromium: func() (err error) { s.Chromium, err = FindChromium(); return err },
	}
	var all sync.WaitGroup
	failed := make(chan error, len(starts))
	for w, begin := range starts {
		if !wanted[w] {
			continue
		}
		all.Go(func() {
			if err := begin(); err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	close(failed)
	err = <-failed
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = s.Stop()
		return nil, fmt.Errorf("start services: %w", err)
	}
	return s, nil
}

// Stop ends every service and removes its data. It may be called more than once.
func (s *Stack) Stop() error {
	s.once.Do(func() {
		var all sync.WaitGroup
		// The data is thrown away, so nobody needs to write it out first.
		if s.Postgres != nil && s.Postgres.proc != nil {
			all.Go(s.Postgres.Kill)
		}
		if s.Redis != nil && s.Redis.proc != nil {
			all.Go(s.Redis.Kill)
		}
		if s.S3 != nil && s.S3.proc != nil {
			all.Go(s.S3.Stop)
		}
		all.Wait()
		s.err = s.dir.remove()
	})
	return s.err
}

package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/hibiken/asynq"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

const (
	// lookEvery is how often an idle server looks into the queue.
	lookEvery = 500 * time.Millisecond
	// overrun is how long past its deadline a shutdown may take when Redis hangs.
	overrun = 5 * time.Second
)

// Server runs the tasks of the queue. Any number of processes may have one.
type Server struct {
	Redis *Redis
	Work  usecase.Work
	Clock ports.Clock
	Log   *slog.Logger
	Drain time.Duration // how long Run waits for running tasks when it ends
}

// NewServer makes one that is not running yet.
func NewServer(r *Redis, work usecase.Work, clock ports.Clock, log *slog.Logger, drain time.Duration) *Server {
	return &Server{Redis: r, Work: work, Clock: clock, Log: log, Drain: drain}
}

// Run takes tasks until ctx ends, then takes no more and waits for those that
// run: after three quarters of Drain their contexts end, after all of it they go
// back to the queue. Redis need not be up, neither at the start nor later. The
// error says that the server did not start, or did not end in time.
func (s *Server) Run(ctx context.Context) error {
	ending, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	srv := asynq.NewServer(s.Redis, asynq.Config{
		Concurrency:       len(kinds), // each task is unique, so none waits for another
		Queues:            queueWeights,
		TaskCheckInterval: lookEvery,
		ShutdownTimeout:   s.Drain,
		RetryDelayFunc:    func(n int, _ error, _ *asynq.Task) time.Duration { return time.Duration(n+1) * 10 * time.Second },
		IsFailure:         func(err error) bool { return !errors.Is(err, errDrained) },
		Logger:            &asynqLog{log: s.Log, clock: s.Clock},
		LogLevel:          asynq.InfoLevel,
	})
	handler := asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error { return s.handle(ctx, ending, t) })
	if err := srv.Start(handler); err != nil {
		return domain.WrapError(domain.Internal, err, "The queue server did not start.")
	}
	<-ctx.Done()
	notice := time.AfterFunc(s.Drain*3/4, end)
	defer notice.Stop()
	return s.shutdown(srv)
}

func (s *Server) shutdown(srv *asynq.Server) error {
	done := make(chan struct{})
	go func() {
		srv.Shutdown()
		close(done)
	}()
	late := time.NewTimer(s.Drain + overrun)
	defer late.Stop()
	select {
	case <-done:
		return nil
	case <-late.C:
		return domain.Errorf(domain.Unavailable, "The queue server did not end within %s; Redis may hang.", s.Drain+overrun)
	}
}

// errDrained ends a task that ran into a shutdown; it is not counted as failed.
var errDrained = errors.New("stopped by a shutdown, runs again")

// handle runs one task: its context ends at the task's time limit, well before
// Asynq would give the task up, so that it writes what it has.
func (s *Server) handle(ctx, ending context.Context, t *asynq.Task) error {
	task := domain.Task(t.Type())
	k, err := kindOf(task)
	if err != nil {
		s.Log.Error("task unknown", "task", task)
		return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
	}
	run, cancel := context.WithTimeout(ctx, k.limit)
	defer cancel()
	defer context.AfterFunc(ending, cancel)()
	start := s.Clock.Now()
	result, err := s.do(run, task)
	took := s.Clock.Now().Sub(start)
	if err != nil {
		return s.failed(ctx, ending, task, took, err)
	}
	if _, err := t.ResultWriter().Write([]byte(result)); err != nil {
		s.Log.Warn("task result not kept", "task", task, "error", err)
	}
	s.Log.Info("task done", "task", task, "queue", k.queue, "duration_ms", took.Milliseconds(), "result", result)
	return nil
}

// do turns a panic into an error with the stack in the log.
func (s *Server) do(ctx context.Context, task domain.Task) (result string, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("task panicked", "task", task, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = domain.Errorf(domain.Internal, "The task broke: %v. The log has more.", p)
		}
	}()
	return s.Work.Do(ctx, task)
}

// failed says whether the task is tried again (plain error) or not (SkipRetry).
func (s *Server) failed(ctx, ending context.Context, task domain.Task, took time.Duration, err error) error {
	if ending.Err() != nil && errors.Is(err, context.Canceled) {
		s.Log.Info("task stopped by shutdown", "task", task, "duration_ms", took.Milliseconds())
		return errDrained
	}
	retried, _ := asynq.GetRetryCount(ctx)
	s.Log.Error("task failed", "task", task, "duration_ms", took.Milliseconds(), "attempt", retried+1, "attempts", maxRetry+1, "error", err)
	switch domain.CodeOf(err) {
	case domain.Invalid, domain.NotFound, domain.Forbidden:
		return fmt.Errorf("%w: %w", err, asynq.SkipRetry)
	}
	return err
}

package upkeep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// renewEvery is well within domain.RunLease, so that one renewal may fail.
const renewEvery = domain.RunLease / 3

// notDue is what a task says that was queued once more than it had runs.
const notDue = "nothing was due"

// Do implements usecase.Work. A task that schedules run does the runs that
// wait for it, all at once; without one it runs again when the run before
// failed or was lost, and otherwise has nothing to do.
func (u *Upkeep) Do(ctx context.Context, task domain.Task) (result string, err error) {
	runs, due, err := u.begin(ctx, task)
	if err != nil || !due {
		return notDue, err
	}
	if len(runs) == 0 {
		return u.run(ctx, task)
	}
	stop := u.renew(ctx, runs)
	defer stop()
	defer func() {
		if p := recover(); p != nil {
			u.end(ctx, runs, "", fmt.Errorf("the task broke: %v", p))
			panic(p)
		}
	}()
	result, err = u.run(ctx, task)
	stop()
	u.end(ctx, runs, result, err)
	return result, err
}

// begin claims the runs; due without any says that no schedule has this task.
func (u *Upkeep) begin(ctx context.Context, task domain.Task) (runs []*domain.ScheduleRun, due bool, err error) {
	err = u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
		now := u.Clock.Now()
		until := now.Add(domain.RunLease)
		if runs, err = s.Runs.Claim(ctx, task, now, until); err != nil || len(runs) > 0 {
			due = true
			return err
		}
		all, err := s.Schedules.ListOf(ctx, task)
		if due = len(all) == 0; err != nil || due {
			return err
		}
		again, err := u.queueAgain(ctx, s, all, now)
		if err != nil || !again {
			return err
		}
		due = true
		runs, err = s.Runs.Claim(ctx, task, now, until)
		return err
	})
	return runs, due, err
}

// queueAgain gives schedules whose newest run failed or was lost another one:
// the queue tries a failed task again.
func (u *Upkeep) queueAgain(ctx context.Context, s ports.Stores, all []*domain.Schedule, now time.Time) (again bool, err error) {
	ids := make([]uuid.UUID, len(all))
	for i, sc := range all {
		ids[i] = sc.ID
	}
	newest, err := s.Runs.Recent(ctx, ids, 1)
	if err != nil {
		return false, err
	}
	for _, sc := range all {
		last := newest[sc.ID]
		if len(last) == 0 || last[0].State != domain.RunFailed && last[0].State != domain.RunLost {
			continue
		}
		queued, err := s.Runs.Queue(ctx, domain.NewRun(u.IDs.New(), sc, domain.RunAgain, now, now))
		if err != nil {
			return false, err
		}
		again = again || queued
	}
	return again, nil
}

// renew keeps the leases of runs alive until stop, which may be called twice.
func (u *Upkeep) renew(ctx context.Context, runs []*domain.ScheduleRun) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ids := make([]uuid.UUID, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(renewEvery)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			err := u.DB.InTx(ctx, func(ctx context.Context, s ports.Stores) error {
				return s.Runs.Renew(ctx, ids, u.Clock.Now().Add(domain.RunLease))
			})
			if err != nil && ctx.Err() == nil {
				u.Log.Warn("lease of a run not renewed", "task", runs[0].Task, "error", err)
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// end writes how the runs went, also of those that were taken for lost.
func (u *Upkeep) end(ctx context.Context, runs []*domain.ScheduleRun, result string, failed error) {
	failure := ""
	switch {
	case errors.Is(failed, context.Canceled):
		failure = "Stopped by a shutdown; it runs again."
	case failed != nil:
		failure = failed.Error()
	}
	err := u.DB.InTx(context.WithoutCancel(ctx), func(ctx context.Context, s ports.Stores) error {
		for _, r := range runs {
			r.End(result, failure, u.Clock.Now())
			if _, err := s.Runs.End(ctx, r, domain.RunRunning, domain.RunLost); err != nil {
				return err
			}
			if err := s.Runs.Trim(ctx, r.ScheduleID, domain.KeptRuns); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		u.Log.Warn("end of a run not noted", "task", runs[0].Task, "error", err)
	}
}

package web_test

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/worker"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

func schedulePath() string { return "/admin/schedules/" + id(951).String() + "/" }

// fakeSchedules has one that the portal brought and runs, and one that somebody
// added, with a hostile name; what is done to them is noted as words.
type fakeSchedules struct{ *world }

func (f fakeSchedules) rows() []*usecase.ScheduleRow {
	begun := noon.Add(-2 * time.Minute)
	sweep := &domain.Schedule{
		ID: id(951), Seed: "outbox.sweep", Name: "Outbox sweep", Task: domain.TaskSweep, Every: 5 * time.Minute, Enabled: true, NextRunAt: noon.Add(3 * time.Minute),
		LastRunAt: &begun, LastDuration: 42 * time.Millisecond, LastResult: "3 found, 3 sent", CreatedAt: noon, UpdatedAt: noon,
	}
	own := &domain.Schedule{
		ID: id(952), Name: hostile, Task: domain.TaskStorage, Cron: "0 7 * * 1", NextRunAt: noon, LastRunAt: &begun, LastError: hostile, CreatedAt: noon, UpdatedAt: noon,
	}
	var runs []*domain.ScheduleRun
	for i, state := range []domain.RunState{domain.RunDone, domain.RunFailed, domain.RunLost, domain.RunDone} {
		r := domain.NewRun(id(960+i), own, []domain.RunCause{domain.RunDue, domain.RunAsked, domain.RunAgain, domain.RunStart}[i], begun, begun)
		r.AskedBy, r.StartedAt = hostile, &begun
		r.End("looked at "+hostile, map[bool]string{true: "", false: hostile}[state == domain.RunDone], noon)
		r.State = state
		runs = append(runs, r)
	}
	waits := domain.NewRun(id(970), sweep, domain.RunDue, noon, noon)
	return []*usecase.ScheduleRow{{Schedule: sweep, Runs: append([]*domain.ScheduleRun{waits}, runs...)}, {Schedule: own, Runs: runs}}
}

func (f fakeSchedules) List(_ context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*usecase.ScheduleRow], error) {
	if err := a.RequireAdmin(); err != nil {
		return ports.Page[*usecase.ScheduleRow]{}, err
	}
	return pageOf(f.world, q, f.rows()), nil
}

func (f fakeSchedules) Find(_ context.Context, a domain.Actor, id uuid.UUID) (*usecase.ScheduleDetail, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	for _, r := range f.rows() {
		if r.ID == id {
			return &usecase.ScheduleDetail{ScheduleRow: *r, Next: []time.Time{noon.Add(3 * time.Minute), noon.Add(24 * time.Hour), noon.Add(900 * time.Hour)}}, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no such schedule.")
}

func (f fakeSchedules) FindByName(context.Context, domain.Actor, string) (*domain.Schedule, error) {
	return nil, domain.Errorf(domain.NotFound, "There is no such schedule.")
}

func (f fakeSchedules) Preview(_ context.Context, _ domain.Actor, when string) (*usecase.SchedulePreview, error) {
	cron, every, err := domain.ParseWhen(when)
	if err != nil {
		return nil, err
	}
	p := &usecase.SchedulePreview{Words: (&domain.Schedule{Cron: cron, Every: every}).Words(), Next: []time.Time{noon.Add(every)}}
	if cron != "" {
		p.Next[0], err = worker.Cron{}.Next(cron, noon)
	}
	return p, err
}

func (f fakeSchedules) Add(_ context.Context, _ domain.Actor, form domain.ScheduleForm) (*domain.Schedule, error) {
	s := &domain.Schedule{ID: id(951)}
	_, err := s.Change(form, noon)
	fakeAccounts(f).note("added " + s.Name + " " + s.When())
	return s, err
}

func (f fakeSchedules) Change(_ context.Context, _ domain.Actor, which uuid.UUID, form domain.ScheduleForm, seen time.Time) (*domain.Schedule, error) {
	s := &domain.Schedule{ID: which}
	if _, err := s.Change(form, noon); err != nil {
		return nil, err
	}
	if !seen.Equal(noon) {
		return nil, domain.Errorf(domain.Conflict, "Somebody else changed this schedule since you opened it.")
	}
	fakeAccounts(f).note("changed to "+s.When(), which)
	return s, nil
}

func (f fakeSchedules) Switch(_ context.Context, _ domain.Actor, ids []uuid.UUID, on bool) (int, error) {
	fakeAccounts(f).note(map[bool]string{true: "on", false: "off"}[on], ids...)
	return len(ids), nil
}

func (f fakeSchedules) Run(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	fakeAccounts(f).note("run", ids...)
	return len(ids), nil
}

func (f fakeSchedules) Delete(_ context.Context, _ domain.Actor, ids []uuid.UUID) (int, error) {
	fakeAccounts(f).note("deleted", ids...)
	return len(ids), nil
}

package upkeep

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

const (
	rowRuns    = 24 // of each schedule in the list
	detailRuns = 50
	previewed  = 5 // next runs
)

// Schedules implements usecase.Schedules.
type Schedules struct {
	DB    ports.Transactor
	Tasks ports.Tasks // nil where no queue is at hand; the next tick calls workers then
	Cron  ports.Cron
	Clock ports.Clock
	IDs   ports.IDs
	Log   *slog.Logger
}

var _ usecase.Schedules = (*Schedules)(nil)

// List implements usecase.Schedules.
func (s *Schedules) List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*usecase.ScheduleRow], error) {
	var out ports.Page[*usecase.ScheduleRow]
	if err := a.RequireAdmin(); err != nil {
		return out, err
	}
	r := s.DB.Reads()
	page, err := r.Schedules.List(ctx, q)
	if err != nil {
		return out, err
	}
	ids := make([]uuid.UUID, len(page.Items))
	for i, sc := range page.Items {
		ids[i] = sc.ID
	}
	runs, err := r.Runs.Recent(ctx, ids, rowRuns)
	if err != nil {
		return out, err
	}
	out = ports.Page[*usecase.ScheduleRow]{Newer: page.Newer, Older: page.Older, Total: page.Total, Capped: page.Capped}
	for _, sc := range page.Items {
		out.Items = append(out.Items, &usecase.ScheduleRow{Schedule: sc, Runs: runs[sc.ID]})
	}
	return out, nil
}

// Find implements usecase.Schedules.
func (s *Schedules) Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*usecase.ScheduleDetail, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	r := s.DB.Reads()
	sc, err := r.Schedules.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	runs, err := r.Runs.Recent(ctx, []uuid.UUID{id}, detailRuns)
	if err != nil {
		return nil, err
	}
	d := &usecase.ScheduleDetail{ScheduleRow: usecase.ScheduleRow{Schedule: sc, Runs: runs[id]}}
	if sc.Enabled {
		d.Next, err = upcoming(s.Cron, sc, sc.NextRunAt, previewed)
	}
	return d, err
}

// FindByName implements usecase.Schedules.
func (s *Schedules) FindByName(ctx context.Context, a domain.Actor, name string) (*domain.Schedule, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	page, err := s.DB.Reads().Schedules.List(ctx, ports.ListQuery{Limit: ports.MaxPageSize})
	if err != nil {
		return nil, err
	}
	for _, sc := range page.Items {
		if strings.EqualFold(sc.Name, name) || sc.ID.String() == name {
			return sc, nil
		}
	}
	return nil, domain.Errorf(domain.NotFound, "There is no schedule %q. Look its name up in the list.", name)
}

// Preview implements usecase.Schedules.
func (s *Schedules) Preview(_ context.Context, a domain.Actor, when string) (*usecase.SchedulePreview, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	sc := &domain.Schedule{}
	var err error
	if sc.Cron, sc.Every, err = domain.ParseWhen(when); err != nil {
		return nil, err
	}
	next, err := first(s.Cron, sc, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	p := &usecase.SchedulePreview{Words: sc.Words()}
	p.Next, err = upcoming(s.Cron, sc, next, previewed)
	return p, err
}

// Add implements usecase.Schedules.
func (s *Schedules) Add(ctx context.Context, a domain.Actor, f domain.ScheduleForm) (*domain.Schedule, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	sc := &domain.Schedule{ID: s.IDs.New(), CreatedAt: now, UpdatedAt: now}
	if _, err := sc.Change(f, now); err != nil {
		return nil, err
	}
	var err error
	if sc.NextRunAt, err = first(s.Cron, sc, now); err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		if err := st.Schedules.Insert(ctx, sc); err != nil {
			return err
		}
		return s.note(ctx, st, a, "schedule.created", sc, map[string]string{"name": sc.Name, "task": string(sc.Task), "when": sc.When()}, now)
	})
	if err != nil {
		return nil, err
	}
	return sc, nil
}

func (s *Schedules) note(ctx context.Context, st ports.Stores, a domain.Actor, action string, sc *domain.Schedule, changes map[string]string, now time.Time) error {
	return st.Audit.Append(ctx, domain.NewAuditEntry(s.IDs.New(), a, action, "schedule", sc.ID, changes, now))
}

// Change implements usecase.Schedules.
func (s *Schedules) Change(ctx context.Context, a domain.Actor, id uuid.UUID, f domain.ScheduleForm, seen time.Time) (*domain.Schedule, error) {
	if err := a.RequireAdmin(); err != nil {
		return nil, err
	}
	var changed *domain.Schedule
	err := s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		sc, err := st.Schedules.Lock(ctx, id)
		if err != nil {
			return err
		}
		if !seen.IsZero() && !sc.UpdatedAt.Equal(seen) {
			return domain.Errorf(domain.Conflict, "Somebody else changed this schedule since you opened it. Look at it again, then save.")
		}
		changed = sc
		was, now := *sc, s.Clock.Now()
		changes, err := sc.Change(f, now)
		if err != nil {
			return err
		}
		return s.save(ctx, st, a, &was, sc, changes, now)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// save writes what differs. A new timing, or being switched on, counts from
// now: what was missed is not made up for.
func (s *Schedules) save(ctx context.Context, st ports.Stores, a domain.Actor, was, sc *domain.Schedule, changes map[string]string, now time.Time) (err error) {
	if len(changes) == 0 {
		return nil
	}
	if was.When() != sc.When() || !was.Enabled && sc.Enabled {
		if sc.NextRunAt, err = first(s.Cron, sc, now); err != nil {
			return err
		}
	}
	if err := st.Schedules.Save(ctx, sc); err != nil {
		return err
	}
	return s.note(ctx, st, a, "schedule.changed", sc, changes, now)
}

// Switch implements usecase.Schedules.
func (s *Schedules) Switch(ctx context.Context, a domain.Actor, ids []uuid.UUID, on bool) (int, error) {
	return s.each(ctx, a, ids, func(ctx context.Context, st ports.Stores, sc *domain.Schedule) (bool, error) {
		was, now := *sc, s.Clock.Now()
		changes := sc.Switch(on, now)
		return len(changes) > 0, s.save(ctx, st, a, &was, sc, changes, now)
	})
}

// Run implements usecase.Schedules.
func (s *Schedules) Run(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error) {
	tasks := map[domain.Task]bool{}
	n, err := s.each(ctx, a, ids, func(ctx context.Context, st ports.Stores, sc *domain.Schedule) (bool, error) {
		now := s.Clock.Now()
		run := domain.NewRun(s.IDs.New(), sc, domain.RunAsked, now, now)
		run.AskedBy = a.Name
		tasks[sc.Task] = true
		if queued, err := st.Runs.Queue(ctx, run); err != nil || !queued {
			return false, err
		}
		return true, s.note(ctx, st, a, "schedule.run", sc, nil, now)
	})
	if err != nil || s.Tasks == nil {
		return n, err
	}
	for task := range tasks {
		if err := s.Tasks.Enqueue(ctx, task); err != nil {
			s.Log.Warn("a run waits for the next tick", "task", task, "error", err)
		}
	}
	return n, nil
}

// Delete implements usecase.Schedules.
func (s *Schedules) Delete(ctx context.Context, a domain.Actor, ids []uuid.UUID) (int, error) {
	return s.each(ctx, a, ids, func(ctx context.Context, st ports.Stores, sc *domain.Schedule) (bool, error) {
		if sc.Seed != "" {
			return false, domain.Errorf(domain.Conflict, "%s comes with the portal and cannot be deleted. Switch it off instead.", sc.Name)
		}
		if err := st.Schedules.Delete(ctx, sc.ID); err != nil {
			return false, err
		}
		return true, s.note(ctx, st, a, "schedule.deleted", sc, map[string]string{"name": sc.Name, "task": string(sc.Task), "when": sc.When()}, s.Clock.Now())
	})
}

// each does something to locked schedules, to all or to none, and counts where
// it did.
func (s *Schedules) each(ctx context.Context, a domain.Actor, ids []uuid.UUID, do func(context.Context, ports.Stores, *domain.Schedule) (bool, error)) (n int, err error) {
	if err := a.RequireAdmin(); err != nil {
		return 0, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error {
		n = 0
		for _, id := range ids {
			sc, err := st.Schedules.Lock(ctx, id)
			if err != nil {
				return err
			}
			did, err := do(ctx, st, sc)
			if err != nil {
				return err
			}
			if did {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

package web

import (
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports/usecase"
)

// runStates is the colour of a run's bar.
var runStates = map[domain.RunState]string{
	domain.RunQueued: "none", domain.RunRunning: "none", domain.RunDone: "ok", domain.RunFailed: "failed", domain.RunLost: "slowed",
}

// barsOfRuns is how many bars a strip has.
const barsOfRuns = 24

// runBars draws runs, oldest first, as high as they took long: by the
// logarithm, since a sweep takes 3 ms or 30 s.
func runBars(runs []*domain.ScheduleRun, now time.Time) []list.Bar {
	bars := make([]list.Bar, barsOfRuns)
	longest := float64(1)
	height := func(r *domain.ScheduleRun) float64 { return math.Log1p(float64(r.Took(now).Milliseconds())) }
	runs = runs[:min(len(runs), barsOfRuns)]
	for _, r := range runs {
		longest = max(longest, height(r))
	}
	for i := range bars {
		bars[i] = list.Bar{Height: 2, State: "none"}
	}
	for i, r := range runs {
		bars[barsOfRuns-1-i] = list.Bar{Height: 6 + int(20*height(r)/longest), State: runStates[r.State]}
	}
	return bars
}

// runsLabel is the strip in words.
func runsLabel(runs []*domain.ScheduleRun, now time.Time) string {
	var longest time.Duration
	failed := 0
	for _, r := range runs {
		longest = max(longest, r.Took(now))
		if r.State == domain.RunFailed || r.State == domain.RunLost {
			failed++
		}
	}
	if len(runs) == 0 {
		return "No run yet"
	}
	return fmt.Sprintf("The last %s: %d went wrong, the longest took %s", counted(len(runs), "run"), failed, formatDuration(longest))
}

// runPill is a run's state as people see it.
func runPill(r *domain.ScheduleRun) list.Cell {
	switch r.State {
	case domain.RunDone:
		return list.Pill("ok", "Done", "")
	case domain.RunRunning:
		return list.Pill("in_progress", "Running", "")
	case domain.RunLost:
		return list.Pill("slowed", "Lost", "unplug")
	}
	return list.Pill(string(r.State), "", "")
}

// causeWords says why a run was.
func causeWords(r *domain.ScheduleRun) string {
	switch r.Cause {
	case domain.RunAsked:
		return "asked for by " + r.AskedBy
	case domain.RunStart:
		return "a worker started"
	case domain.RunAgain:
		return "the one before went wrong"
	}
	return "due " + r.DueAt.UTC().Format("15:04:05")
}

func scheduleFacts() []admin.Fact[*usecase.ScheduleDetail] {
	type detail = *usecase.ScheduleDetail
	return []admin.Fact[detail]{
		{Label: "Next run", Cell: func(d detail, _ list.Env) list.Cell {
			if !d.Enabled {
				return list.Faint("off")
			}
			return list.Time(&d.NextRunAt)
		}},
		{Label: "Next five", Cell: func(d detail, e list.Env) list.Cell {
			if len(d.Next) == 0 {
				return list.Faint("none while it is off")
			}
			words := make([]string, len(d.Next))
			for i, t := range d.Next {
				words[i] = runTime(t, e.Now)
			}
			return list.Wrapped(words)
		}},
		{Label: "Last run", Cell: func(d detail, _ list.Env) list.Cell { return lastResult(d.Schedule) }},
		{Label: "Comes from", Cell: func(d detail, _ list.Env) list.Cell {
			if d.Seed == "" {
				return list.Text("somebody here")
			}
			return list.Text("the portal")
		}},
		{Label: "Changed", Cell: func(d detail, _ list.Env) list.Cell { return list.Time(&d.UpdatedAt) }},
		{Label: "Id", Cell: func(d detail, _ list.Env) list.Cell { return list.ID(d.ID.String(), "", "schedule id") }},
	}
}

// runTime is a moment to come, with its day unless that is today.
func runTime(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	layout := "2 Jan 15:04"
	switch {
	case t.YearDay() == now.YearDay() && t.Year() == now.Year():
		layout = "15:04"
	case t.Year() != now.Year():
		layout = "2 Jan 2006 15:04"
	}
	return t.Format(layout)
}

func scheduleInlines() []admin.Inline[*usecase.ScheduleDetail] {
	return []admin.Inline[*usecase.ScheduleDetail]{{
		Title: "Newest runs", Empty: "It has not run yet.",
		Live: func(d *usecase.ScheduleDetail) bool {
			return len(d.Runs) > 0 && (d.Runs[0].State == domain.RunQueued || d.Runs[0].State == domain.RunRunning)
		},
		Table: func(d *usecase.ScheduleDetail, e list.Env) *list.View {
			return runsList().Table(d.Runs, e, "state", "at", "why", "took", "result")
		},
	}}
}

// runsList is the columns of runs; they have no list of their own.
func runsList() *list.Resource[*domain.ScheduleRun] {
	return &list.Resource[*domain.ScheduleRun]{
		Name: "runs", Title: "Newest runs", One: "run", Many: "runs",
		ID:    func(r *domain.ScheduleRun) uuid.UUID { return r.ID },
		Label: func(r *domain.ScheduleRun) string { return r.CreatedAt.UTC().Format("15:04:05") },
		Columns: []list.Column[*domain.ScheduleRun]{
			{Key: "state", Label: "State", Cell: func(r *domain.ScheduleRun, _ list.Env) list.Cell { return runPill(r) }},
			{Key: "at", Label: "Began", Class: "num dim", CardLabel: "began", Cell: func(r *domain.ScheduleRun, _ list.Env) list.Cell { return list.Time(r.StartedAt) }},
			{Key: "why", Label: "Why", Class: "dim", Cell: func(r *domain.ScheduleRun, _ list.Env) list.Cell { return list.Text(causeWords(r)) }},
			{Key: "took", Label: "Took", Class: "num", CardLabel: "took", Cell: func(r *domain.ScheduleRun, e list.Env) list.Cell {
				if r.StartedAt == nil {
					return list.Faint("–")
				}
				return list.Text(formatDuration(r.Took(e.Now)))
			}},
			{Key: "result", Label: "Result", Class: "grow end", Cell: func(r *domain.ScheduleRun, _ list.Env) list.Cell {
				switch {
				case r.Failure != "":
					return list.Reason(r.Failure)
				case r.Result == "":
					return list.Faint("–")
				}
				return list.Text(r.Result)
			}},
		},
	}
}

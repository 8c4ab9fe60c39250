package web

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"doorito/adapters/fiberx"
	"doorito/adapters/web/admin"
	"doorito/adapters/web/list"
	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

const schedulesPath = "/admin/schedules/"

func (s *site) schedules() *admin.Resource[*usecase.ScheduleRow, *usecase.ScheduleDetail] {
	return &admin.Resource[*usecase.ScheduleRow, *usecase.ScheduleDetail]{
		List: s.schedulesList(), Icon: "calendar-clock", Nav: "schedules", About: "When cleanups, sweeps and notices run, and how they went.", Object: "schedule",
		Find:  s.Schedules.Find,
		ID:    func(d *usecase.ScheduleDetail) uuid.UUID { return d.ID },
		Title: func(d *usecase.ScheduleDetail) string { return d.Name },
		State: func(d *usecase.ScheduleDetail, _ list.Env) list.Cell { return schedulePill(&d.ScheduleRow) },
		Meta: func(d *usecase.ScheduleDetail, _ list.Env) []string {
			return []string{string(d.Task), orElse(d.Words(), d.When()), "times are UTC"}
		},
		Form: &admin.Form[*usecase.ScheduleDetail]{
			Sections: scheduleSections(), AddText: "Add schedule", Add: s.addSchedule, Save: s.saveSchedule,
			Version: func(d *usecase.ScheduleDetail) time.Time { return d.UpdatedAt },
		},
		Facts:   scheduleFacts(),
		Inlines: scheduleInlines(),
		Actions: []admin.Action[*usecase.ScheduleDetail]{{
			Name: "run", Label: "Run now…", Icon: "play", Do: "Run it now", Keep: "Wait",
			Title: func(d *usecase.ScheduleDetail) string { return "Run " + d.Name + " now?" },
			Text: func(*usecase.ScheduleDetail) string {
				return "A worker takes it within a second. Its schedule stays as it is; so does whether it is on."
			},
			Run: func(ctx context.Context, a domain.Actor, d *usecase.ScheduleDetail) (admin.Done, error) {
				n, err := s.Schedules.Run(ctx, a, idsOf(d.ID))
				return admin.Done{Text: queuedWords(n)}, err
			},
		}},
		Delete: &admin.Delete[*usecase.ScheduleDetail]{
			Goes: func(*usecase.ScheduleDetail) []admin.Consequence {
				return []admin.Consequence{{Text: "the runs that are kept of it"}}
			},
			Stays: "What its runs did stays; so does what the audit log tells.",
			Instead: func(*usecase.ScheduleDetail) string {
				return "To keep it for later, switch it off instead."
			},
			Sure: func(d *usecase.ScheduleDetail) string { return d.Name },
			Refuse: func(_ domain.Actor, d *usecase.ScheduleDetail) *domain.Error {
				if d.Seed != "" {
					return domain.Errorf(domain.Conflict, "%s comes with the portal. Switch it off if it shall not run.", d.Name)
				}
				return nil
			},
			Run: func(ctx context.Context, a domain.Actor, id uuid.UUID) (string, error) {
				_, err := s.Schedules.Delete(ctx, a, idsOf(id))
				return "Schedule deleted.", err
			},
		},
	}
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}

func queuedWords(n int) string {
	if n == 0 {
		return "A run waits already. Nothing was added."
	}
	return counted(n, "run") + " queued."
}

func (s *site) schedulesList() *list.Resource[*usecase.ScheduleRow] {
	var tasks []list.Option
	for _, t := range domain.ScheduledTasks {
		tasks = append(tasks, list.Option{Value: string(t), Label: string(t)})
	}
	return &list.Resource[*usecase.ScheduleRow]{
		Name: "schedules", Title: "Schedules", One: "schedule", Many: "schedules", Path: schedulesPath, AdminOnly: true, Tall: true,
		SearchHint: "Name, task or id", Exports: true,
		Filters: []list.Filter{
			{Key: "enabled", Label: "State", Icon: "circle-dot", Options: []list.Option{{Value: "true", Label: "On", State: "active"}, {Value: "false", Label: "Off", State: "disabled"}}},
			{Key: "task", Label: "Task", Icon: "activity", Many: true, Options: tasks},
		},
		Columns:    scheduleColumns(),
		Source:     s.Schedules.List,
		ID:         func(r *usecase.ScheduleRow) uuid.UUID { return r.ID },
		Label:      func(r *usecase.ScheduleRow) string { return r.Name },
		Cursor:     func(r *usecase.ScheduleRow) ports.Cursor { return ports.Cursor{At: r.CreatedAt, ID: r.ID} },
		Meta:       schedulesMeta,
		Note:       "Times are UTC. Two schedulers may run side by side; each run happens once.",
		Legend:     []list.Key{{State: "ok", Text: "Ran well"}, {State: "failed", Text: "Failed"}, {State: "slowed", Text: "Lost"}, {State: "none", Text: "Under way, or none"}},
		LegendText: "One bar is a run, the newest on the right; its height is how long it took.",
		Buttons:    []list.Button{{Label: "Jobs", Icon: "activity", URL: "/admin/jobs/"}, {Label: "Add schedule", Icon: "plus", URL: schedulesPath + "add/", Primary: true}},
		Actions:    s.scheduleBulk(),
		Empty:      list.Empty{Art: "listen", Title: "No schedule yet", Text: "The scheduler brings its own when it starts.", URL: schedulesPath + "add/", URLText: "Add schedule", Icon: "plus"},
	}
}

func schedulesMeta(p ports.Page[*usecase.ScheduleRow], now time.Time) []string {
	on := 0
	for _, r := range p.Items {
		if r.Enabled {
			on++
		}
	}
	return []string{fmt.Sprintf("%s, %d on", counted(p.Total, "schedule"), on), "changes apply at once, no restart", "it is " + now.UTC().Format("15:04:05 UTC")}
}

func scheduleColumns() []list.Column[*usecase.ScheduleRow] {
	return []list.Column[*usecase.ScheduleRow]{
		{Key: "name", Label: "Schedule", Class: "grow", Cell: func(r *usecase.ScheduleRow, _ list.Env) list.Cell {
			return list.TwoLines(r.Name, schedulesPath+r.ID.String()+"/", string(r.Task), "")
		}},
		{Key: "when", Label: "When", Cell: func(r *usecase.ScheduleRow, _ list.Env) list.Cell { return list.Spec(r.When(), r.Words()) }},
		{Key: "runs", Label: "Last runs", Class: "hide", Cell: func(r *usecase.ScheduleRow, e list.Env) list.Cell {
			return list.Strip(runBars(r.Runs, e.Now), runsLabel(r.Runs, e.Now))
		}},
		{Key: "last", Label: "Last result", CardLabel: "last", Cell: func(r *usecase.ScheduleRow, _ list.Env) list.Cell { return lastResult(r.Schedule) }},
		{Key: "next", Label: "Next", Class: "num", CardLabel: "next", Cell: func(r *usecase.ScheduleRow, _ list.Env) list.Cell {
			if !r.Enabled {
				return list.Faint("off")
			}
			return list.Time(&r.NextRunAt)
		}},
		{Key: "state", Label: "State", Class: "end", Cell: func(r *usecase.ScheduleRow, _ list.Env) list.Cell { return schedulePill(r) }},
	}
}

func lastResult(s *domain.Schedule) list.Cell {
	if s.LastRunAt == nil {
		return list.Faint("not yet")
	}
	if s.LastError != "" {
		return list.Told("failed", s.LastError, s.LastRunAt, "took "+formatDuration(s.LastDuration))
	}
	return list.Told("ok", orElse(s.LastResult, "done"), s.LastRunAt, "took "+formatDuration(s.LastDuration))
}

// schedulePill says what it does now, else whether it is on.
func schedulePill(r *usecase.ScheduleRow) list.Cell {
	for _, run := range r.Runs {
		switch run.State {
		case domain.RunRunning:
			return list.Pill("in_progress", "Running", "")
		case domain.RunQueued:
			return list.Pill("queued", "", "")
		}
	}
	if !r.Enabled {
		return list.Pill("disabled", "Off", "")
	}
	return list.Pill("active", "On", "")
}

func (s *site) scheduleBulk() []list.Action {
	flip := func(on bool, word string) func(context.Context, domain.Actor, []uuid.UUID) (string, error) {
		return func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
			n, err := s.Schedules.Switch(ctx, a, ids, on)
			return counted(n, "schedule") + " switched " + word + ".", err
		}
	}
	return []list.Action{
		{Name: "run", Label: "Run now", Icon: "play", Run: func(ctx context.Context, a domain.Actor, ids []uuid.UUID) (string, error) {
			n, err := s.Schedules.Run(ctx, a, ids)
			return queuedWords(n), err
		}},
		{Name: "on", Label: "Switch on", Icon: "power", Run: flip(true, "on")},
		{
			Name: "off", Label: "Switch off…", Icon: "power-off", Verb: "Switch off", Danger: true, Keep: "Leave them on",
			Confirm: "They do not run until they are switched on again. What they clean up stays until then.",
			Run:     flip(false, "off"),
		},
	}
}

func scheduleSections() []admin.Section[*usecase.ScheduleDetail] {
	var tasks []list.Option
	for _, t := range domain.ScheduledTasks {
		tasks = append(tasks, list.Option{Value: string(t), Label: string(t) + ": " + taskWords[t]})
	}
	return []admin.Section[*usecase.ScheduleDetail]{
		{Title: "What", Text: "The task that workers do.", Fields: []admin.Field[*usecase.ScheduleDetail]{
			{Name: "name", Label: "Name", Required: true, Autocomplete: "off", Value: func(d *usecase.ScheduleDetail) string { return d.Name }},
			{Name: "task", Label: "Task", Widget: admin.Select, Default: string(domain.TaskSweep), Choices: tasks, Value: func(d *usecase.ScheduleDetail) string { return string(d.Task) }},
		}},
		{Title: "When", Text: "In UTC. Counts from the next second on.", Fields: []admin.Field[*usecase.ScheduleDetail]{
			{
				Name: "when", Label: "When", Required: true, Autocomplete: "off", Placeholder: "0 */6 * * *", Default: "every 1h",
				Hint:    "An interval of 1 minute to 31 days, such as every 5m or every 1d 12h; or five cron fields: minute, hour, day of month, month, day of week.",
				Preview: schedulesPath + "preview", Wide: true, Mono: true,
				Value: func(d *usecase.ScheduleDetail) string { return d.When() },
			},
			{
				Name: "enabled", Label: "State", Widget: admin.Toggle, Default: "true", Choices: []list.Option{{Label: "On"}},
				Value: func(d *usecase.ScheduleDetail) string { return fmt.Sprint(d.Enabled) },
			},
		}},
	}
}

// taskWords says what a task does.
var taskWords = map[domain.Task]string{
	domain.TaskSweep:         "send and settle what was left behind",
	domain.TaskOutboxCleanup: "remove old events",
	domain.TaskFilesCleanup:  "end dead uploads, expire and purge files",
	domain.TaskExpiring:      "announce files that expire soon",
	domain.TaskSessions:      "end idle uploads and sign-ins",
	domain.TaskStorage:       "remove bytes that no row names",
	domain.TaskStorageCheck:  "compare storage and database",
	domain.TaskAttempts:      "remove old delivery attempts",
	domain.TaskFigures:       "sum up the hours for charts",
}

func (s *site) addSchedule(ctx context.Context, a domain.Actor, v url.Values) (admin.Made, error) {
	sc, err := s.Schedules.Add(ctx, a, scheduleForm(v))
	if err != nil {
		return admin.Made{}, err
	}
	return admin.Made{ID: sc.ID, Text: sc.Name + " is scheduled."}, nil
}

func (s *site) saveSchedule(ctx context.Context, a domain.Actor, id uuid.UUID, v url.Values, seen time.Time) error {
	_, err := s.Schedules.Change(ctx, a, id, scheduleForm(v), seen)
	return err
}

func scheduleForm(v url.Values) domain.ScheduleForm {
	return domain.ScheduleForm{Name: v.Get("name"), Task: domain.Task(v.Get("task")), When: v.Get("when"), Enabled: v.Get("enabled") == "true"}
}

// SchedulePreview is what a timing would mean.
type SchedulePreview struct {
	Error, Words string
	Next         []time.Time
}

// previewSchedule answers with the next runs of what is typed.
func (s *site) previewSchedule(c *fiber.Ctx) error {
	p, err := s.Schedules.Preview(c.UserContext(), fiberx.Actor(c), c.Query("when"))
	switch {
	case domain.IsCode(err, domain.Invalid):
		return c.Render("partials/schedule_preview", SchedulePreview{Error: messageOf(err)}, noLayout)
	case err != nil:
		return err
	}
	return c.Render("partials/schedule_preview", SchedulePreview{Words: p.Words, Next: p.Next}, noLayout)
}

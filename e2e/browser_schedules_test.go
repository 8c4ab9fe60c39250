package e2e

import (
	"testing"

	"doorito/e2e/browser"
	"doorito/e2e/portal"
)

func anAdminRunsASchedule(t *testing.T, chromium *browser.Browser) {
	w := asAdmin(t, chromium, portal.MustStart(t, portal.Options{}))
	w.Forgive("status of 400")
	w.Go("/admin/schedules/")
	w.See("td", "every 5 minutes")
	w.Click("a", "Attempt retention")
	w.See("#when-preview", "every day at 03:15")
	w.Fill("When", "every 10m")
	w.See("#when-preview", "every 10 minutes")
	w.Fill("When", "0 24 * * *")
	w.See("#when-preview", "The hour is 0 to 23")
	w.Click("button", "Save and go on")
	w.See("#when-err", "The hour is 0 to 23")
	w.Fill("When", "every 10m")
	w.Click("button", "Save and go on")
	w.See(".toast", "Saved.")
	w.See("del", "15 3 * * *")
	w.Click("#ask-run-open")
	w.Click("dialog button", "Run it now")
	w.See(".toast", "1 run queued.")
	w.See("td .pill.is-ok", "Done")
	w.See("td", "removed 0 attempts")
	w.See("#object-meta .pill", "On")
	w.See("#object-facts", "removed 0 attempts")
	w.See("td", "asked for by")
	inspect(t, w, "schedule")
	w.Size(1440, 900)
	w.Go("/admin/schedules/")
	inspect(t, w, "schedules")
	w.Size(1440, 900)
	w.Go("/admin/schedules/?q=attempts.retention")
	w.Click("input[data-pick-all]")
	w.Click(".bulk button", "Switch off")
	w.Click("dialog button", "Switch off")
	w.See("td .pill", "Off")
}

package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"doorito/domain"
)

func TestWhenIsAnIntervalOrCron(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		cron  string
		every time.Duration
		again string
	}{
		"every 5m":              {"", 5 * time.Minute, "every 5m"},
		" Every  1d 12h ":       {"", 36 * time.Hour, "every 1d12h"},
		"every 90s":             {"", 90 * time.Second, "every 1m30s"},
		"every 31d":             {"", 31 * 24 * time.Hour, "every 31d"},
		" 0  */6 * *  mon-fri ": {"0 */6 * * mon-fri", 0, "0 */6 * * mon-fri"},
		"nonsense":              {"nonsense", 0, "nonsense"}, // for whoever reads cron
	} {
		cron, every, err := domain.ParseWhen(text)
		if err != nil || cron != want.cron || every != want.every {
			t.Errorf("%q: %q, %s, %v", text, cron, every, err)
		}
		if again := (&domain.Schedule{Cron: cron, Every: every}).When(); again != want.again {
			t.Errorf("%q reads back as %q", text, again)
		}
	}
	for text, want := range map[string]string{
		"": "Say when", "  ": "Say when", "every": "no interval", "every x": "no interval", "every 5": "no interval", "every 5w": "no interval", "every -5m": "no interval",
		"every 5m 3": "no interval", "every 30s": "at least 1m", "every 0m": "at least 1m", "every 32d": "at most 31d", "every 99999999999h": "at most 31d",
		"every 9223372036854775808s": "no interval", strings.Repeat("1,", 100): "120 are the most",
	} {
		_, _, err := domain.ParseWhen(text)
		var e *domain.Error
		if !errors.As(err, &e) || e.Code != domain.Invalid || e.Field != "when" || !strings.Contains(e.Message, want) {
			t.Errorf("%q: %v, not %q", text, err, want)
		}
	}
}

func TestSchedulesAreSaidInWords(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]string{
		"every 1m": "every minute", "every 5m": "every 5 minutes", "every 1h": "every hour", "every 48h": "every 2 days", "every 90s": "every 1m30s", "every 90m": "every 90 minutes",
		"* * * * *": "every minute", "*/5 * * * *": "every 5 minutes", "0 * * * *": "every hour", "30 * * * *": "every hour, at :30",
		"0 */6 * * *": "every 6 hours", "15 */6 * * *": "every 6 hours, at :15", "5 3 * * *": "every day at 03:05", "0 0,12 * * *": "every day at 00:00, 12:00",
		"0 7 * * 1": "Mondays at 07:00", "0 7 * * SUN": "Sundays at 07:00", "0 7 * * mon-fri": "Monday to Friday at 07:00", "0 7 1 * *": "on day 1 of each month at 07:00",
		"0 0 1 1 *": "", "0 7 1 * 1": "", "1,2 * * * *": "", "0 1-5 * * *": "", "x": "",
	} {
		cron, every, err := domain.ParseWhen(when)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&domain.Schedule{Cron: cron, Every: every}).Words(); got != want {
			t.Errorf("%q is %q, not %q", when, got, want)
		}
	}
}

func TestAnIntervalKeepsItsRhythmOverAPause(t *testing.T) {
	t.Parallel()
	s, due := &domain.Schedule{Every: 5 * time.Minute}, time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for late, want := range map[time.Duration]time.Duration{0: 5 * time.Minute, time.Second: 5 * time.Minute, 5 * time.Minute: 10 * time.Minute, time.Hour + time.Minute: 65 * time.Minute} {
		if got := s.Skip(due, due.Add(late)).Sub(due); got != want {
			t.Errorf("%s late: next after %s, not %s", late, got, want)
		}
	}
}

package portstest

import (
	"strings"
	"testing"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// Cron checks a ports.Cron.
func Cron(t *testing.T, c ports.Cron) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	t.Run("the next time is after the given one, in UTC", func(t *testing.T) {
		t.Parallel()
		for _, k := range []struct{ expr, after, want string }{
			{"0 */6 * * *", "2026-01-02T03:04:05Z", "2026-01-02T06:00:00Z"},
			{"0 */6 * * *", "2026-01-02T06:00:00Z", "2026-01-02T12:00:00Z"},
			{"0 0,6,12,18 * * *", "2026-12-31T18:00:00.000001Z", "2027-01-01T00:00:00Z"},
			{"0 * * * *", "2026-01-02T03:59:59.999999Z", "2026-01-02T04:00:00Z"},
			{"*/5 * * * *", "2026-01-02T03:04:05+05:30", "2026-01-01T21:35:00Z"},
			{"15 3 * * *", "2026-03-29T01:30:00+01:00", "2026-03-29T03:15:00Z"},
			{"30 2 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T02:30:00Z"},
			{"0 9 * * mon-fri", "2026-01-02T10:00:00Z", "2026-01-05T09:00:00Z"},
			{"0 0 1 jan *", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		} {
			got, err := c.Next(k.expr, at(k.after))
			if err != nil || !got.Equal(at(k.want)) || got.Location() != time.UTC {
				t.Errorf("%q after %s: %s, %v; want %s", k.expr, k.after, got, err, k.want)
			}
		}
	})
	t.Run("a bad expression is invalid", func(t *testing.T) {
		t.Parallel()
		for _, expr := range []string{
			"", " ", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
			"*/0 * * * *", "-1 * * * *", "5-1 * * * *", "a b c d e", "@daily", "@every 1s", "TZ=Europe/Vienna 0 * * * *",
			"CRON_TZ=UTC 0 * * * *", "TZ=", "TZ=UTC", "1-2-3 * * * *", "*/x * * * *", "0 0 30 2 *", "\x00 * * * *",
		} {
			got, err := c.Next(expr, at("2026-01-02T03:04:05Z"))
			if !domain.IsCode(err, domain.Invalid) {
				t.Errorf("%q: %s, %v", expr, got, err)
			}
		}
	})
	t.Run("the error names the field, its limit and the value", func(t *testing.T) {
		t.Parallel()
		for expr, words := range map[string][]string{
			"60 * * * *": {"minute", "0 to 59", `"60"`}, "* 24 * * *": {"hour", "0 to 23", `"24"`}, "0 0 32 * *": {"day of month", "1 to 31", `"32"`},
			"0 0 * foo *": {"month", "jan to dec", `"foo"`}, "0 0 * * 8": {"day of week", "0 to 6", `"8"`}, "* * *": {"five fields", "has 3"},
		} {
			_, err := c.Next(expr, at("2026-01-02T03:04:05Z"))
			for _, word := range words {
				if err == nil || !strings.Contains(err.Error(), word) {
					t.Errorf("%q: %v does not say %s", expr, err, word)
				}
			}
		}
	})
}

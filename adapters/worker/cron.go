package worker

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"doorito/domain"
	"doorito/ports"
)

var _ ports.Cron = Cron{}

// Cron reads the standard five fields (minute, hour, day of month, month, day of
// week), in UTC: numbers, names, lists, ranges and steps. Descriptors such as
// @daily and time zones are Invalid.
type Cron struct{}

// NewCron needs nothing.
func NewCron() Cron { return Cron{} }

// fields are the five, with what each may hold.
var fields = []struct{ name, values string }{
	{"minute", "0 to 59"}, {"hour", "0 to 23"}, {"day of month", "1 to 31"}, {"month", "1 to 12 or jan to dec"}, {"day of week", "0 to 6 or sun to sat"},
}

var parser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// Next implements ports.Cron. An expression that no day of the next five years
// meets (30 February) is Invalid.
func (Cron) Next(expr string, after time.Time) (time.Time, error) {
	got := strings.Fields(expr)
	if len(got) != len(fields) || strings.ContainsAny(expr, "=@") {
		return time.Time{}, domain.FieldErrorf("when", "Cron has five fields (minute, hour, day of month, month, day of week; UTC), such as 0 */6 * * *; %q has %d.", expr, len(got))
	}
	s, err := parser.Parse(strings.Join(got, " "))
	if err != nil {
		return time.Time{}, wrongField(expr, got)
	}
	next := s.Next(after.UTC())
	if next.IsZero() {
		return time.Time{}, domain.FieldErrorf("when", "No day within five years meets %q. Change the day or the month.", expr)
	}
	return next, nil
}

// wrongField names the first field that is wrong alone.
func wrongField(expr string, got []string) error {
	for i, f := range fields {
		alone := []string{"*", "*", "*", "*", "*"}
		alone[i] = got[i]
		if _, err := parser.Parse(strings.Join(alone, " ")); err != nil {
			return domain.FieldErrorf("when", "The %s is %s, with commas, ranges (1-5) and steps (*/5), not %q.", f.name, f.values, got[i])
		}
	}
	return domain.FieldErrorf("when", "%q is not five cron fields.", expr)
}

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

// Next implements ports.Cron. An expression that no day of the next five years
// meets (30 February) is Invalid.
func (Cron) Next(expr string, after time.Time) (time.Time, error) {
	bad := domain.FieldErrorf("cron", "%q is not a schedule. Use five fields in UTC: minute, hour, day of month, month, day of week, such as 0 */6 * * *.", expr)
	if strings.ContainsAny(expr, "=@") {
		return time.Time{}, bad
	}
	s, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(expr)
	if err != nil {
		return time.Time{}, bad
	}
	next := s.Next(after.UTC())
	if next.IsZero() {
		return time.Time{}, domain.FieldErrorf("cron", "No day within five years meets the schedule %q.", expr)
	}
	return next, nil
}

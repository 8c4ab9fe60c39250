package upkeep

import (
	"fmt"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// hours is the cron expression of every n hours from midnight UTC on; n of a
// day and more means once a day.
func hours(n int) string {
	if n >= 24 {
		return "0 0 * * *"
	}
	return fmt.Sprintf("0 */%d * * *", max(n, 1))
}

// first is the first run of a schedule that is new, changed or switched on.
func first(c ports.Cron, s *domain.Schedule, now time.Time) (time.Time, error) {
	if s.Every > 0 {
		return now.Add(s.Every), nil
	}
	return c.Next(s.Cron, now)
}

// following is the run after the one that was due then, not before now.
func following(c ports.Cron, s *domain.Schedule, due, now time.Time) (time.Time, error) {
	if s.Every > 0 {
		return s.Skip(due, now), nil
	}
	if now.Before(due) {
		now = due
	}
	return c.Next(s.Cron, now)
}

// upcoming are the next n runs, the first of which is given.
func upcoming(c ports.Cron, s *domain.Schedule, next time.Time, n int) ([]time.Time, error) {
	times := []time.Time{next}
	for len(times) < n {
		var err error
		if next, err = following(c, s, next, next); err != nil {
			return nil, err
		}
		times = append(times, next)
	}
	return times, nil
}

package web

import (
	"fmt"
	"strconv"
	"time"

	"doorito/domain"
	"doorito/ports/usecase"
)

// RetryRail is the schedule as stations on a line; partials/retry_rail draws it.
type RetryRail struct {
	Width px
	Label string
	Stops []RetryStop
	Done  px // where the line of what was tried ends
	State string
}

// RetryStop is one attempt, made or to come.
type RetryStop struct {
	X      px
	State  string // failed, delivered, pending, none
	Text   string
	Number int
	Next   bool
}

const (
	railWide  = 1180.0
	railLeft  = 36.0
	railRight = 1144.0
)

// retryRail draws the attempts since the last reopening and the steps that the
// schedule still holds.
func retryRail(d *usecase.DeliveryDetail, now time.Time) RetryRail {
	steps := max(len(d.Schedule), d.Delivery.Attempts, 1)
	r := RetryRail{Width: railWide, State: "failed"}
	gap := (railRight - railLeft) / float64(max(steps-1, 1))
	made := d.Delivery.Attempts
	waiting := d.Delivery.Status == domain.DeliveryPending
	for i := range steps {
		stop := RetryStop{X: round(railLeft + float64(i)*gap), State: "none", Number: i + 1}
		switch {
		case i < made:
			stop.State, stop.Text = tried(d, made-1-i)
			r.Done = stop.X
		case i == made && waiting:
			stop.State, stop.Next = "pending", true
			stop.Text = "now"
			if d.Delivery.NextAttemptAt.After(now) {
				stop.Text = "in " + formatDuration(d.Delivery.NextAttemptAt.Sub(now).Truncate(time.Second))
			}
		case waiting && i < len(d.Schedule):
			stop.Text = "+" + span(d.Schedule[i])
		}
		r.Stops = append(r.Stops, stop)
	}
	if made > 0 {
		r.State = r.Stops[made-1].State
	}
	r.Label = "Retry schedule of " + strconv.Itoa(steps) + " attempts: " + strconv.Itoa(made) + " made"
	if waiting {
		r.Label += fmt.Sprintf(", attempt %d is due %s", made+1, r.Stops[min(made, steps-1)].Text)
	} else {
		r.Label += ", " + string(d.Delivery.Status)
	}
	return r
}

// tried is the state and time of the attempt that many before the newest; old
// ones may be gone by retention.
func tried(d *usecase.DeliveryDetail, back int) (state, text string) {
	if back >= len(d.Attempts) {
		return "failed", ""
	}
	a := d.Attempts[back]
	if a.OK() {
		return "delivered", a.StartedAt.UTC().Format("15:04:05")
	}
	return "failed", a.StartedAt.UTC().Format("15:04:05")
}

package web

import (
	"fmt"
	"time"

	"doorito/adapters/web/list"
	"doorito/ports"
	"doorito/ports/usecase"
)

// stripHours is how far a strip looks back.
const stripHours = 24

// healthStrip makes the bars of an endpoint's last 24 hours, one for each hour.
func healthStrip(hours []ports.AttemptHour, now time.Time) []list.Bar {
	begin := now.Truncate(time.Hour).Add(-(stripHours - 1) * time.Hour)
	ok, failed := make([]int, stripHours), make([]int, stripHours)
	most := 1
	for _, h := range hours {
		if i := int(h.Hour.Sub(begin) / time.Hour); i >= 0 && i < stripHours {
			ok[i] += h.OK
			failed[i] += h.Failed
			most = max(most, ok[i]+failed[i])
		}
	}
	bars := make([]list.Bar, stripHours)
	for i := range bars {
		n := ok[i] + failed[i]
		switch {
		case n == 0:
			bars[i] = list.Bar{Height: 3, State: "none"}
			continue
		case failed[i] == 0:
			bars[i].State = "ok"
		case ok[i] == 0 || failed[i]*2 >= n:
			bars[i].State = "failed"
		default:
			bars[i].State = "slowed"
		}
		bars[i].Height = 5 + n*21/most
	}
	return bars
}

// successOf says what share of attempts got through.
func successOf(h ports.Health) string { return formatPercent(h.Delivered, h.Delivered+h.Failed) }

// stripLabel is a strip in words.
func stripLabel(name string, h ports.Health) string {
	n := h.Delivered + h.Failed
	if n == 0 {
		return name + ": nothing sent in 24 hours"
	}
	return fmt.Sprintf("%s: %s attempts in 24 hours, %s %% delivered", name, groupDigits(fmt.Sprint(n)), successOf(h))
}

// stateWord is the word of an endpoint's state where it differs from the usual.
func stateWord(h usecase.EndpointHealth) string {
	if endpointState(h) == "failed" {
		return "Failing"
	}
	return ""
}

// endpointState is the state as people see it: an endpoint that asks for less is
// slowed, not failing.
func endpointState(h usecase.EndpointHealth) string {
	if h.Endpoint.Throttled() {
		return "slowed"
	}
	return h.State()
}

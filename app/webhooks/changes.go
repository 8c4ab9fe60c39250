package webhooks

import (
	"maps"
	"slices"
	"strings"

	"doorito/domain"
)

// changesOf says what differs, for the history: "old → new" by field. Header
// values are secrets, so only their names are told.
func changesOf(before, after *domain.Endpoint) map[string]string {
	out := map[string]string{}
	note := func(field, old, now string) {
		switch {
		case old == now:
		case old == "":
			out[field] = now
		case now == "":
			out[field] = old + " → none"
		default:
			out[field] = old + " → " + now
		}
	}
	note("name", before.Name, after.Name)
	note("url", before.URL, after.URL)
	note("events", strings.Join(before.EventTypes, ", "), strings.Join(after.EventTypes, ", "))
	note("filter", before.Filter.String(), after.Filter.String())
	was, is := before.Pace().Text(), after.Pace().Text()
	note("timeout", was.Timeout, is.Timeout)
	note("max_in_flight", was.MaxInFlight, is.MaxInFlight)
	note("rate_limit", was.RateLimit, is.RateLimit)
	note("retry_schedule", was.Schedule, is.Schedule)
	note("headers", headerNames(before), headerNames(after))
	if _, told := out["headers"]; !told {
		for name, sealed := range after.Headers {
			if before.Headers[name] != sealed {
				out["headers"] = "new value of " + name
			}
		}
	}
	return out
}

func headerNames(e *domain.Endpoint) string {
	return strings.Join(slices.Sorted(maps.Keys(e.Headers)), ", ")
}

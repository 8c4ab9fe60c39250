package list

import (
	"strconv"
	"time"

	"doorito/ports"
)

// daysShown is how many days the way down to a day offers.
const daysShown = 7

// Drill is the way from years over months down to days.
type Drill struct {
	Crumbs []DrillSpan // year and month around what is shown
	Spans  []DrillSpan // months or days, with their rows
}

// DrillSpan is a link that bounds the list to a time.
type DrillSpan struct {
	Label, URL, Title, Count string
	On                       bool
}

// drill is which spans the state asks to see; bounds has one more than spans.
type drill struct {
	at     time.Time // a moment in the year and month that are shown
	yearly bool      // spans are months
	month  bool      // a whole month is chosen
	day    bool      // one day is chosen
	bounds []time.Time
}

func dayOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// drill reads the chosen span out of from and to. Without one, or with one that
// is no day, month or year, it shows the last days.
func (s State) drill(now time.Time) drill {
	today := dayOf(now.UTC())
	d := drill{at: today}
	from := s.From
	if !s.From.IsZero() && !s.To.IsZero() && from.Equal(dayOf(from)) {
		switch {
		case s.To.Equal(from.AddDate(0, 0, 1)):
			d.at, d.day = from, true
		case from.Day() == 1 && s.To.Equal(from.AddDate(0, 1, 0)):
			d.at, d.month = from, true
		case from.YearDay() == 1 && s.To.Equal(from.AddDate(1, 0, 0)):
			d.at, d.yearly = from, true
		}
	}
	if d.at.After(today) {
		today = d.at
	}
	first, last, step := d.at.AddDate(0, 0, 1-daysShown), d.at, func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }
	switch {
	case d.yearly:
		first = time.Date(d.at.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		last = first.AddDate(0, 11, 0)
		step = func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }
	case d.month:
		first, last = d.at, d.at.AddDate(0, 1, -1)
	case d.day:
		if ahead := d.at.AddDate(0, 0, daysShown/2); ahead.Before(today) {
			last = ahead
		} else if today.After(d.at) {
			last = today
		}
		first = last.AddDate(0, 0, 1-daysShown)
	}
	for t := first; !t.After(last) && (!t.After(today) || len(d.bounds) == 0); t = step(t) {
		d.bounds = append(d.bounds, t)
	}
	d.bounds = append(d.bounds, step(d.bounds[len(d.bounds)-1]))
	return d
}

// within is the state bounded to the days from a to the day before b.
func (s State) within(a, b time.Time) State {
	out := s.first()
	out.From, out.To = a, b
	out.fromText, out.toText = a.Format(time.DateOnly), b.AddDate(0, 0, -1).Format(time.DateOnly)
	return out
}

func (r *Resource[T]) drillView(s State, d drill, counts []int) *Drill {
	year := time.Date(d.at.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	month := time.Date(d.at.Year(), d.at.Month(), 1, 0, 0, 0, 0, time.UTC)
	link := func(label string, a, b time.Time, on bool) DrillSpan {
		return DrillSpan{Label: label, URL: s.within(a, b).at(r.Path), On: on}
	}
	out := &Drill{}
	if d.yearly {
		before := year.AddDate(-1, 0, 0)
		out.Crumbs = append(out.Crumbs, link(strconv.Itoa(before.Year()), before, year, false))
	}
	out.Crumbs = append(out.Crumbs, link(strconv.Itoa(year.Year()), year, year.AddDate(1, 0, 0), d.yearly))
	if !d.yearly {
		out.Crumbs = append(out.Crumbs, link(month.Format("January"), month, month.AddDate(0, 1, 0), d.month))
	}
	for i := range len(d.bounds) - 1 {
		a, b := d.bounds[i], d.bounds[i+1]
		span := link(strconv.Itoa(a.Day()), a, b, d.day && a.Equal(d.at))
		if span.Title = a.Format("Mon 2 Jan"); d.yearly {
			span.Label, span.Title = a.Format("Jan"), a.Format("January")
		}
		if i < len(counts) {
			span.Count = total(counts[i], counts[i] >= ports.CountCap)
			span.Title += ": " + span.Count + " " + r.noun(counts[i])
		}
		out.Spans = append(out.Spans, span)
	}
	return out
}

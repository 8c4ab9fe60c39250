package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"doorito/domain"
)

// frame is the geometry of a chart, in the units of the look book.
type frame struct {
	width, height, left, floor, top float64
	lines                           int   // of the grid, the floor among them
	full                            int64 // what the top stands for; 0 for what fits
	least                           int64 // what the top stands for at least
}

var (
	wideFrame = frame{width: 600, height: 186, left: 44, floor: 152, top: 16, lines: 5}
	rateFrame = frame{width: 560, height: 150, left: healthLeft, floor: healthFloor, top: healthTop, lines: 3, full: 1000}
	halfFrame = frame{width: 560, height: 150, left: healthLeft, floor: healthFloor, top: healthTop, lines: 3}
	// timeFrame is for microseconds: below a millisecond its lines would say the
	// same.
	timeFrame = frame{width: 560, height: 150, left: healthLeft, floor: healthFloor, top: healthTop, lines: 3, least: 2000}
)

// nameRoom is half the width of a name below the axis.
const nameRoom = 24.0

// under is where a name stands in the middle: below x, and whole.
func (f frame) under(x float64) px { return round(min(x, f.width-nameRoom)) }

// slots are the parts of a span on a chart: hours, three hours in groups of a
// day, or days.
type slots struct {
	span   domain.Span
	now    time.Time
	begin  time.Time
	n      int
	each   time.Duration
	groups int
}

func slotsOf(span domain.Span, now time.Time) slots {
	n, each := span.Slots()
	s := slots{span: span, now: now.UTC(), begin: span.Begin(now), n: n, each: each, groups: 1}
	if span == domain.SpanWeek {
		s.groups = 7
	}
	return s
}

// index is the slot of a moment, -1 when it is in none.
func (s slots) index(t time.Time) int {
	if t.Before(s.begin) {
		return -1
	}
	if i := int(t.Sub(s.begin) / s.each); i < s.n {
		return i
	}
	return -1
}

func (s slots) at(i int) time.Time { return s.begin.Add(time.Duration(i) * s.each) }

// last tells a slot of today, or of the hour that is going on.
func (s slots) last(i int) bool { return i == s.n-1 || s.groups > 1 && i >= s.n-s.n/s.groups }

// place is where the bar of a slot begins and how wide it is.
func (s slots) place(f frame, i int) (x, w float64) {
	group := (f.width - f.left) / float64(s.groups)
	pad := 4.0
	if s.groups > 1 {
		pad = group * 0.14
	}
	per := s.n / s.groups
	step := (group - pad) / float64(per)
	return f.left + float64(i/per)*group + pad/2 + float64(i%per)*step + step*0.12, step * 0.76
}

// names are the words below the axis.
func (s slots) names(f frame) []Mark {
	var out []Mark
	switch s.span {
	case domain.SpanDay:
		for i := range s.n {
			if at := s.at(i); at.Hour()%6 == 0 {
				x, w := s.place(f, i)
				text := at.Format("15:04")
				if at.Hour() == 0 {
					text = at.Format("Mon 2")
				}
				out = append(out, Mark{At: f.under(x + w/2), Text: text})
			}
		}
	case domain.SpanMonth:
		// The same day of each week back: nearer ones would run into each other
		// where the chart is as wide as a phone.
		for i := (s.n - 1) % 7; i < s.n-1; i += 7 {
			x, w := s.place(f, i)
			out = append(out, Mark{At: round(x + w/2), Text: s.at(i).Format("2 Jan")})
		}
		x, w := s.place(f, s.n-1)
		out = append(out, Mark{At: f.under(x + w), Text: "Today", Strong: true})
	default:
		group := (f.width - f.left) / float64(s.groups)
		for d := range s.groups {
			m := Mark{At: round(f.left + (float64(d)+0.5)*group), Text: s.begin.AddDate(0, 0, d).Format("Mon 2")}
			if d == s.groups-1 {
				m.Text, m.Strong = "Today", true
			}
			out = append(out, m)
		}
	}
	return out
}

// when names a slot.
func (s slots) when(i int) string {
	from := s.at(i)
	switch {
	case s.each == 24*time.Hour:
		return from.Format("Mon 2 January")
	case s.span == domain.SpanDay:
		return from.Format("Mon 15:04")
	}
	return from.Format("Mon 2, 15:04") + " to " + from.Add(s.each).Format("15:04") + " UTC"
}

// grid has a line for each part of the way to the top.
func (f frame) grid(top int64, words func(int64) string) []Mark {
	var out []Mark
	for i := range f.lines {
		v := top * int64(i) / int64(f.lines-1)
		out = append(out, Mark{At: round(f.y(v, top)), Text: words(v)})
	}
	return out
}

func (f frame) y(v, top int64) float64 {
	return f.floor - float64(v)/float64(top)*(f.floor-f.top)
}

// series is what one slot after the other adds up to.
type series []int64

func (s slots) series() series { return make(series, s.n) }

func (v series) sum() (n int64) {
	for _, x := range v {
		n += x
	}
	return n
}

// barsOver draws good with bad on top; class is that of good bars, and lamp
// lights those of today.
func barsOver(s slots, f frame, good, bad series, class string, lamp bool, words func(int64) string, title func(i int) string) BarChart {
	most := int64(0)
	for i := range s.n {
		most = max(most, good[i]+bad[i])
	}
	top := int64(niceTop(int(most)))
	c := BarChart{Width: px(f.width), Height: px(f.height), Left: px(f.left), Floor: px(f.floor), Grid: f.grid(top, words), Names: s.names(f)}
	for i := range s.n {
		x, w := s.place(f, i)
		b := BarShape{X: round(x), W: round(w), Class: class}
		switch {
		case s.at(i).After(s.now):
			b.Class, b.Y, b.H = "ghost", px(f.floor-3), 3
		case good[i]+bad[i] == 0:
			b.Class, b.Y, b.H, b.Title = "ghost", px(f.floor-2), 2, s.when(i)+": nothing"
		default:
			if lamp && s.last(i) {
				b.Class = "lamp"
			}
			h := 0.0
			if good[i] > 0 {
				h = max(f.floor-f.y(good[i], top), 2)
			}
			b.H, b.Y, b.Title = round(h), round(f.floor-h), s.when(i)+": "+title(i)
			if bad[i] > 0 {
				t := max(f.floor-f.y(bad[i], top), 3)
				b.TopH, b.TopY = round(t), round(f.floor-h-t-1)
			}
		}
		c.Bars = append(c.Bars, b)
	}
	return c
}

// line is values over slots; what is below zero is unknown and left out.
type line struct {
	class  string
	values series
	wash   bool // the space below is tinted
}

// linesOver draws lines; none are the words when there is nothing to draw.
func linesOver(s slots, f frame, words func(int64) string, none string, lines ...line) LineChart {
	most := int64(0)
	known := false
	for _, l := range lines {
		most = max(most, slices.Max(l.values))
		known = known || slices.Max(l.values) >= 0
	}
	top := f.full
	if top == 0 {
		top = int64(niceTop(int(max(most, f.least))))
	}
	c := LineChart{Width: px(f.width), Height: px(f.height), Left: px(f.left), Floor: px(f.floor), Grid: f.grid(top, words), Names: s.names(f)}
	if !known {
		c.None, c.Grid = none, c.Grid[:1] // nothing has no scale
		return c
	}
	for _, l := range lines {
		c.Lines = append(c.Lines, s.shape(f, l, top))
	}
	return c
}

// shape draws one line. A tinted one that is known of a single slot is drawn as
// wide as that slot: a dot in an empty chart reads as a fault.
func (s slots) shape(f frame, l line, top int64) LineShape {
	var points strings.Builder
	var first, last, from, to px
	for i, v := range l.values {
		if v < 0 {
			continue
		}
		x, w := s.place(f, i)
		last, from, to = round(x+w/2), round(x), round(x+w)
		if points.Len() == 0 {
			first = last
		}
		fmt.Fprintf(&points, "%s,%s ", last, round(f.y(v, top)))
	}
	out := LineShape{Class: "stroke " + l.class, Points: seen(points.String())}
	if !l.wash || points.Len() == 0 {
		return out
	}
	if first == last {
		_, y, _ := strings.Cut(strings.TrimSpace(points.String()), ",")
		first, last = from, to
		out.Points = fmt.Sprintf("%s,%s %s,%s", first, y, last, y)
	}
	out.Wash, out.Area = "wash "+l.class, fmt.Sprintf("%s,%s %s %s,%s", first, px(f.floor), out.Points, last, px(f.floor))
	return out
}

func countWords(n int64) string { return groupDigits(strconv.FormatInt(n, 10)) }

func shortWords(n int64) string { return shortCount(int(n)) }

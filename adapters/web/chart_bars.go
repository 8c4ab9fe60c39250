package web

import (
	"fmt"
	"strconv"
	"time"

	"doorito/ports"
)

// px is a length in a drawing, with one decimal.
type px float64

func (p px) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) }

func round(v float64) px { return px(float64(int(v*10+0.5)) / 10) }

// BarChart is bars over time; partials/chart_bars draws it.
type BarChart struct {
	Width, Height, Left, Floor px
	Label                      string // what a person who cannot see it should know
	Grid                       []Mark
	Names                      []Mark
	Bars                       []BarShape
	Now                        *Mark // a line with words at a moment
}

// Mark is a place on an axis with words.
type Mark struct {
	At     px
	Text   string
	Strong bool
	End    bool // words end here instead of beginning
}

// BarShape is one bar with what stands on it.
type BarShape struct {
	X, Y, W, H px
	Class      string
	Title      string
	TopY, TopH px // the failed part on top; TopH 0 for none
}

// Geometry of the seven days, in the units of the look book.
const (
	weekLeft, weekFloor, weekTop = 44.0, 180.0, 16.0
	weekWidth                    = 760.0
	slotHours                    = 3
	slotsADay                    = 24 / slotHours
	slotBar, slotStep            = 8.0, 11.0
)

type slot struct{ stored, failed int }

// weekChart draws files in slots of three hours over seven days, today last.
func weekChart(hours []ports.FileHour, now time.Time) BarChart {
	begin := now.Truncate(24*time.Hour).AddDate(0, 0, -6)
	slots := make([]slot, 7*slotsADay)
	stored, failed, most := 0, 0, 0
	for _, h := range hours {
		i := int(h.Hour.Sub(begin) / (slotHours * time.Hour))
		if i < 0 || i >= len(slots) {
			continue
		}
		slots[i].stored += h.Stored
		slots[i].failed += h.Failed
		stored, failed = stored+h.Stored, failed+h.Failed
		most = max(most, slots[i].stored+slots[i].failed)
	}
	c := BarChart{Width: weekWidth, Height: 216, Left: weekLeft, Floor: weekFloor}
	c.Label = fmt.Sprintf("Files in slots of three hours over seven days: %s stored, %s refused", groupDigits(strconv.Itoa(stored)), groupDigits(strconv.Itoa(failed)))
	top := niceTop(most)
	for i := range 5 {
		v := top * i / 4
		c.Grid = append(c.Grid, Mark{At: round(weekFloor - float64(i)*(weekFloor-weekTop)/4), Text: shortCount(v)})
	}
	dayWidth := (weekWidth - weekLeft) / 7
	for d := range 7 {
		day := begin.AddDate(0, 0, d)
		left := weekLeft + float64(d)*dayWidth
		name := Mark{At: round(left + dayWidth/2), Text: day.Format("Mon 2")}
		if d == 6 {
			name.Text, name.Strong = "Today", true
		}
		c.Names = append(c.Names, name)
		for i := range slotsADay {
			at := day.Add(time.Duration(i*slotHours) * time.Hour)
			c.Bars = append(c.Bars, weekBar(slots[d*slotsADay+i], at, now, left+8+float64(i)*slotStep, name, top))
		}
	}
	return c
}

func weekBar(s slot, at, now time.Time, x float64, day Mark, top int) BarShape {
	if at.After(now) {
		return BarShape{X: round(x), Y: weekFloor - 3, W: slotBar, H: 3, Class: "ghost"}
	}
	scale := (weekFloor - weekTop) / float64(top)
	b := BarShape{X: round(x), W: slotBar, Class: "ink", Title: fmt.Sprintf("%s, %s to %s UTC: %d stored, %d refused", day.Text, at.Format("15:04"), at.Add(slotHours*time.Hour).Format("15:04"), s.stored, s.failed)}
	if day.Strong {
		b.Class = "lamp"
	}
	h := visible(float64(s.stored)*scale, s.stored)
	b.H, b.Y = round(h), round(weekFloor-h)
	if s.failed > 0 {
		f := max(visible(float64(s.failed)*scale, s.failed), 4)
		b.TopH, b.TopY = round(f), round(weekFloor-h-f-2)
	}
	return b
}

// visible keeps what is not zero at least two units high.
func visible(h float64, n int) float64 {
	if n > 0 {
		return max(h, 2)
	}
	return 0
}

// niceTop is a round number at or above n that four lines divide.
func niceTop(n int) int {
	for step := 4; ; step *= 10 {
		for _, m := range []int{1, 2, 3, 5} {
			if v := step * m; v >= n {
				return v
			}
		}
	}
}

func shortCount(n int) string {
	switch {
	case n >= 1_000_000:
		return strconv.FormatFloat(float64(n)/1e6, 'f', -1, 64) + "M"
	case n >= 1000:
		return strconv.FormatFloat(float64(n)/1e3, 'f', -1, 64) + "k"
	}
	return strconv.Itoa(n)
}

// TextX is where the words of the lines end.
func (c BarChart) TextX() px { return c.Left - 8 }

// NameY is the line of the days' names.
func (c BarChart) NameY() px { return c.Floor + 20 }

// Below is the baseline of words beside a line.
func (m Mark) Below() px { return m.At + 4 }

// Beside is where words next to a vertical line begin or end.
func (m Mark) Beside() px {
	if m.End {
		return m.At - 7
	}
	return m.At + 7
}

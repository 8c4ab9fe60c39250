package web

import "strconv"

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

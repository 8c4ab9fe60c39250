package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"doorito/ports"
)

// LineChart is two lines over time; partials/chart_lines draws it.
type LineChart struct {
	Width, Height, Left, Floor px
	Label                      string
	Grid                       []Mark
	Names                      []Mark
	Lines                      []LineShape
	None                       string // words in place of lines
}

// LineShape is the points of one line, "x,y x,y", and of the area below it, if
// that is tinted.
type LineShape struct{ Class, Points, Wash, Area string }

// Geometry of an endpoint's charts.
const (
	healthLeft, healthFloor, healthTop = 66.0, 124.0, 24.0
	healthWidth                        = 560.0
	healthHours                        = 24
	hourStep                           = (healthWidth - healthLeft - 4) / healthHours
)

// hourGrid places the last 24 hours: the first hour, and names every six.
func hourGrid(now time.Time) (begin time.Time, names []Mark) {
	begin = now.Truncate(time.Hour).Add(-(healthHours - 1) * time.Hour)
	for i := range healthHours {
		at := begin.Add(time.Duration(i) * time.Hour)
		if at.Hour()%6 == 0 {
			text := at.Format("15:04")
			if at.Hour() == 0 {
				text = at.Format("Mon 2")
			}
			names = append(names, Mark{At: halfFrame.under(hourX(i) + hourStep/2), Text: text})
		}
	}
	return begin, names
}

func hourX(i int) float64 { return healthLeft + 4 + float64(i)*hourStep }

// attemptChart draws attempts by hour, delivered below failed.
func attemptChart(hours []ports.AttemptHour, failing *time.Time, now time.Time) BarChart {
	begin, names := hourGrid(now)
	ok, bad, most := make([]int, healthHours), make([]int, healthHours), 0
	sumOK, sumBad := 0, 0
	for _, h := range hours {
		if i := int(h.Hour.Sub(begin) / time.Hour); i >= 0 && i < healthHours {
			ok[i], bad[i] = ok[i]+h.OK, bad[i]+h.Failed
			most = max(most, ok[i]+bad[i])
			sumOK, sumBad = sumOK+h.OK, sumBad+h.Failed
		}
	}
	top := niceTop(most)
	c := BarChart{Width: healthWidth, Height: 150, Left: healthLeft, Floor: healthFloor, Names: names}
	c.Label = fmt.Sprintf("Attempts by hour over 24 hours: %d delivered, %d failed", sumOK, sumBad)
	for i := range 3 {
		c.Grid = append(c.Grid, Mark{At: px(healthFloor - float64(i)*50), Text: shortCount(top * i / 2)})
	}
	scale := (healthFloor - healthTop) / float64(top)
	for i := range healthHours {
		if ok[i]+bad[i] == 0 {
			c.Bars = append(c.Bars, BarShape{X: round(hourX(i)), Y: healthFloor - 2, W: round(hourStep - 4), H: 2, Class: "ghost"})
			continue
		}
		h, f := visible(float64(ok[i])*scale, ok[i]), visible(float64(bad[i])*scale, bad[i])
		b := BarShape{X: round(hourX(i)), Y: round(healthFloor - h), W: round(hourStep - 4), H: round(h), Class: "c is-ok"}
		b.Title = fmt.Sprintf("%s UTC: %d delivered, %d failed", begin.Add(time.Duration(i)*time.Hour).Format("Mon 15:04"), ok[i], bad[i])
		b.TopH, b.TopY = round(f), round(healthFloor-h-f)
		c.Bars = append(c.Bars, b)
	}
	if failing != nil && failing.After(begin) {
		at := healthLeft + 4 + failing.Sub(begin).Hours()*hourStep
		c.Now = &Mark{At: round(at), Text: "first failure, " + failing.UTC().Format("15:04"), End: at > healthWidth/2}
	}
	return c
}

// answerChart draws p50 and p95 by hour.
func answerChart(hours []ports.AttemptHour, now time.Time) LineChart {
	begin, names := hourGrid(now)
	c := LineChart{Width: healthWidth, Height: 150, Left: healthLeft, Floor: healthFloor, Names: names, None: "No answer came"}
	most := time.Duration(0)
	for _, h := range hours {
		most = max(most, h.P95, h.P50)
	}
	top := time.Duration(niceTop(int(max(most, time.Millisecond)/time.Millisecond))) * time.Millisecond
	for i := range 3 {
		c.Grid = append(c.Grid, Mark{At: px(healthFloor - float64(i)*50), Text: axisTime(top * time.Duration(i) / 2)})
	}
	var p50, p95 strings.Builder
	for _, h := range hours {
		i := int(h.Hour.Sub(begin) / time.Hour)
		if i < 0 || i >= healthHours || h.P95 == 0 {
			continue
		}
		c.None = ""
		x := round(hourX(i) + hourStep/2)
		fmt.Fprintf(&p50, "%s,%s ", x, answerY(h.P50, top))
		fmt.Fprintf(&p95, "%s,%s ", x, answerY(h.P95, top))
	}
	c.Label = "Time to answer over 24 hours: p95 at most " + formatDuration(most)
	if c.None != "" {
		c.Label = "Time to answer: no answer came in 24 hours"
	}
	c.Lines = []LineShape{{Class: "stroke is-warning", Points: seen(p95.String())}, {Class: "stroke is-pending", Points: seen(p50.String())}}
	return c
}

// seen makes a dash of a single point, which would not be drawn: a dot in an
// empty chart reads as a fault.
func seen(points string) string {
	points = strings.TrimSpace(points)
	var x, y float64
	if n, _ := fmt.Sscanf(points, "%f,%f", &x, &y); n < 2 || strings.Contains(points, " ") {
		return points
	}
	return fmt.Sprintf("%s,%s %s,%s", round(x-hourStep/4), round(y), round(x+hourStep/4), round(y))
}

func answerY(d, top time.Duration) px {
	return round(healthFloor - float64(d)/float64(top)*(healthFloor-healthTop))
}

func axisTime(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d < 10*time.Millisecond:
		return strconv.FormatFloat(float64(d.Microseconds()/100)/10, 'f', -1, 64) + " ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return strings.TrimSuffix(strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), "0"), ".") + " s"
}

// TextX is where the words of the lines end.
func (c LineChart) TextX() px { return c.Left - 8 }

// NameY is the line of the hours' names.
func (c LineChart) NameY() px { return c.Floor + 20 }

// Middle is where words stand when there is nothing to draw.
func (c LineChart) Middle() px { return (c.Left + c.Width) / 2 }

package upload

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

// printable makes text of names safe to show: what moves the cursor, changes
// the order or is no UTF-8 becomes a question mark.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}

// cells is how many columns a terminal gives the text.
func cells(s string) (n int) {
	for _, r := range s {
		n += cellsOf(r)
	}
	return n
}

func cellsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

// cut shortens the text to at most n columns, at its end.
func cut(s string, n int) string {
	if cells(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	var out strings.Builder
	left := n - 1
	for _, r := range s {
		if left -= cellsOf(r); left < 0 {
			break
		}
		out.WriteRune(r)
	}
	return out.String() + "…"
}

// fill is cut, made n columns wide with spaces.
func fill(s string, n int) string {
	s = cut(s, n)
	return s + strings.Repeat(" ", max(n-cells(s), 0))
}

// short writes seconds for people.
func short(seconds float64) string {
	if seconds < 9.95 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	return span(time.Duration(seconds * float64(time.Second)))
}

// span writes a time in its two largest units: 42 s, 3 min 5 s, 2 h 10 min.
func span(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return pair(s/60, "min", s%60, "s")
	case s < 24*3600:
		return pair(s/3600, "h", s%3600/60, "min")
	}
	return pair(s/86400, "d", s%86400/3600, "h")
}

func pair(a int64, one string, b int64, two string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, one)
	}
	return fmt.Sprintf("%d %s %d %s", a, one, b, two)
}

package web

import (
	"context"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// funcs are what templates may call.
func funcs(static *Static, clock ports.Clock) template.FuncMap {
	return template.FuncMap{
		"asset":      static.URL,
		"bytes":      formatBytes,
		"limit":      formatLimit,
		"num":        formatNumber,
		"pct":        formatPercent,
		"dur":        formatDuration,
		"reltime":    func(t time.Time) string { return relative(t, clock.Now()) },
		"runtime":    func(t time.Time) string { return runTime(t, clock.Now()) },
		"iso":        func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
		"utc":        func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"clock":      func(t time.Time) string { return t.UTC().Format("15:04:05") },
		"day":        func(t time.Time) string { return t.UTC().Format("Mon 2 Jan, 15:04 UTC") },
		"short":      short,
		"ext":        func(name string) string { return ext(name, "") },
		"batchTitle": batchTitle,
		"intoWords":  intoWords,
		"dict":       dict,
		"coloured":   highlight,
		"list":       func(items ...any) []any { return items },
		"statusIcon": statusIcon,
		"statusWord": statusWord,
		"wide": func(on bool) string {
			if on {
				return "sm:col-span-2"
			}
			return ""
		},
		"first": func(n int, s string) string { return s[:min(n, len(s))] },
	}
}

func formatBytes(n any) (string, error) {
	switch n := n.(type) {
	case int64:
		return domain.FormatBytes(n), nil
	case int:
		return domain.FormatBytes(int64(n)), nil
	}
	return "", fmt.Errorf("bytes of a %T", n)
}

// formatLimit says a limit in the unit in which it was set: 5368709120 is 5 GiB.
func formatLimit(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	v, unit := n, 0
	for v >= 1024 && v%1024 == 0 && unit < len(units)-1 {
		v /= 1024
		unit++
	}
	if unit > 0 && v < 1024 {
		return strconv.FormatInt(v, 10) + " " + units[unit]
	}
	return domain.FormatBytes(n)
}

func formatNumber(n any) (string, error) {
	var digits string
	switch n := n.(type) {
	case int:
		digits = strconv.Itoa(n)
	case int64:
		digits = strconv.FormatInt(n, 10)
	default:
		return "", fmt.Errorf("num of a %T", n)
	}
	return groupDigits(digits), nil
}

func groupDigits(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// formatPercent is part of whole with a digit that counts: "96.1", "100", "0".
func formatPercent(part, whole int) string {
	switch {
	case whole == 0:
		return "–"
	case part == whole:
		return "100"
	case part == 0:
		return "0"
	}
	// What is not all never reads 100, what is not nothing never 0.
	p := min(max(float64(part)/float64(whole)*100, 0.1), 99.9)
	return strconv.FormatFloat(p, 'f', 1, 64)
}

// formatDuration: 48 ms, 1.21 s, 20.0 s, 4 min 10 s, 2 h, 3 d 4 h.
func formatDuration(d time.Duration) string {
	switch {
	case d < time.Millisecond && d > 0:
		return "under 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return pair(int(d.Minutes()), "min", int(d.Seconds())%60, "s")
	case d < 24*time.Hour:
		return pair(int(d.Hours()), "h", int(d.Minutes())%60, "min")
	}
	return pair(int(d.Hours())/24, "d", int(d.Hours())%24, "h")
}

func pair(a int, unitA string, b int, unitB string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, unitA)
	}
	return fmt.Sprintf("%d %s %d %s", a, unitA, b, unitB)
}

// relative says a moment as static/_src/js/format.js does, which keeps it fresh.
func relative(t, now time.Time) string {
	d := t.Sub(now)
	size := d.Abs()
	switch {
	case size < 3*time.Second:
		return "just now"
	case size >= 30*24*time.Hour:
		return t.UTC().Format("2 Jan 2006")
	}
	if d < 0 {
		return span(size) + " ago"
	}
	return "in " + span(roundUp(size))
}

// roundUp keeps "in 24 h" from becoming "in 23 h" a second later.
func roundUp(d time.Duration) time.Duration {
	unit := time.Second
	switch {
	case d > 47*time.Hour:
		unit = 24 * time.Hour
	case d > 59*time.Minute:
		unit = time.Hour
	case d > 59*time.Second:
		unit = time.Minute
	}
	return (d + unit - 1) / unit * unit
}

func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}

// short is the end of an id: the head of a v7 id is a clock and tells no rows
// apart.
func short(id any) string {
	s := fmt.Sprint(id)
	return s[max(0, len(s)-8):]
}

// shortID says a filter by an id whose name nobody knows.
func shortID(_ context.Context, _ domain.Actor, id string) string { return short(id) }

// dict makes the argument of a partial that takes several values.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict has %d arguments, an odd number", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict key %v is no string", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

package upload

import (
	"fmt"
	"strings"

	"doorito/domain"
)

// paint makes the lines for a terminal of w columns: files under way, and all
// of them together. The last column stays free: some terminals wrap there.
func (d *display) paint(w int) []string {
	w = max(w-1, 10)
	var lines []string
	for i, l := range d.active {
		if i == mostLines {
			lines = append(lines, cut(fmt.Sprintf("… and %d more", len(d.active)-i), w))
			break
		}
		lines = append(lines, l.paint(w))
	}
	s := d.sum()
	lines = append(lines, s.paint(w))
	if d.waiting != "" {
		lines = append(lines, cut(d.waiting, w))
	}
	return lines
}

// paint shows the name, and as much of bar, share and size as there is room for.
func (l *line) paint(w int) string {
	done := l.done.Load()
	if l.size < 0 {
		tail := " " + domain.FormatBytes(done)
		return fill(l.name, max(w-cells(tail), 0)) + tail
	}
	tail := fmt.Sprintf(" %3d %%", percent(done, l.size))
	if w >= 50 {
		tail += fmt.Sprintf("  %9s", domain.FormatBytes(l.size))
	}
	if w >= 70 {
		tail = " " + bar(done, l.size, 20) + tail
	}
	return fill(l.name, max(w-cells(tail), 0)) + tail
}

func (s state) paint(w int) string {
	out := fmt.Sprintf("%3d %%", percent(s.done, s.total))
	if s.total == 0 {
		out = ""
	}
	if w >= 70 && s.total > 0 {
		out = bar(s.done, s.total, 20) + " " + out
	}
	for _, piece := range s.words() {
		if next := strings.TrimPrefix(out+"  "+piece, "  "); cells(next) <= w {
			out = next
		}
	}
	return cut(out, w)
}

func percent(done, total int64) int64 {
	if total == 0 {
		return 100
	}
	return min(max(done, 0)*100/total, 100)
}

func bar(done, total int64, w int) string {
	full := int(percent(done, total)) * w / 100
	return strings.Repeat("█", full) + strings.Repeat("░", w-full)
}

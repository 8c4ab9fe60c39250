package upload

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestWordsFitTheirPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"short.txt": "short.txt ", "exactly10.": "exactly10.", "eleven-long": "eleven-lo…", "報告書報告書": "報告書報… ", "e\u0301e\u0301": "e\u0301e\u0301        ",
	} {
		if got := fill(text, 10); got != want || cells(got) != 10 {
			t.Errorf("%q becomes %q of %d columns, not %q", text, got, cells(got), want)
		}
	}
	if cut("abc", 0) != "" || cut("abc", 1) != "…" {
		t.Error("a name does not shrink to nothing")
	}
	for d, want := range map[time.Duration]string{
		0: "0 s", 59400 * time.Millisecond: "59 s", time.Minute: "1 min", 185 * time.Second: "3 min 5 s", 130 * time.Minute: "2 h 10 min", 50 * time.Hour: "2 d 2 h",
	} {
		if got := span(d); got != want {
			t.Errorf("%s is told as %q, not %q", d, got, want)
		}
	}
}

func TestNamesCannotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	if got := printable("a\x1b[2J\nb\u202egpj.exe\xff.txt é 報"); got != "a?[2J?b?gpj.exe?.txt é 報" {
		t.Errorf("%q", got)
	}
}

func TestProgressFitsEveryTerminal(t *testing.T) {
	t.Parallel()
	d := &display{files: 12, total: 2_600_000_000, speed: speed{value: 45_100_000}, width: func() int { return 80 }}
	d.trouble(networkError{errSilent})
	for _, name := range []string{"photos/2024/" + strings.Repeat("a very long name ", 20), "報告/" + strings.Repeat("書", 90), "x"} {
		l := d.begin(&item{shown: name, size: 1_200_000_000})
		l.found(600_000_000)
	}
	d.begin(&item{shown: "stream", size: -1})
	for w := 1; w < 200; w++ {
		for _, line := range d.paint(w) {
			if n := cells(line); n >= max(w, 11) {
				t.Errorf("%d columns at %d: %q", n, w, line)
			}
		}
	}
	all := strings.Join(d.paint(100), "\n")
	for _, want := range []string{" 50 %", "██████████░░░░░░░░░░", "1.20 GB", "0 of 12 files", "1.80 GB of 2.60 GB", "45.1 MB/s", "18 s left", "Waiting for the portal: the connection went silent."} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
}

func TestSpeedIsSmoothAndFallsWhenNothingMoves(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	s := speed{at: now}
	step := func(sent int64) float64 {
		now = now.Add(time.Second)
		s.note(sent, now)
		return s.value
	}
	if v := step(1000); v != 1000 {
		t.Errorf("the first second says %f", v)
	}
	if v := step(3000); v < 1100 || v > 1900 {
		t.Errorf("twice as fast for a second says %f", v)
	}
	for range 30 {
		step(3000)
	}
	if s.value > 5 {
		t.Errorf("nothing for 30 s says %f", s.value)
	}
}

func TestMissingPartsAreWhatRangesLeave(t *testing.T) {
	t.Parallel()
	s := &session{ChunkSize: 10, Parts: 6, Received: [][2]int{{1, 2}, {4, 4}}}
	got := s.missing()
	if len(got) != 3 || got[0] != 3 || got[1] != 5 || got[2] != 6 || s.bytes(got, 53) != 10+10+3 {
		t.Errorf("%v, %d bytes", got, s.bytes(got, 53))
	}
	if all := (&session{Parts: 2, Received: [][2]int{{1, 2}}}).missing(); len(all) != 0 {
		t.Error(all)
	}
}

func TestWhatWasSentInVainIsNotCounted(t *testing.T) {
	l := &line{display: &display{}}
	c := l.content(10, func() io.Reader { return strings.NewReader("0123456789") })
	first := c.body()
	_, _ = io.CopyN(io.Discard, first, 4)
	c.undo()
	_, _ = io.Copy(io.Discard, first) // the client reads on after an early answer
	if n := l.display.sent.Load(); n != 0 || l.done.Load() != 0 {
		t.Errorf("%d bytes count after they were taken back", n)
	}
	_, _ = io.Copy(io.Discard, c.body())
	if n := l.display.sent.Load(); n != 10 || l.done.Load() != 10 {
		t.Errorf("%d bytes count, 10 arrived", n)
	}
}

package upload

import (
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"doorito/domain"
	"doorito/ports"
)

// How often progress is told: painted on a terminal, written as a line elsewhere.
const (
	paintEvery = 100 * time.Millisecond
	writeEvery = 10 * time.Second
	mostLines  = 6 // files painted at once
)

// display tells the progress on standard error.
type display struct {
	out   io.Writer
	width func() int // nil: no terminal
	quiet bool
	clock ports.Clock
	sent  atomic.Int64 // bytes that went out in this run

	mu      sync.Mutex
	files   int
	ended   int
	total   int64 // bytes of all files
	settled int64 // of those that ended
	active  []*line
	speed   speed
	painted int // lines that are on the terminal
	waiting string
}

// line is one file under way.
type line struct {
	display *display
	name    string
	size    int64 // -1 when unknown
	done    atomic.Int64
}

// start begins to tell; the returned function ends it.
func (d *display) start(items []*item) (stop func()) {
	d.files = len(items)
	for _, it := range items {
		d.total += max(it.size, 0)
	}
	d.speed.at = d.clock.Now()
	if d.quiet {
		return func() {}
	}
	every := writeEvery
	if d.width != nil {
		every = paintEvery
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				d.tell()
			case <-end:
				d.aside(func() {})
				return
			}
		}
	}()
	return func() { close(end); <-ended }
}

func (d *display) begin(it *item) *line {
	l := &line{display: d, name: printable(it.shown), size: it.size}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.active = append(d.active, l)
	return l
}

func (d *display) end(l *line) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended++
	d.settled += max(l.size, 0)
	for i, a := range d.active {
		if a == l {
			d.active = append(d.active[:i], d.active[i+1:]...)
			return
		}
	}
}

// found notes bytes that are at the portal already.
func (l *line) found(n int64) { l.done.Store(n) }

// content counts what goes out of a body, and takes it back when it was in vain.
func (l *line) content(size int64, body func() io.Reader) content {
	var last *counted
	undo := func() {
		if last != nil {
			last.takeBack()
		}
	}
	return content{
		size: size,
		body: func() io.Reader {
			undo()
			last = &counted{Reader: body(), line: l}
			return last
		},
		undo: undo,
	}
}

// counted is one sending of a body. The HTTP client may read on for a while
// after it has handed over an early answer: what was taken back counts no more.
type counted struct {
	io.Reader
	line *line

	mu     sync.Mutex
	n      int64
	inVain bool
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.inVain {
		c.add(int64(n))
	}
	return n, err
}

func (c *counted) takeBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inVain = true
	c.add(-c.n)
}

func (c *counted) add(n int64) {
	c.n += n
	c.line.done.Add(n)
	c.line.display.sent.Add(n)
}

// aside runs write, which may print to the terminal, with the painting away.
func (d *display) aside(write func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wipe()
	write()
}

func (d *display) wipe() {
	if d.painted > 0 {
		fmt.Fprintf(d.out, "\x1b[%dA\r\x1b[J", d.painted)
		d.painted = 0
	}
}

// trouble is told of a failed try; nil when the portal answers again.
func (d *display) trouble(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.waiting
	d.waiting = ""
	if err != nil {
		d.waiting = "Waiting for the portal: " + strings.TrimSuffix(printable(err.Error()), ".") + ". Trying again."
	}
	if d.quiet || d.width != nil || before == d.waiting {
		return
	}
	if err == nil {
		fmt.Fprintln(d.out, "The portal answers again.")
		return
	}
	fmt.Fprintln(d.out, d.waiting)
}

// tell paints on a terminal, or writes a line.
func (d *display) tell() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.speed.note(d.sent.Load(), d.clock.Now())
	if d.width == nil {
		fmt.Fprintln(d.out, strings.Join(d.sum().words(), ", "))
		return
	}
	lines := d.paint(d.width())
	var out strings.Builder
	if d.painted > 0 {
		fmt.Fprintf(&out, "\x1b[%dA\r", d.painted)
	}
	for _, l := range lines {
		out.WriteString(l + "\x1b[K\n")
	}
	out.WriteString("\x1b[J")
	d.painted = len(lines)
	_, _ = io.WriteString(d.out, out.String())
}

// sum is the state of everything.
func (d *display) sum() state {
	s := state{files: d.files, ended: d.ended, total: d.total, done: d.settled, speed: d.speed.value}
	for _, l := range d.active {
		s.done += l.done.Load()
	}
	return s
}

// state is what one line tells of all files.
type state struct {
	files, ended int
	done, total  int64
	speed        float64 // bytes a second
}

// words are the pieces, the most important first.
func (s state) words() []string {
	if s.total == 0 {
		return []string{fmt.Sprintf("%d of %d files", s.ended, s.files), domain.FormatBytes(s.done), domain.FormatBytes(int64(s.speed)) + "/s"}
	}
	out := []string{
		fmt.Sprintf("%d of %d files", s.ended, s.files),
		domain.FormatBytes(s.done) + " of " + domain.FormatBytes(s.total),
		domain.FormatBytes(int64(s.speed)) + "/s",
	}
	if left := s.total - s.done; s.speed >= 1 && left > 0 {
		out = append(out, span(time.Duration(min(float64(left)/s.speed, 1e6)*float64(time.Second)))+" left")
	}
	return out
}

// speed is smoothed over a few seconds, so that it can be read.
type speed struct {
	at    time.Time
	sent  int64
	value float64
	known bool
}

const smoothing = 4 * time.Second

func (s *speed) note(sent int64, now time.Time) {
	took := now.Sub(s.at)
	if took <= 0 {
		return
	}
	v := max(float64(sent-s.sent)/took.Seconds(), 0)
	if s.known {
		keep := math.Exp(-took.Seconds() / smoothing.Seconds())
		v = s.value*keep + v*(1-keep)
	}
	s.known = s.known || sent > 0
	s.at, s.sent, s.value = now, sent, v
}

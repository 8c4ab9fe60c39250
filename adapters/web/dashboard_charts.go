package web

import (
	"strconv"
	"strings"
	"time"

	"doorito/domain"
	"doorito/ports/usecase"
)

// over is everything that is drawn, slot by slot.
type over struct {
	slots                             slots
	stored, refused, bytes, good, bad series
	storage, queue, p50, p95, rate    series
}

func overOf(sum *usecase.Summary) over {
	s := slotsOf(sum.Span, sum.Now)
	o := over{slots: s, stored: s.series(), refused: s.series(), bytes: s.series(), good: s.series(), bad: s.series()}
	for _, h := range sum.Files {
		if i := s.index(h.Hour); i >= 0 {
			o.stored[i] += int64(h.Stored)
			o.refused[i] += int64(h.Failed)
			o.bytes[i] += h.Bytes
		}
	}
	o.deliveries(sum)
	o.levels(sum)
	return o
}

func (o *over) deliveries(sum *usecase.Summary) {
	s := o.slots
	o.p50, o.p95, o.rate = s.unknown(), s.unknown(), s.unknown()
	answers := make([]domain.Latencies, s.n)
	for _, h := range sum.Deliveries {
		i := s.index(h.Hour)
		if i < 0 {
			continue
		}
		o.good[i] += int64(h.OK)
		o.bad[i] += int64(h.Failed)
		answers[i].Merge(h.Answers)
	}
	for i, l := range answers {
		if n := o.good[i] + o.bad[i]; n > 0 {
			o.rate[i] = o.good[i] * 1000 / n
		}
		if len(l) > 0 {
			o.p50[i], o.p95[i] = l.Percentile(50).Microseconds(), l.Percentile(95).Microseconds()
		}
	}
}

// levels carry what is kept on to the next change, and say of the queue what
// was seen.
func (o *over) levels(sum *usecase.Summary) {
	s := o.slots
	o.storage, o.queue = s.unknown(), s.unknown()
	have, next := int64(-1), 0
	for i := range s.n {
		end := s.at(i + 1)
		for ; next < len(sum.Storage) && sum.Storage[next].Hour.Before(end); next++ {
			have = sum.Storage[next].Bytes
		}
		if !s.at(i).After(s.now) {
			o.storage[i] = have
		}
	}
	for _, q := range sum.Queue {
		if i := s.index(q.Hour); i >= 0 {
			o.queue[i] = max(o.queue[i], int64(q.Pending))
		}
	}
}

// unknown is a series of which nothing is known yet.
func (s slots) unknown() series {
	v := s.series()
	for i := range v {
		v[i] = -1
	}
	return v
}

// draw makes the charts of the page.
func (p *DashboardPage) draw(sum *usecase.Summary, o over) {
	s := o.slots
	p.Files = barsOver(s, wideFrame, o.stored, o.refused, "ink", true, shortWords, func(i int) string {
		return countWords(o.stored[i]) + " stored, " + countWords(o.refused[i]) + " refused"
	})
	p.Files.Label = "Files over time: " + countWords(o.stored.sum()) + " stored, " + countWords(o.refused.sum()) + " refused"
	p.Bytes = barsOver(s, halfFrame, o.bytes, s.series(), "ink", true, byteWords, func(i int) string { return domain.FormatBytes(o.bytes[i]) })
	p.Bytes.Label = "Bytes received over time: " + domain.FormatBytes(o.bytes.sum())
	p.Kept, p.KeptFiles = domain.FormatBytes(sum.StoredBytes), sum.StoredFiles
	p.Used = linesOver(s, halfFrame, byteWords, "Known from the next whole hour on", line{class: "is-stored", values: o.storage, wash: true})
	p.Used.Label = "Storage used over time: " + p.Kept + " now"
	p.Health = barsOver(s, halfFrame, o.good, o.bad, "c is-ok", false, shortWords, func(i int) string {
		return countWords(o.good[i]) + " delivered, " + countWords(o.bad[i]) + " failed"
	})
	p.Health.Label = "Attempts over time: " + countWords(o.good.sum()) + " delivered, " + countWords(o.bad.sum()) + " failed"
	p.Success = formatPercent(sum.Totals.Deliveries, sum.Totals.Deliveries+sum.Totals.Failures)
	p.Rate = linesOver(s, rateFrame, func(n int64) string { return strconv.FormatInt(n/10, 10) + " %" }, "Nothing was sent", line{class: "is-delivered", values: o.rate, wash: true})
	p.Rate.Label = "Share of attempts that got through over time: " + p.Success + " % in all"
	p.P50, p.P95 = sum.Totals.Answers.Percentile(50), sum.Totals.Answers.Percentile(95)
	p.Answers = linesOver(s, timeFrame, latencyWords, "No answer came", line{class: "is-warning", values: o.p95}, line{class: "is-pending", values: o.p50})
	p.Answers.Label = "Time to answer over time: p95 " + formatDuration(p.P95)
	if n := len(sum.Queue); n > 0 {
		p.Waiting = sum.Queue[n-1].Pending
	}
	p.Queue = linesOver(s, halfFrame, shortWords, "Not looked at yet", line{class: "is-pending", values: o.queue, wash: true})
	p.Queue.Label = "Deliveries waiting over time: " + countWords(int64(p.Waiting)) + " now"
}

func byteWords(n int64) string {
	if n == 0 {
		return "0"
	}
	// Lines of a grid stand at round numbers: "20 MB", not "20.0 MB".
	number, unit, _ := strings.Cut(domain.FormatBytes(n), " ")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number + " " + unit
}

func latencyWords(us int64) string { return axisTime(time.Duration(us) * time.Microsecond) }

// sparks are the lines on the floor of numbers, until now.
type sparks struct{ stored, refused, bytes, delivered, failures []int }

func (o over) sparks() sparks {
	return sparks{o.spark(o.stored), o.spark(o.refused), o.spark(o.bytes), o.spark(o.good), o.spark(o.bad)}
}

// spark leaves out what is still to come, and a line that would lie flat on the
// floor altogether.
func (o over) spark(v series) []int {
	top := v.sum()
	if top == 0 {
		return nil
	}
	var out []int
	for i, n := range v {
		if o.slots.at(i).After(o.slots.now) {
			break
		}
		// Parts of the whole, so that terabytes draw as well as files.
		out = append(out, int(n*10_000/top))
	}
	return out
}

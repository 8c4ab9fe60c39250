package engine

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// line is what one endpoint has in flight here. A lease whose request has its
// answer takes no room at the endpoint any more, so the next one is leased while
// the result is being written. What is leased too early for that, or ahead, waits.
type line struct {
	limit    int // of requests at once
	leased   int
	sending  int
	answered int
	waiting  []waiting
	pace     int // good answers since the last claim; below zero after a bad one
}

// waiting is a leased job whose request has not begun.
type waiting struct {
	job    Job
	ctx    context.Context
	cancel func()
}

// reserve is the share of the slots, a fourth, that is kept for endpoints with
// little in flight: many that hang at once do not shut out the rest.
const reserve = 4

// scarce is what an endpoint may have in flight once only the reserve is left.
const scarce = 2

// busy counts the requests under way, and those about to begin.
func (s *shift) busy() int { return len(s.flights) - s.waiting - s.unwritten }

// full tells that only the reserve is left.
func (s *shift) full() bool { return s.busy() >= s.e.Slots-s.e.Slots/reserve }

// room is how many more requests fit into this process, and how many an
// endpoint may have at most for the time being; 0 means as many as its limit.
func (s *shift) room() (free, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	free = s.e.Slots - s.busy()
	if free <= s.e.Slots/reserve {
		return free, scarce
	}
	return free - s.e.Slots/reserve, 0
}

// startAll sends leased jobs in the background.
func (s *shift) startAll(jobs []Job) {
	var back []*domain.Delivery
	for _, j := range jobs {
		if !s.start(j) {
			back = append(back, j.Delivery)
		}
	}
	if len(back) > 0 {
		s.release(back)
	}
}

// start sends a leased job as soon as fewer requests to its endpoint are under way
// than its limit; a delivery already in flight here (its lease lapsed while the
// database was away) is left alone. It refuses what was leased ahead when a bad
// answer has come meanwhile.
func (s *shift) start(j Job) bool {
	id, ep := j.Delivery.ID, j.Endpoint
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, twice := s.flights[id]; twice {
		return true
	}
	l := s.lines[ep.ID]
	if l == nil {
		l = &line{}
		s.lines[ep.ID] = l
	}
	l.limit = ep.InFlightLimit()
	if l.sending >= l.limit && l.pace < 0 {
		return false
	}
	ctx, cancel := context.WithCancel(s.ctx)
	s.flights[id] = flight{endpoint: ep, cancel: cancel}
	l.leased++
	w := waiting{j, ctx, cancel}
	if l.sending >= l.limit {
		l.waiting = append(l.waiting, w)
		s.waiting++
		return true
	}
	l.sending++
	s.sends.Go(func() { s.send(w) })
	return true
}

// send sends a job, and then one after the other that waits for its endpoint.
func (s *shift) send(w waiting) {
	for {
		r, ok := s.e.Courier.Attempt(w.ctx, w.job)
		w.cancel()
		next, back := s.answered(w.job.Endpoint.ID, ok, ok && r.Attempt.OK())
		if ok {
			s.results <- r
		} else {
			back = append(back, w)
		}
		s.giveBack(back)
		if next == nil {
			return
		}
		w = *next
	}
}

// answered makes room at an endpoint, for the next that waits here if there is one.
// Where the last claim found something, more may be due than there was room for.
// After a bad answer nothing is sent that was leased ahead: it goes back, for the
// endpoint may be paused by now.
func (s *shift) answered(endpoint uuid.UUID, ok, good bool) (next *waiting, back []waiting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[endpoint]
	more := l.sending >= l.limit || s.owing[endpoint] || s.full()
	l.sending--
	if ok {
		l.answered++
		s.unwritten++
	}
	if l.pace++; !good {
		l.pace = -l.limit
		back = s.unqueue(l)
	}
	if len(l.waiting) > 0 {
		l.sending++
		next, l.waiting = &l.waiting[0], l.waiting[1:]
		s.waiting--
		more = s.full()
	}
	if more {
		poke(s.freed)
	}
	return next, back
}

// unqueue takes out what waits in a line.
func (s *shift) unqueue(l *line) (back []waiting) {
	back, l.waiting = l.waiting, nil
	s.waiting -= len(back)
	return back
}

// queued takes out what waits in all lines.
func (s *shift) queued() (back []waiting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		back = append(back, s.unqueue(l)...)
	}
	return back
}

// giveBack releases leases whose requests were cut off or never began.
func (s *shift) giveBack(ws []waiting) {
	if len(ws) == 0 {
		return
	}
	ds := make([]*domain.Delivery, len(ws))
	for i, w := range ws {
		w.cancel()
		ds[i] = w.job.Delivery
	}
	s.release(ds)
}

const (
	// aheadFor is for how long an endpoint is busy, at its pace, with what is leased
	// ahead: a claim for many deliveries costs hardly more than one for few.
	aheadFor = 100 * time.Millisecond
	// aheadMost is how many times its limit that is at most.
	aheadMost = 4
)

// aheads is how much is leased ahead for each endpoint that answers well.
func (s *shift) aheads(now time.Time) map[uuid.UUID]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := max(now.Sub(s.paced), claimEvery)
	s.paced = now
	out := make(map[uuid.UUID]int)
	for id, l := range s.lines {
		if n := min(int(time.Duration(l.pace)*aheadFor/since), aheadMost*l.limit); n > 0 && s.waiting < s.e.Slots {
			out[id] = n
		}
		l.pace = min(l.pace, 0)
	}
	return out
}

// hasRoom tells whether an endpoint has fewer requests under way from here than
// it may have: then none of them will ask for more when it ends.
func (s *shift) hasRoom(endpoint uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[endpoint]
	return l == nil || l.sending < l.limit
}

// answers counts by endpoint the leases whose results are being written.
func (s *shift) answers() map[uuid.UUID]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[uuid.UUID]int)
	for id, l := range s.lines {
		if l.answered > 0 {
			out[id] = l.answered
		}
	}
	return out
}

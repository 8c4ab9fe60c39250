package sessions

import (
	"sync"

	"github.com/google/uuid"

	"doorito/domain"
)

const (
	// commitsAtOnce is how many transactions of one line are under way. Two, so
	// that processors and disk need not wait for each other.
	commitsAtOnce = 2
	// groupSize is how many uploads one transaction has at most.
	groupSize = 16
)

// groupCommit lets uploads that come while others are being committed share the
// transaction after that ("group commit"). Who comes when nobody is ahead waits
// for nobody. Those of a batch, whose row they lock, stand in a line of their
// own: whoever holds it holds up nobody else.
type groupCommit struct {
	mu    sync.Mutex
	lines map[uuid.UUID]*line
}

// line is what is under way and what waits.
type line struct {
	running int
	waiting []*waiting
}

// waiting is an upload in a line. When its turn comes it commits for a group,
// whose first it is, or another has done it.
type waiting struct {
	*member
	turn chan []*waiting // nil: it is done
	err  error
}

// do calls commit with m, and with whoever waits in the same line; alone says
// that nobody did. All of them get its error.
func (g *groupCommit) do(in uuid.UUID, m *member, commit func(group []*member) error) (alone bool, err error) {
	w := &waiting{member: m, turn: make(chan []*waiting, 1)}
	g.enter(in, w)
	group := <-w.turn
	if group == nil {
		return false, w.err
	}
	err = domain.Errorf(domain.Internal, "The commit broke off.") // by a panic, which goes on
	defer func() {
		for _, other := range group[1:] {
			other.err = err
			close(other.turn)
		}
		g.leave(in)
	}()
	members := make([]*member, len(group))
	for i, one := range group {
		members[i] = one.member
	}
	err = commit(members)
	return len(group) == 1, err
}

func (g *groupCommit) enter(in uuid.UUID, w *waiting) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lines[in]
	if l == nil {
		l = &line{}
		if g.lines == nil {
			g.lines = map[uuid.UUID]*line{}
		}
		g.lines[in] = l
	}
	if l.running < commitsAtOnce {
		l.running++
		w.turn <- []*waiting{w}
		return
	}
	l.waiting = append(l.waiting, w)
}

// leave gives the turn to those who wait.
func (g *groupCommit) leave(in uuid.UUID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lines[in]
	if n := min(len(l.waiting), groupSize); n > 0 {
		group := l.waiting[:n:n]
		l.waiting = l.waiting[n:]
		group[0].turn <- group
		return
	}
	if l.running--; l.running == 0 {
		delete(g.lines, in)
	}
}

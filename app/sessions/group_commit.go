package sessions

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

const (
	// groupSize is how many uploads one transaction has at most.
	groupSize = 16
	// linePatience is for how long an upload stands in line. Then the one before
	// is held up by more than the disk, and it goes with those behind it.
	linePatience = 100 * time.Millisecond
)

// groupCommit lets uploads that come while others are being committed share the
// transaction after that ("group commit"). Who comes when nobody is ahead waits
// for nobody.
type groupCommit struct {
	mu       sync.Mutex
	lines    map[lineKey]*line // those with a transaction under way
	patience time.Duration     // instead of linePatience, in tests
}

// lineKey is what those of one line have in common: the rows that they refer to.
// Whoever holds one of these holds up nobody else.
type lineKey struct{ user, batch uuid.UUID }

// line is who waits for the transaction under way.
type line struct{ waiting []*waiting }

// waiting is an upload in a line. When its turn comes it commits for a group,
// whose first it is, or another has done it.
type waiting struct {
	*member
	turn     chan []*waiting // nil: it is done
	patience time.Duration
	err      error
}

// do calls commit with m, and with whoever waits in the same line; alone says
// that nobody did. All of them get its error.
func (g *groupCommit) do(in lineKey, m *member, commit func(group []*member) error) (alone bool, err error) {
	w := &waiting{member: m, turn: make(chan []*waiting, 1)}
	g.enter(in, w)
	group, quit := g.await(in, w)
	if group == nil {
		return false, w.err
	}
	err = domain.Errorf(domain.Internal, "The commit broke off.") // by a panic, which goes on
	defer func() {
		for _, other := range group[1:] {
			other.err = err
			close(other.turn)
		}
		if !quit {
			g.leave(in)
		}
	}()
	members := make([]*member, len(group))
	for i, one := range group {
		members[i] = one.member
	}
	err = commit(members)
	return len(group) == 1, err
}

// await is the group that w commits for; nil when another has done it. quit says
// that they did not wait for their turn.
func (g *groupCommit) await(in lineKey, w *waiting) (group []*waiting, quit bool) {
	select {
	case group := <-w.turn:
		return group, false
	default:
	}
	timer := time.NewTimer(w.patience)
	defer timer.Stop()
	select {
	case group := <-w.turn:
		return group, false
	case <-timer.C:
	}
	if group := g.quit(in, w); group != nil {
		return group, true
	}
	return <-w.turn, false // somebody has taken it along meanwhile
}

// quit takes w, if it still stands in line, and those behind it out of it.
func (g *groupCommit) quit(in lineKey, w *waiting) []*waiting {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lines[in]
	if l == nil {
		return nil
	}
	from := slices.Index(l.waiting, w)
	if from < 0 {
		return nil
	}
	to := min(from+groupSize, len(l.waiting))
	group := slices.Clone(l.waiting[from:to])
	l.waiting = slices.Delete(l.waiting, from, to)
	return group
}

func (g *groupCommit) enter(in lineKey, w *waiting) {
	g.mu.Lock()
	defer g.mu.Unlock()
	w.patience = cmp.Or(g.patience, linePatience)
	if l := g.lines[in]; l != nil {
		l.waiting = append(l.waiting, w)
		return
	}
	if g.lines == nil {
		g.lines = map[lineKey]*line{}
	}
	g.lines[in] = &line{}
	w.turn <- []*waiting{w}
}

// leave gives the turn to those who wait.
func (g *groupCommit) leave(in lineKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lines[in]
	if n := min(len(l.waiting), groupSize); n > 0 {
		group := slices.Clone(l.waiting[:n])
		l.waiting = l.waiting[n:]
		group[0].turn <- group
		return
	}
	delete(g.lines, in)
}

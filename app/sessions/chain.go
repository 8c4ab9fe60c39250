package sessions

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// giveWay is how long a part waits for those before it: what a few take on a
	// fast network. Meanwhile its bytes gather in the socket, so that on a slow
	// one nothing is lost by it.
	giveWay = 100 * time.Millisecond
	// giveWayParts is how many parts ahead of the hash one may be to wait.
	giveWayParts = 8
)

// chains are the hashes of files whose parts come at this moment.
type chains struct {
	mu      sync.Mutex
	all     map[uuid.UUID]*chain
	giveWay time.Duration // instead of giveWay, in tests
}

// chain is the hash of a file over parts that come side by side. The part at
// which it is leads: it takes the hash along while it is received and passes it
// on with its last byte, so that nothing has to be read again. The parts behind
// wait for their turn, but not for long, and when one has waited in vain, none
// does until the hash gets further. What did not wait is hashed from the
// storage, by hashAhead or completion.
//
// A part is recorded after it has passed the hash on, or never. So what is
// saved with the session follows the links of recorded parts only: each leads
// from one state to the next, and a state tells every byte before it.
type chain struct {
	of      *chains
	id      uuid.UUID
	users   int
	at      prefixState
	saved   prefixState // by this process, or when it joined
	led     bool
	stalled bool                    // a part has waited in vain
	behind  bool                    // a part did not lead
	waiting map[int64]chan struct{} // by offset; closed when it leads
	links   map[string]prefixState  // of recorded parts that the saved prefix has not reached
}

// link is what a part made of the prefix before it.
type link struct{ before, after prefixState }

// join is the chain of a session, which the caller leaves. row tells from where
// the hash goes on, unless others here are further.
func (c *chains) join(row prefixState, id uuid.UUID, behind bool) *chain {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.all[id]
	if l == nil {
		if c.all == nil {
			c.all = map[uuid.UUID]*chain{}
		}
		l = &chain{of: c, id: id, at: row, saved: row, behind: behind, waiting: map[int64]chan struct{}{}, links: map[string]prefixState{}}
		c.all[id] = l
	}
	if l.users++; !l.led && row.length() > l.at.length() { // another process was faster
		l.at = row
	}
	return l
}

func (c *chain) leave() {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.users--; c.users == 0 {
		delete(c.of.all, c.id)
	}
}

// lead waits until the hash is at an offset and nobody else takes it on. After
// it the caller passes it on or gives it up. It is not ours when that took, or
// would take, too long.
func (c *chain) lead(ctx context.Context, offset, partSize int64) (before prefixState, ours bool) {
	turn, patience := c.queue(offset, partSize)
	if turn == nil {
		return nil, false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-turn:
	case <-timer.C:
	case <-ctx.Done():
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	select {
	case <-turn:
		return c.at, true
	default:
	}
	if c.waiting[offset] == turn {
		delete(c.waiting, offset)
	}
	c.behind, c.stalled = true, true
	return nil, false
}

// queue returns what is closed when the caller leads, and how long to wait for
// it; nil when it never will.
func (c *chain) queue(offset, partSize int64) (turn chan struct{}, patience time.Duration) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	ahead := offset - c.at.length()
	turn = make(chan struct{})
	inVain := c.stalled || c.behind && c.users == 1
	switch {
	case ahead == 0 && !c.led:
		c.led = true
		close(turn)
	case inVain || ahead < 0 || ahead > giveWayParts*partSize || c.waiting[offset] != nil:
		c.behind = true
		return nil, 0
	default:
		c.waiting[offset] = turn
	}
	return turn, cmp.Or(c.of.giveWay, giveWay)
}

// tryLead is lead for who reads from the storage: from wherever the hash is.
func (c *chain) tryLead() bool {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.led || !c.behind {
		return false
	}
	c.led = true
	return true
}

// pass has the next part lead; the hash is here now, or where it was when that
// is further.
func (c *chain) pass(to prefixState) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if to.length() > c.at.length() {
		c.at, c.stalled = to, false
	}
	at := c.at.length()
	if next := c.waiting[at]; next != nil {
		delete(c.waiting, at)
		close(next)
		return
	}
	c.led = false
}

// giveUp leaves the hash where it was.
func (c *chain) giveUp() { c.pass(nil) }

// follow returns where the recorded parts lead from a saved prefix, with one
// that is being recorded; nil for nowhere. took says whether that one was on
// the way.
func (c *chain) follow(saved prefixState, own *link) (to prefixState, took bool) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	return c.walk(saved, own)
}

// walk is follow for who holds mu.
func (c *chain) walk(at prefixState, own *link) (to prefixState, took bool) {
	for {
		if own != nil && at.equal(own.before) {
			to, took = own.after, true
		} else if next, ok := c.links[string(at)]; ok {
			delete(c.links, string(at))
			to = next
		} else {
			return to, took
		}
		at = to
	}
}

// recorded notes what a commit has saved, nil for nothing, and the link of a
// part that was not on the way there, nil for none. Where links of others lead
// on, which were noted too late for that commit, it returns from where and to.
func (c *chain) recorded(saved prefixState, own *link) (from, to prefixState) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if saved.length() > c.saved.length() {
		c.saved = saved
	}
	if own != nil {
		c.links[string(own.before)] = own.after
	}
	to, _ = c.walk(c.saved, nil)
	return c.saved, to
}

package sessions

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// giveWay is how long the hash of a part waits for those before it: what a
	// few take on a fast network. Meanwhile the part goes into the storage, as
	// far as buffers allow, and then gathers in the socket: on a slow network
	// nothing is lost by it.
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
	saved   prefixState // by anybody, as far as this process knows
	leader  *place      // nil for nobody
	stalled bool        // a part has waited in vain
	behind  bool        // a part did not lead
	waiting map[int64]*place
	links   map[string]prefixState // of recorded parts that the saved prefix has not reached
}

// place is that of one request in the chain. Who sends a part again takes the
// place of a request that may hang.
type place struct{ turn chan struct{} } // closed when it leads

// link is what a part made of the prefix before it.
type link struct{ before, after prefixState }

// join is the chain of a session, which the caller leaves. row is the prefix
// that is saved; behind says that parts are there which it does not have.
func (c *chains) join(row prefixState, id uuid.UUID, behind bool) *chain {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.all[id]
	if l == nil {
		if c.all == nil {
			c.all = map[uuid.UUID]*chain{}
		}
		l = &chain{of: c, id: id, at: row, saved: row, behind: behind, waiting: map[int64]*place{}, links: map[string]prefixState{}}
		c.all[id] = l
	}
	l.users++
	l.isSaved(row) // by another process
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
// it the caller passes it on or gives it up. nil when that took, or would take,
// too long.
func (c *chain) lead(ctx context.Context, offset, partSize int64) (ours *place, before prefixState) {
	p, patience := c.queue(offset, partSize)
	if p == nil {
		return nil, nil
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	inVain := false
	select {
	case <-p.turn:
	case <-ctx.Done():
	case <-timer.C:
		inVain = true
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.leader == p {
		return p, c.at
	}
	c.behind = true
	if c.waiting[offset] == p {
		delete(c.waiting, offset)
		c.stalled = c.stalled || inVain
	}
	return nil, nil
}

// queue returns the caller's place and how long to wait for its turn; nil when
// it will not come.
func (c *chain) queue(offset, partSize int64) (p *place, patience time.Duration) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	p = &place{turn: make(chan struct{})}
	if offset == c.saved.length() && offset < c.at.length() {
		c.at = c.saved // what was hashed since was refused, or is sent again
	}
	ahead := offset - c.at.length()
	inVain := c.stalled || c.behind && c.users == 1
	switch {
	case ahead == 0:
		c.leader = p
		close(p.turn)
	case inVain || ahead < 0 || ahead > giveWayParts*partSize:
		c.behind = true
		return nil, 0
	default:
		c.waiting[offset] = p
	}
	return p, cmp.Or(c.of.giveWay, giveWay)
}

// tryLead is lead for who reads from the storage what was not waited for. nil
// when somebody leads.
func (c *chain) tryLead() *place {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.leader != nil || !c.behind {
		return nil
	}
	c.leader = &place{}
	return c.leader
}

// pass has the next part lead; the hash is here now, or, for nil, where it was.
// Who was replaced passes nothing on.
func (c *chain) pass(from *place, to prefixState) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.leader != from {
		return
	}
	c.leader = nil
	c.move(to)
}

// move has the hash be at a state, or at what is saved, whatever is further, and
// wakes who waits there. mu is held.
func (c *chain) move(to prefixState) {
	for _, s := range []prefixState{to, c.saved} {
		if s != nil && s.length() >= c.at.length() {
			c.at, c.stalled = s, false
		}
	}
	at := c.at.length()
	if next := c.waiting[at]; next != nil {
		delete(c.waiting, at)
		c.leader = next
		close(next.turn)
	}
}

// isSaved notes what the session's row has. mu is held.
func (c *chain) isSaved(to prefixState) {
	if to.length() <= c.saved.length() {
		return
	}
	c.saved = to
	for before := range c.links {
		if prefixState(before).length() < to.length() {
			delete(c.links, before)
		}
	}
	if c.leader == nil {
		c.move(nil)
	}
}

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
	c.isSaved(saved)
	if own != nil && own.after.length() > c.saved.length() {
		c.links[string(own.before)] = own.after
	}
	to, _ = c.walk(c.saved, nil)
	return c.saved, to
}

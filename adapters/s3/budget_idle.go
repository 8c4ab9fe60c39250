package s3

import "container/list"

// spiller holds bytes that it can give back, since they are durable elsewhere.
type spiller interface {
	// spill gives them back, unless they are in use again.
	spill()
}

// idlers are spillers, the idlest first.
type idlers struct {
	line  list.List // of spiller
	place map[spiller]*list.Element
}

// offer says that s may be asked to spill. Who offers looks at pressed after.
func (b *Budget) offer(s spiller) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.idle.place == nil {
		b.idle.place = map[spiller]*list.Element{}
	}
	if b.idle.place[s] == nil {
		b.idle.place[s] = b.idle.line.PushBack(s)
	}
}

// withdraw takes the offer back.
func (b *Budget) withdraw(s spiller) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.idle.place[s]; e != nil {
		b.idle.line.Remove(e)
		delete(b.idle.place, s)
	}
}

// reclaim makes the idlest spill until c is served or nobody is idle.
func (b *Budget) reclaim(c *claim) {
	for {
		select {
		case <-c.ready:
			return
		default:
		}
		s := b.idlest()
		if s == nil {
			return
		}
		s.spill()
	}
}

func (b *Budget) idlest() spiller {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.idle.line.Front()
	if e == nil {
		return nil
	}
	s := b.idle.line.Remove(e).(spiller)
	delete(b.idle.place, s)
	return s
}

// pressed tells whether somebody waits.
func (b *Budget) pressed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.queue.Len() > 0
}

package digest

// Paired says whether this processor hashes two streams at once.
func Paired() bool { return paired }

// Occupy takes all slots, so that who writes waits, and returns what tells how
// many do, and what gives the slots back.
func Occupy() (waiting func() int, end func()) {
	streams.mu.Lock()
	defer streams.mu.Unlock()
	n := streams.free
	streams.free = 0
	waiting = func() int {
		streams.mu.Lock()
		defer streams.mu.Unlock()
		return len(streams.waiting)
	}
	return waiting, func() {
		for range n {
			streams.leave()
		}
	}
}

// Blocks hashes whole blocks side by side from the initial state on.
func Blocks(p, q []byte) (a, b [8]uint32) {
	x, y := initial(), initial()
	blocks(&x, &y, &p[0], &q[0], len(p)/64)
	return x, y
}

func initial() words {
	d := New()
	d.open()
	return d.scratch.words()
}

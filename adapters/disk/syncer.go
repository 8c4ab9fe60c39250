package disk

import "os"

const (
	// syncStep is how many new bytes are worth a sync of their own.
	syncStep = 16 << 20
	// syncAhead is how many steps the writer may be ahead of a sync that is
	// running. It bounds what Commit has to wait for on a slow disk.
	syncAhead = 4
)

// syncer makes written bytes durable in its own goroutine.
type syncer struct {
	wake chan struct{}
	done chan struct{}
	err  error // of the goroutine; read it after done is closed
}

func startSyncer(f *os.File) *syncer {
	s := &syncer{wake: make(chan struct{}, syncAhead), done: make(chan struct{})}
	go s.run(f)
	return s
}

func (s *syncer) run(f *os.File) {
	defer close(s.done)
	for range s.wake {
		s.fold()
		if s.err = dataSync(f); s.err != nil {
			return
		}
	}
}

// fold takes the further calls that wait: one sync answers them all.
func (s *syncer) fold() {
	for {
		select {
		case _, open := <-s.wake:
			if !open {
				return
			}
		default:
			return
		}
	}
}

// ask wants a sync of all that was written; it waits only when syncAhead asks
// are open. The error is that of an earlier sync.
func (s *syncer) ask() error {
	select {
	case s.wake <- struct{}{}:
		return nil
	case <-s.done:
		return s.err
	}
}

// end waits for a running sync and returns the first error.
func (s *syncer) end() error {
	close(s.wake)
	<-s.done
	return s.err
}

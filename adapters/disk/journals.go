package disk

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"doorito/domain"
)

const (
	journalDir = ".journal"
	// journalSize is how long a journal is, in bytes; a process has two.
	journalSize = 16 << 20
	// journalAfter is how many small blobs a process syncs one by one before it
	// makes its journals: few are not worth the room. journalRetry is the same
	// after they could not be made.
	journalAfter = 32
	journalRetry = 1024
	// journalAge is how long bytes may be in a journal alone, and how long one that
	// could not be emptied rests.
	journalAge = 2 * time.Second
	// folderWait is for how long the lock on their folder is waited for, which is
	// tried for every folderEvery.
	folderWait  = time.Minute
	folderEvery = 20 * time.Millisecond
)

// errBusy is that of a lock that somebody else has.
var errBusy = errors.New("somebody else has the lock")

// journals are the two of a process, which take turns: while the blobs of one
// are synced, records go to the other. When none is ready, blobs are synced one
// by one as ever.
type journals struct {
	dir   string
	size  int64
	age   time.Duration
	sync  func(*os.File) error  // makes the bytes of a file durable
	save  func(*os.File) error  // and all of its file system
	can   func(dir string) bool // tells whether that can be trusted
	mend  func(*os.File) error  // makes durable what a failed save did not
	adopt func()                // takes over journals that were left
	done  chan struct{}         // closed by close
	after int                   // small blobs until they are made; 0: they are, or never will be

	making sync.Mutex
	mu     sync.Mutex
	have   int      // those that are ready, and being emptied
	left   int      // those that could not be
	ready  *journal // takes records
	spare  *journal // for when that is full
	old    *time.Timer
	closed bool
	busy   sync.WaitGroup // what makes and empties
}

func newJournals(b *Blobs) *journals {
	return &journals{
		dir: filepath.Join(b.root, journalDir), size: journalSize, age: journalAge, sync: dataSync, save: syncFS, after: journalAfter,
		can: canSyncFS, mend: b.mend, adopt: func() { b.adoptJournals(false) }, done: make(chan struct{}),
	}
}

// put makes durable what f, the file of a key, was written with; false when it
// cannot, and then f has to be synced.
func (js *journals) put(key string, f *os.File, data []byte) bool {
	j := js.take(key, data)
	if j == nil {
		return false
	}
	return j.put(key, identify(f), data)
}

// take finds the journal that has room. The first blobs have none; the last of
// them sees to it that the next do.
func (js *journals) take(key string, data []byte) *journal {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.closed {
		return nil
	}
	if js.after > 0 {
		if js.after--; js.after == 0 {
			js.busy.Go(js.makeBoth)
		}
	}
	for js.ready != nil {
		j := js.ready
		fits, first := j.room(key, data)
		if first {
			js.old = time.AfterFunc(js.age, func() { js.turn(j) })
		}
		if fits {
			return j
		}
		js.swap()
	}
	return nil
}

// makeBoth makes those that there are not.
func (js *journals) makeBoth() {
	if !js.can(filepath.Dir(js.dir)) {
		return
	}
	js.making.Lock()
	defer js.making.Unlock()
	for {
		js.mu.Lock()
		lacking := js.have < 2
		js.mu.Unlock()
		if !lacking {
			return
		}
		j, err := js.makeOne()
		if err != nil {
			js.mu.Lock()
			js.after = journalRetry
			js.mu.Unlock()
			return
		}
		js.offer(j, 1)
	}
}

func (js *journals) makeOne() (*journal, error) {
	if err := os.MkdirAll(js.dir, 0o700); err != nil {
		return nil, err
	}
	j, err := js.create()
	if err != nil {
		return nil, err
	}
	err = j.prepare()
	if err == nil {
		err = errors.Join(js.save(j.file), syncFolder(js.dir), syncFolder(filepath.Dir(js.dir)))
	}
	if err != nil {
		return nil, errors.Join(err, j.remove())
	}
	return j, nil
}

// create makes the file and locks it, before who adopts journals can take it for
// one that was left.
func (js *journals) create() (*journal, error) {
	unlock, err := lockFolder(js.dir, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return newJournal(js.dir, js.size, js.sync)
}

// offer has an empty journal wait for its turn; made counts it.
func (js *journals) offer(j *journal, made int) {
	js.mu.Lock()
	defer js.mu.Unlock()
	js.have += made
	if js.ready == nil {
		js.ready = j
	} else {
		js.spare = j
	}
}

// turn lets the other go on instead of j, unless it does already.
func (js *journals) turn(j *journal) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.ready == j && !js.closed {
		js.swap()
	}
}

// swap empties the one that is ready, and the other is ready, if there is one.
// The caller has mu.
func (js *journals) swap() {
	j := js.ready
	js.ready, js.spare = js.spare, nil
	if js.old != nil {
		js.old.Stop()
	}
	js.busy.Go(func() {
		for js.empty(j) != nil {
			select {
			case <-time.After(js.age):
			case <-js.done:
				js.leave(j)
				return
			}
		}
		js.offer(j, 0)
		js.adopt()
	})
}

// leave lets another process, or the next, do what this one could not.
func (js *journals) leave(j *journal) {
	j.file.Close()
	js.mu.Lock()
	defer js.mu.Unlock()
	js.left++
}

// empty syncs the blobs of a journal. Once that has failed they are written anew,
// since the same error is not told again.
func (js *journals) empty(j *journal) error {
	return j.empty(func(f *os.File) error {
		if !j.failed && js.save(f) == nil {
			return nil
		}
		j.failed = true
		err := js.mend(f)
		j.failed = err != nil
		return err
	})
}

// close empties both and removes them; Unavailable when one is left.
func (js *journals) close() error {
	js.mu.Lock()
	if !js.closed {
		close(js.done)
	}
	js.closed = true
	if js.old != nil {
		js.old.Stop()
	}
	js.mu.Unlock()
	js.busy.Wait()
	js.mu.Lock()
	both := []*journal{js.ready, js.spare}
	js.ready, js.spare = nil, nil
	js.mu.Unlock()
	var errs []error
	for _, j := range both {
		if j == nil {
			continue
		}
		if js.empty(j) != nil {
			js.leave(j)
			continue
		}
		errs = append(errs, j.remove())
	}
	if js.left > 0 {
		errs = append(errs, domain.Errorf(domain.Unavailable, "Small files could not be synced. The next start tries again."))
	}
	return errors.Join(errs...)
}

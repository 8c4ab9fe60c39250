package disk

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	journalDir = ".journal"
	// journalSize is how long a journal is, in bytes; a process has two.
	journalSize = 16 << 20
	// journalAfter is how many small blobs a process syncs one by one before it
	// makes its journals: few are not worth the room.
	journalAfter = 32
	// journalAge is how long bytes may be in a journal alone.
	journalAge = 2 * time.Second
)

// journals are the two of a process, which take turns: while the blobs of one
// are synced, records go to the other. When none is ready, blobs are synced one
// by one as ever.
type journals struct {
	root    string
	boot    string // of the machine
	restore func(f *os.File, missing bool) error
	size    int64
	age     time.Duration
	save    func(*os.File) error // syncs the file system of a file
	after   int                  // small blobs until they are made; 0: they are, or never will be

	mu     sync.Mutex
	ready  *journal // takes records
	spare  *journal // for when that is full
	old    *time.Timer
	closed bool
	busy   sync.WaitGroup // what makes and empties
}

func newJournals(b *Blobs) *journals {
	return &journals{root: b.root, boot: bootID(), restore: b.restore, size: journalSize, age: journalAge, save: syncFS, after: journalAfter}
}

// put makes data durable, which is in the file of its key already; false when it
// cannot, and then that file has to be synced.
func (js *journals) put(key string, data []byte) bool {
	j := js.take(key, data)
	return j != nil && j.put(key, data)
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

func (js *journals) makeBoth() {
	for range 2 {
		j, err := js.makeOne()
		if err != nil {
			return // blobs are synced one by one, as before
		}
		js.offer(j)
	}
}

func (js *journals) makeOne() (*journal, error) {
	dir := filepath.Join(js.root, journalDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	j, err := newJournal(dir, js.boot, js.size)
	if err != nil {
		return nil, err
	}
	return j, errors.Join(syncFolder(dir), syncFolder(js.root))
}

// offer has an empty journal wait for its turn.
func (js *journals) offer(j *journal) {
	js.mu.Lock()
	defer js.mu.Unlock()
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
		if js.empty(j) == nil {
			js.offer(j)
		} else {
			j.file.Close() // what is in it waits for the next start
		}
	})
}

// empty syncs the blobs of a journal. Those that the disk did not take are
// written anew.
func (js *journals) empty(j *journal) error {
	return j.empty(func(f *os.File) error {
		if err := js.save(f); err == nil {
			return nil
		}
		return js.restore(f, false)
	})
}

// close empties both and removes them.
func (js *journals) close() error {
	js.mu.Lock()
	js.closed = true
	js.mu.Unlock()
	js.busy.Wait()
	var errs []error
	for _, j := range []*journal{js.ready, js.spare} {
		if j == nil {
			continue
		}
		err := js.empty(j)
		if err == nil {
			err = os.Remove(j.file.Name())
		}
		errs = append(errs, err, j.file.Close())
	}
	js.ready, js.spare = nil, nil
	return errors.Join(errs...)
}

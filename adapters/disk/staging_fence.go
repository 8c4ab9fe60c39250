package disk

import (
	"hash/fnv"
	"maps"
	"os"
	"slices"
	"sync"

	"doorito/domain"
)

// appending is the number under which the writer of Append is known; parts
// begin at 1.
const appending = 0

// stages knows who writes into staging files in this process, so that the
// newest writer can end the one before it.
type stages struct {
	claims [64]sync.Mutex // by path: opening a staging file for oneself
	mu     sync.Mutex
	open   map[string]map[int]*fence // by path and part number
}

// claiming locks out others who want the same staging file for themselves.
func (s *stages) claiming(path string) (unlock func()) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(path))
	mu := &s.claims[h.Sum32()%uint32(len(s.claims))]
	mu.Lock()
	return mu.Unlock
}

// enter makes f the writer of a number; the one before it is ended.
func (s *stages) enter(path string, number int, f *fence) {
	s.mu.Lock()
	if s.open == nil {
		s.open = map[string]map[int]*fence{}
	}
	if s.open[path] == nil {
		s.open[path] = map[int]*fence{}
	}
	earlier := s.open[path][number]
	s.open[path][number] = f
	s.mu.Unlock()
	if earlier != nil {
		earlier.end(takenOver())
	}
}

func (s *stages) leave(path string, number int, f *fence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[path][number] != f {
		return
	}
	delete(s.open[path], number)
	if len(s.open[path]) == 0 {
		delete(s.open, path)
	}
}

// stop ends all writers of a staging file and waits for the write each is in.
func (s *stages) stop(path string, why error) {
	s.mu.Lock()
	found := slices.Collect(maps.Values(s.open[path]))
	s.mu.Unlock()
	for _, f := range found {
		f.end(why)
	}
}

// fence stands between a writer and its file: once ended, not a byte passes.
type fence struct {
	mu    sync.Mutex
	file  *os.File
	turn  *turn // between processes, for a part; nil for none
	err   error
	inUse sync.RWMutex // of file, by beside; taken under mu
}

// do runs op on the file unless the fence has been ended. The first error of
// an op is final: after a sync that failed, bytes may be lost even if the next
// one succeeds.
func (f *fence) do(op func(*os.File) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	if f.turn == nil {
		f.err = storageError(op(f.file))
	} else {
		f.err = f.turn.do(func() error { return storageError(op(f.file)) })
	}
	return f.err
}

// beside is do for an op that changes no byte of the file: others may write
// meanwhile.
func (f *fence) beside(op func(*os.File) error) error {
	f.mu.Lock()
	if f.err != nil {
		defer f.mu.Unlock()
		return f.err
	}
	f.inUse.RLock()
	f.mu.Unlock()
	err := storageError(op(f.file))
	f.inUse.RUnlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
	return f.err
}

// end closes the file, which gives up its lock too.
func (f *fence) end(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = why
	}
	f.inUse.Lock()
	defer f.inUse.Unlock()
	if f.file != nil {
		_ = f.file.Close() // what counts was synced before
		f.file = nil
	}
	f.turn.leave()
}

func takenOver() error {
	return domain.Errorf(domain.Conflict, "Another request goes on with this upload. Ask how much has arrived, then go on from there.")
}

func stageRemoved() error {
	return domain.Errorf(domain.Conflict, "The upload was ended while it was running. Start a new one.")
}

func stageGone() error {
	return domain.Errorf(domain.Expired, "What arrived of this upload is not in the storage any more. Start a new one.")
}

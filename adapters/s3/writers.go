package s3

import (
	"maps"
	"slices"
	"sync"

	"doorito/domain"
)

// sender is somebody who sends parts under a key.
type sender interface {
	// halt makes all that comes fail with why and waits until nothing is sent.
	halt(why error)
}

// writers knows who is writing in this process. Aborting a multipart upload
// while its parts arrive is not final: a part that was on its way can bring
// the upload back. So Delete ends the sending before it aborts.
type writers struct {
	mu    sync.Mutex
	byKey map[string]map[sender]bool
}

func (s *writers) add(key string, w sender) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey[key] == nil {
		s.byKey[key] = map[sender]bool{}
	}
	s.byKey[key][w] = true
}

func (s *writers) remove(key string, w sender) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byKey[key], w)
	if len(s.byKey[key]) == 0 {
		delete(s.byKey, key)
	}
}

// stop halts the writers of a key.
func (s *writers) stop(key string, why error) {
	s.mu.Lock()
	found := slices.Collect(maps.Keys(s.byKey[key]))
	s.mu.Unlock()
	for _, w := range found {
		w.halt(why)
	}
}

func removedError() error {
	return domain.Errorf(domain.Conflict, "The upload was removed while it was running. Send the file again.")
}

package s3

import (
	"maps"
	"slices"
	"sync"

	"doorito/domain"
)

// writers knows who is writing in this process. Aborting a multipart upload
// while its parts arrive is not final: a part that was on its way can bring
// the upload back. So Delete ends the sending before it aborts.
type writers struct {
	mu    sync.Mutex
	byKey map[string]map[*writer]bool
}

func (s *writers) add(w *writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey[w.key] == nil {
		s.byKey[w.key] = map[*writer]bool{}
	}
	s.byKey[w.key][w] = true
}

func (s *writers) remove(w *writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byKey[w.key], w)
	if len(s.byKey[w.key]) == 0 {
		delete(s.byKey, w.key)
	}
}

// stop makes the writers of a key fail and waits until they send nothing.
func (s *writers) stop(key string) {
	s.mu.Lock()
	found := slices.Collect(maps.Keys(s.byKey[key]))
	s.mu.Unlock()
	for _, w := range found {
		_ = w.fail(domain.Errorf(domain.Conflict, "The upload was removed while it was running. Send the file again."))
		w.sending.Wait()
	}
}

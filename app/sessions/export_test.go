package sessions

import (
	"time"

	"github.com/google/uuid"
)

// SetPace is how often a completion of s says that it lives.
func (s *Sessions) SetPace(d time.Duration) { s.pace = d }

// SetGiveWay is how long a part waits for those before it.
func (s *Sessions) SetGiveWay(d time.Duration) {
	s.chains.mu.Lock()
	defer s.chains.mu.Unlock()
	s.chains.giveWay = d
}

// Waiting is how many parts of a session wait for those before them.
func (s *Sessions) Waiting(id uuid.UUID) int {
	s.chains.mu.Lock()
	defer s.chains.mu.Unlock()
	if c := s.chains.all[id]; c != nil {
		return len(c.waiting)
	}
	return 0
}

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

// InLine is how many uploads of a user wait to be committed with others of a
// batch, or of none.
func (s *Sessions) InLine(user, batch uuid.UUID) int {
	s.commits.mu.Lock()
	defer s.commits.mu.Unlock()
	if l := s.commits.lines[lineKey{user, batch}]; l != nil {
		return len(l.waiting)
	}
	return 0
}

// SetLinePatience is for how long an upload stands in line that enters it now.
func (s *Sessions) SetLinePatience(d time.Duration) {
	s.commits.mu.Lock()
	defer s.commits.mu.Unlock()
	s.commits.patience = d
}

// GroupSize is how many uploads one transaction has at most.
const GroupSize = groupSize

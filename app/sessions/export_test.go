package sessions

import "time"

// SetPace is how often a completion of s says that it lives.
func (s *Sessions) SetPace(d time.Duration) { s.pace = d }

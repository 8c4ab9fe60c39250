package domain

import (
	"time"

	"github.com/google/uuid"
)

// Lifetimes of a browser session.
const (
	SessionTTL         = 12 * time.Hour      // without "remember me", counted from the last use
	RememberSessionTTL = 30 * 24 * time.Hour // with "remember me"
)

// WebSession is one signed-in browser. Its id in the cookie is random; only
// the hash of it is stored.
type WebSession struct {
	ID         uuid.UUID
	Hash       string
	UserID     uuid.UUID
	CSRF       string // token that every form of this session carries
	Remember   bool
	IP         string
	UserAgent  string
	LastSeenAt time.Time
	ExpiresAt  time.Time
	RevokedAt  *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// TTL is how long the session lives after its last use.
func (s *WebSession) TTL() time.Duration {
	if s.Remember {
		return RememberSessionTTL
	}
	return SessionTTL
}

// Alive tells whether the session may still be used.
func (s *WebSession) Alive(now time.Time) bool {
	return s.RevokedAt == nil && s.ExpiresAt.After(now)
}

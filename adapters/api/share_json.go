package api

import (
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// shareJSON is a share link as programs see it, never with what opens it.
type shareJSON struct {
	ID           uuid.UUID  `json:"id"`
	FileID       *uuid.UUID `json:"file_id"` // this or batch_id
	BatchID      *uuid.UUID `json:"batch_id"`
	TargetName   string     `json:"target_name"`
	BeginsWith   string     `json:"begins_with"`
	State        string     `json:"state"`
	Password     bool       `json:"password"`
	MaxDownloads *int       `json:"max_downloads"` // null: any number
	Downloads    int        `json:"downloads"`
	ExpiresAt    *time.Time `json:"expires_at"`
	RevokedAt    *time.Time `json:"revoked_at"`
	CreatedBy    *uuid.UUID `json:"created_by"`
	CreatorName  string     `json:"creator_name"`
	CreatedAt    time.Time  `json:"created_at"`
}

// madeShareJSON is a new link with its address, shown this once: null when an
// earlier request with the same key made it.
type madeShareJSON struct {
	shareJSON
	URL *string `json:"url"`
}

func (h *handlers) shareJSON(l *domain.ShareLink) shareJSON {
	out := shareJSON{
		ID: l.ID, FileID: l.FileID, BatchID: l.BatchID, TargetName: l.TargetName, BeginsWith: l.Prefix, State: string(l.State(h.Clock.Now())),
		Password: l.PasswordHash != "", Downloads: l.Downloads, ExpiresAt: l.ExpiresAt, RevokedAt: l.RevokedAt,
		CreatedBy: l.CreatedBy, CreatorName: l.CreatorName, CreatedAt: l.CreatedAt,
	}
	if l.MaxDownloads > 0 {
		out.MaxDownloads = &l.MaxDownloads
	}
	return out
}

// accessJSON is one line of a link's log.
type accessJSON struct {
	ID        uuid.UUID  `json:"id"`
	What      string     `json:"what"`
	Outcome   string     `json:"outcome"`
	FileID    *uuid.UUID `json:"file_id"`
	FileName  string     `json:"file_name"`
	IP        string     `json:"ip"`
	UserAgent string     `json:"user_agent"`
	At        time.Time  `json:"at"`
}

func newAccessJSON(a *domain.ShareAccess) accessJSON {
	return accessJSON{ID: a.ID, What: a.What, Outcome: a.Outcome, FileID: a.FileID, FileName: a.FileName, IP: a.IP, UserAgent: a.UserAgent, At: a.At}
}

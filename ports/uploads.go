package ports

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"doorito/domain"
)

// ErrMoreOpen is what Uploads.Open refuses with.
var ErrMoreOpen = errors.New("ports: more sessions of the user are open")

// Upload is a file, its session, and the event of what became of them.
type Upload struct {
	File    *domain.File
	Session *domain.UploadSession
	Event   *domain.Event
}

// Uploads keeps file and session of an upload as one. What its methods do
// could be done with Files, Sessions and Outbox one after the other; small
// uploads are so many that each statement counts.
type Uploads interface {
	// Find returns a session and its file, nil for one without.
	Find(ctx context.Context, session uuid.UUID) (*domain.UploadSession, *domain.File, error)
	// Open is Files.Insert and Sessions.Insert: Conflict when the key has a
	// session, ErrMoreOpen when the session's user, if any, has more than most
	// open with it (Sessions.CountOpen).
	//
	// What Open, Store and Complete refuse may be told by the end of the
	// transaction only, of which nothing stays then.
	Open(ctx context.Context, f *domain.File, s *domain.UploadSession, most int) error
	// Store inserts files and sessions that are what they will be from the
	// start, and appends their events: all or none. Conflict when one's key has a
	// session.
	Store(ctx context.Context, all ...Upload) error
	// Complete is Sessions.Save from init, Files.Move from uploading and
	// Outbox.Append of what came of them: Conflict when one of the two changed
	// in the meantime.
	Complete(ctx context.Context, f *domain.File, s *domain.UploadSession, e *domain.Event) error
	// Used adds up what of a user's bytes is kept: files that are not purged, and
	// of each open session what it has, or its declared size where that is more.
	Used(ctx context.Context, user uuid.UUID) (int64, error)
	// UsedAlone is Used that no other transaction passes until this one ends, as
	// Sessions.CountOpenAlone: of those that inserted before they added up, each
	// sees every one that went before it.
	UsedAlone(ctx context.Context, user uuid.UUID) (int64, error)
}

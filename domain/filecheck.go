package domain

import (
	"time"

	"github.com/google/uuid"
)

// CheckState is where a check is: waiting ── running ── one of the others.
type CheckState string

const (
	CheckWaiting   CheckState = "waiting"
	CheckRunning   CheckState = "running"
	CheckMatches   CheckState = "matches"   // the bytes are those that came in
	CheckDifferent CheckState = "different" // they are not
	CheckMissing   CheckState = "missing"   // there are none
	CheckBroken    CheckState = "broken"    // they could not be read
)

// FileCheck reads a file's bytes back from the storage and hashes them.
type FileCheck struct {
	ID        uuid.UUID
	FileID    uuid.UUID
	AskedBy   *uuid.UUID // null when the user was deleted, or the system asked
	AskedName string
	State     CheckState
	Total     int64  // bytes
	Done      int64  // bytes read
	SHA256    string // hex, of what was read; "" before the end
	Message   string // why it is broken
	CreatedAt time.Time
	UpdatedAt time.Time // while running: the last sign of life
	EndedAt   *time.Time
}

// NewFileCheck waits for its turn.
func NewFileCheck(id uuid.UUID, f *File, a Actor, now time.Time) *FileCheck {
	c := &FileCheck{ID: id, FileID: f.ID, AskedName: a.Name, State: CheckWaiting, Total: f.SizeBytes, CreatedAt: now, UpdatedAt: now}
	if a.UserID != uuid.Nil {
		who := a.UserID
		c.AskedBy = &who
	}
	return c
}

// IsOver tells whether it has a result.
func (c *FileCheck) IsOver() bool { return c.EndedAt != nil }

// Asker is who asked, for the audit log.
func (c *FileCheck) Asker() Actor {
	a := Actor{Name: c.AskedName}
	if c.AskedBy != nil {
		a.UserID = *c.AskedBy
	}
	return a
}

// End takes the result over: of read bytes with this hash, of the file as it is
// known.
func (c *FileCheck) End(f *File, read int64, sum string, now time.Time) {
	c.State, c.Done, c.SHA256 = CheckMatches, read, sum
	if sum != f.SHA256 || read != f.SizeBytes {
		c.State = CheckDifferent
	}
	c.UpdatedAt, c.EndedAt = now, &now
}

// Break ends it without a hash.
func (c *FileCheck) Break(state CheckState, message string, now time.Time) {
	c.State, c.Message, c.UpdatedAt, c.EndedAt = state, message, now, &now
}

package domain

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// SessionKind tells what an upload session makes: a file, a tus partial that
// makes none, or a tus final that joins partials (tus 1.0, "Concatenation").
type SessionKind string

const (
	SessionWhole   SessionKind = "whole"
	SessionPartial SessionKind = "partial"
	SessionFinal   SessionKind = "final"
)

// SessionStatus is where an upload session is:
//
//	init ── in_progress ── completing ── complete
//	  └────────┴── aborted | failed
//
// A sweep finishes or takes back what died in completing.
type SessionStatus string

const (
	SessionInit       SessionStatus = "init"
	SessionInProgress SessionStatus = "in_progress"
	SessionCompleting SessionStatus = "completing"
	SessionComplete   SessionStatus = "complete"
	SessionAborted    SessionStatus = "aborted"
	SessionFailed     SessionStatus = "failed"
)

// SessionMode is decided by the first write.
type SessionMode string

const (
	ModeUndecided  SessionMode = ""
	ModeSequential SessionMode = "sequential" // at the offset, hashed on the way
	ModeParts      SessionMode = "parts"      // by number, in any order, hashed when complete
)

// Sizes of parts.
const (
	MinChunkSize = 8 << 20
	MaxParts     = 10_000
)

// UploadSession is one resumable upload. What it says was received is durable:
// bytes are synced before the row is written.
type UploadSession struct {
	ID             uuid.UUID
	FileID         *uuid.UUID // null for a partial
	UserID         *uuid.UUID
	Kind           SessionKind
	Status         SessionStatus
	Mode           SessionMode
	ChunkSize      int64  // bytes of every part but the last
	TotalSize      *int64 // null while deferred
	BytesReceived  int64  // sequential: the contiguous durable prefix, which is the offset; parts: their sum
	CompletedParts int
	IdempotencyKey string // unique per user when set
	HashState      []byte // SHA-256 over the first BytesReceived bytes; sequential only
	DeclaredSHA256 string // hex; compared at completion when set
	StorageKey     string
	Stage          []byte            // the storage's own note of where the pieces are
	Metadata       map[string]string // as the client declared it
	Epoch          int64             // who writes: a takeover raises it
	ExpiresAt      time.Time
	ErrorMessage   string
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// UploadPart is one durable part of a session in parts mode.
type UploadPart struct {
	ID        uuid.UUID
	SessionID uuid.UUID
	Number    int // from 1
	Offset    int64
	Size      int64
	SHA256    string
	Tag       string // the storage's own, an ETag on S3
	CreatedAt time.Time
	UpdatedAt time.Time
}

// NewUploadSession makes a session for a file of total bytes, nil while that
// is not known. The caller sets FileID, StorageKey and Metadata.
func NewUploadSession(id uuid.UUID, kind SessionKind, total *int64, user *uuid.UUID, ttl time.Duration, now time.Time) (*UploadSession, error) {
	if total != nil && *total < 0 {
		return nil, FieldErrorf("size", "A file has 0 bytes or more, not %d.", *total)
	}
	s := &UploadSession{
		ID: id, UserID: user, Kind: kind, Status: SessionInit, ChunkSize: MinChunkSize, TotalSize: total,
		Metadata: map[string]string{}, ExpiresAt: now.Add(ttl), CreatedAt: now, UpdatedAt: now,
	}
	if total != nil {
		s.ChunkSize = ChunkSizeFor(*total)
	}
	return s, nil
}

// ChunkSizeFor is MinChunkSize, or as many whole MiB as keep the file within
// MaxParts parts.
func ChunkSizeFor(total int64) int64 {
	const mib = 1 << 20
	if total <= MinChunkSize*MaxParts {
		return MinChunkSize
	}
	return ((total+MaxParts-1)/MaxParts + mib - 1) / mib * mib
}

// TotalParts is how many parts the file has, 0 while its size is deferred; an
// empty file has none.
func (s *UploadSession) TotalParts() int {
	if s.TotalSize == nil {
		return 0
	}
	return int((*s.TotalSize + s.ChunkSize - 1) / s.ChunkSize)
}

// PartRange is where a part lies; Invalid for a number out of range.
func (s *UploadSession) PartRange(number int) (offset, size int64, err error) {
	if s.TotalSize == nil {
		return 0, 0, Errorf(Conflict, "The size of this upload is not declared yet, so it has no parts. Declare it first.")
	}
	if n := s.TotalParts(); number < 1 || number > n {
		return 0, 0, FieldErrorf("part_number", "Part %d does not exist; this upload has parts 1 to %d of %d bytes.", number, n, s.ChunkSize)
	}
	offset = int64(number-1) * s.ChunkSize
	return offset, min(s.ChunkSize, *s.TotalSize-offset), nil
}

// CheckOpen refuses writing to a session that has ended, each with its own
// words: Conflict when it is complete or completing, Expired when its time is
// over or it was aborted or failed.
func (s *UploadSession) CheckOpen(now time.Time) error {
	switch s.Status {
	case SessionComplete, SessionCompleting:
		return Errorf(Conflict, "This upload is complete. Start a new one.")
	case SessionAborted:
		return Errorf(Expired, "This upload was aborted. Start a new one.")
	case SessionFailed:
		return Errorf(Expired, "This upload failed: %s", s.ErrorMessage)
	}
	if !s.ExpiresAt.After(now) {
		return Errorf(Expired, "This upload expired at %s. Start a new one.", s.ExpiresAt.UTC().Format("2 Jan 15:04 UTC"))
	}
	return nil
}

// Use decides the mode by the first write and refuses the other one after.
func (s *UploadSession) Use(mode SessionMode) error {
	if s.Mode != ModeUndecided && s.Mode != mode {
		return Errorf(Conflict, "This upload is written in %s mode, since its first write was. Go on like that, or start a new one.", s.Mode)
	}
	s.Mode = mode
	if s.Status == SessionInit {
		s.Status = SessionInProgress
	}
	return nil
}

// DeclareSize sets a size that was deferred; once.
func (s *UploadSession) DeclareSize(total int64, now time.Time) error {
	switch {
	case s.TotalSize != nil && *s.TotalSize == total:
		return nil
	case s.TotalSize != nil:
		return Errorf(Conflict, "The size of this upload is %d bytes and cannot become %d.", *s.TotalSize, total)
	case total < s.BytesReceived:
		return FieldErrorf("size", "%d bytes are here already, so the upload cannot have %d.", s.BytesReceived, total)
	}
	s.TotalSize, s.UpdatedAt = &total, now
	return nil
}

// Advance takes over a checkpoint of a sequential write: what is durable now.
func (s *UploadSession) Advance(offset int64, hashState, stage []byte, ttl time.Duration, now time.Time) {
	s.BytesReceived, s.HashState, s.Stage = offset, hashState, stage
	s.ExpiresAt, s.UpdatedAt = now.Add(ttl), now
}

// IsWhole tells whether every byte is here.
func (s *UploadSession) IsWhole() bool {
	return s.TotalSize != nil && s.BytesReceived == *s.TotalSize
}

// BeginCompletion moves to completing; Conflict with the missing parts named
// when bytes are missing. have are the numbers of the received parts, sorted.
func (s *UploadSession) BeginCompletion(have []int, now time.Time) error {
	if s.Status == SessionCompleting || s.Status == SessionComplete {
		return nil
	}
	if err := s.CheckOpen(now); err != nil {
		return err
	}
	if s.TotalSize == nil {
		return Errorf(Conflict, "The size of this upload is not declared yet. Declare it, then complete it.")
	}
	if !s.IsWhole() {
		if s.Mode == ModeParts {
			return Errorf(Conflict, "Received %d of %d parts: missing %s.", len(have), s.TotalParts(), Ranges(missing(have, s.TotalParts())))
		}
		return Errorf(Conflict, "Received %d of %d bytes. Send the rest, then complete it.", s.BytesReceived, *s.TotalSize)
	}
	s.Status, s.UpdatedAt = SessionCompleting, now
	return nil
}

// End moves to complete, aborted or failed with the reason.
func (s *UploadSession) End(to SessionStatus, reason string, now time.Time) error {
	ended := s.Status == SessionComplete || s.Status == SessionAborted || s.Status == SessionFailed
	if ended || (to == SessionComplete) != (s.Status == SessionCompleting) && to != SessionFailed {
		return Errorf(Conflict, "This upload is %s, so it cannot become %s.", s.Status, to)
	}
	s.Status, s.ErrorMessage, s.UpdatedAt = to, reason, now
	return nil
}

func missing(have []int, total int) []int {
	var out []int
	next := 1
	for _, n := range append(have, total+1) {
		for ; next < n; next++ {
			out = append(out, next)
		}
		next = n + 1
	}
	return out
}

// Ranges writes sorted numbers compactly: "3, 7-9". Past ten ranges it counts
// the rest.
func Ranges(ns []int) string {
	const most = 10
	text, shown := "", 0
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] == ns[j]+1 {
			j++
		}
		if shown == most {
			return text + fmt.Sprintf(" and %d more", len(ns)-i)
		}
		if text != "" {
			text += ", "
		}
		if text += fmt.Sprint(ns[i]); j > i {
			text += fmt.Sprintf("-%d", ns[j])
		}
		shown++
		i = j + 1
	}
	return text
}

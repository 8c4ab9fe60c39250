package domain

import (
	"crypto/sha256"
	"encoding"
	"encoding/hex"
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

// SessionStatuses in the order of a session's life.
var SessionStatuses = []SessionStatus{SessionInit, SessionInProgress, SessionCompleting, SessionComplete, SessionAborted, SessionFailed}

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
	Filename  string // of lists alone; "" when the upload is a partial
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
	return ceil(ceil(total, MaxParts), mib) * mib
}

// ceil is n/by rounded up, also for an n near the largest there is.
func ceil(n, by int64) int64 {
	if n%by > 0 {
		return n/by + 1
	}
	return n / by
}

// SHA256 is the hex hash of a complete upload whose bytes came in order; "" for
// any other, whose file alone tells it.
func (s *UploadSession) SHA256() string {
	if s.Status != SessionComplete || s.Kind != SessionWhole || s.Mode == ModeParts {
		return ""
	}
	h := sha256.New()
	if s.HashState != nil {
		if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(s.HashState); err != nil {
			return ""
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// TotalParts is how many parts the file has, 0 while its size is deferred; an
// empty file has none.
func (s *UploadSession) TotalParts() int {
	if s.TotalSize == nil {
		return 0
	}
	return int(ceil(*s.TotalSize, s.ChunkSize))
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
	case SessionComplete:
		return Errorf(Conflict, "This upload is complete. Start a new one.")
	case SessionCompleting:
		return Errorf(Conflict, "This upload has all its bytes and is being put together. Wait for its file.")
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

// Declare notes the SHA-256 that the file must have, "" for none; Invalid when
// another one was declared before. When the upload is completing or has ended
// it only compares.
func (s *UploadSession) Declare(sum string) error {
	switch {
	case sum == "" || sum == s.DeclaredSHA256:
	case s.DeclaredSHA256 != "":
		return NewWrongSum("sha256", s.DeclaredSHA256, sum, "The SHA-256 of this upload was declared as %s and cannot become %s.")
	case s.Status == SessionInit || s.Status == SessionInProgress:
		s.DeclaredSHA256 = sum
	}
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

// BeginCompletion moves to completing; Conflict when bytes are missing, with
// the missing parts as MissingParts. have are the numbers of the received parts, sorted.
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
			return newMissingParts(have, s.TotalParts())
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

package ports

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// Sessions keeps upload sessions and their parts.
type Sessions interface {
	SessionReader
	SessionWriter
	Parts
}

// SessionReader reads sessions. List filters: status, kind, mode, owner (user id),
// file (id), batch (id, of the file). Search: an id or the end of one.
type SessionReader interface {
	Find(ctx context.Context, id uuid.UUID) (*domain.UploadSession, error)
	// FindByFile returns the file's newest session.
	FindByFile(ctx context.Context, file uuid.UUID) (*domain.UploadSession, error)
	// FindByKey returns the session that this user made under an idempotency
	// key; "" is none.
	FindByKey(ctx context.Context, user uuid.UUID, key string) (*domain.UploadSession, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.UploadSession], error)
	// Tally counts by status, kind, mode and owner.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
	// CountOpen counts a user's sessions in init, in_progress and completing.
	CountOpen(ctx context.Context, user uuid.UUID) (int, error)
	// ListExpired returns sessions in init or in_progress past expires_at.
	ListExpired(ctx context.Context, now time.Time, limit int) ([]*domain.UploadSession, error)
	// ListCompleting returns sessions in completing, unchanged since then.
	ListCompleting(ctx context.Context, before time.Time, limit int) ([]*domain.UploadSession, error)
}

// SessionWriter changes sessions.
type SessionWriter interface {
	// Insert returns the session that already has this user and idempotency
	// key instead, with created false.
	Insert(ctx context.Context, s *domain.UploadSession) (got *domain.UploadSession, created bool, err error)
	// CountOpenAlone is CountOpen that no other transaction passes until this
	// one ends, so that a limit can be kept exactly: of those that inserted
	// before they counted, each sees every one that went before it.
	CountOpenAlone(ctx context.Context, user uuid.UUID) (int, error)
	// Lock is Find that keeps others from changing the row until the
	// transaction ends.
	Lock(ctx context.Context, id uuid.UUID) (*domain.UploadSession, error)
	// Take raises the epoch by one and returns the session: whoever wrote
	// before can write no more.
	Take(ctx context.Context, id uuid.UUID, now time.Time) (*domain.UploadSession, error)
	// Save writes the session if the row still has its epoch, is in one of the
	// statuses `from` and was not decided for another mode meanwhile; Conflict
	// else, and nothing is written. User, kind and idempotency key never
	// change, and in parts mode bytes_received and completed_parts are left to
	// PutPart, so that a Save beside it takes no part back.
	Save(ctx context.Context, s *domain.UploadSession, from ...domain.SessionStatus) error
	// DeleteEnded removes up to limit sessions (with parts) that are complete,
	// aborted or failed and unchanged since then.
	DeleteEnded(ctx context.Context, before time.Time, limit int) (int, error)
}

// Parts keeps the durable parts of sessions in parts mode.
type Parts interface {
	// PutPart adds a part and adds its size to the session's bytes_received
	// and 1 to completed_parts, exactly once; both in the caller's
	// transaction, safe under concurrent parts. What along, which may be nil,
	// makes of the hash state and the expiry of the locked session is saved
	// with them. A part with this number that is there already is returned
	// with added false and nothing changes.
	PutPart(ctx context.Context, p *domain.UploadPart, along func(s *domain.UploadSession)) (got *domain.UploadPart, added bool, err error)
	FindPart(ctx context.Context, session uuid.UUID, number int) (*domain.UploadPart, error)
	// ListParts returns them by number.
	ListParts(ctx context.Context, session uuid.UUID) ([]*domain.UploadPart, error)
	// BrowseParts lists those of all sessions, with the names of their files.
	// Filters: session (id), status (of the session). Search: a session's id, the
	// end of one, or a part's whole SHA-256.
	BrowseParts(ctx context.Context, q ListQuery) (Page[*domain.UploadPart], error)
	// TallyParts counts by status.
	TallyParts(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
}

// Staging keeps a blob while it arrives in pieces. A stage is the adapter's
// own note of where the pieces are; it is saved with the session, and the
// adapter relies on no memory of its own: any process may go on with it.
//
// The newest writer of a key (of a part: of its number) wins: an earlier one
// fails with Conflict, where the adapter can tell. A stage that is not there
// any more is Expired. Keys are those of Blobs; others are Invalid.
type Staging interface {
	// Begin prepares a stage for the blob that will be key; total is its size
	// in bytes, -1 while it is not known.
	Begin(ctx context.Context, key string, total int64) (stage []byte, err error)
	// Append goes on at offset, which is the durable prefix that the stage
	// describes. Bytes beyond it that an earlier writer left are dropped. Write
	// fails once ctx has ended; Checkpoint has a ctx of its own, so that what a
	// broken request brought can still be kept.
	Append(ctx context.Context, key string, stage []byte, offset int64) (StageWriter, error)
	// WritePart puts size bytes of r at offset and makes them durable. The same
	// number again replaces what was there, so the caller first looks whether it
	// has that part already. Fewer bytes than size are io.ErrUnexpectedEOF and
	// leave nothing; an earlier part of that number may be gone then too. An
	// error of r comes back as it is.
	WritePart(ctx context.Context, key string, stage []byte, number int, offset, size int64, r io.Reader) (tag string, err error)
	// Finish makes the blob visible under key, durable. parts, by number, are
	// those of WritePart; nil for a blob that was appended. Doing it again
	// after it went through, by whomever, is success.
	Finish(ctx context.Context, key string, stage []byte, size int64, parts []*domain.UploadPart) error
	// Join makes the blob key out of other blobs' stages in order (tus
	// "Concatenation"); each source was appended and is whole. The sources stay
	// until they are discarded. Doing it again is success.
	Join(ctx context.Context, key string, sources []JoinSource) error
	// Discard removes everything of a stage, also of one whose note was never
	// saved (nil); what is not there is success. A finished blob stays.
	Discard(ctx context.Context, key string, stage []byte) error
}

// StageReader is a Staging that can read back what is not finished yet.
type StageReader interface {
	// ReadStage opens n bytes at offset, all of which an earlier Checkpoint or
	// WritePart made durable. A stage that is not there any more, or holds less,
	// is Expired, from here or from reading.
	ReadStage(ctx context.Context, key string, stage []byte, offset, n int64) (io.ReadCloser, error)
}

// JoinSource is a whole partial.
type JoinSource struct {
	Key   string
	Stage []byte
	Size  int64
}

// Urgency is how much a checkpoint is called for.
type Urgency int

// In order. Due is for when no checkpoint is being made; of an Overdue one the
// caller waits for that, before it writes more.
const (
	NotDue Urgency = iota
	Due
	Overdue
)

// StageWriter appends to a stage. It is used by one goroutine at a time.
type StageWriter interface {
	io.Writer
	// Checkpoint begins to make every byte written so far durable; wait returns
	// when they are, with the note that describes them. What is not checkpointed
	// may be lost. wait is called once and may run beside Write, so that a slow
	// disk holds nobody up. The caller saves the note before it asks for the
	// next one, which may remove what only older notes name; if it cannot save,
	// it closes the writer.
	Checkpoint(ctx context.Context) (wait func() (stage []byte, err error))
	// Due says whether enough was written since the last Checkpoint for another.
	Due() Urgency
	// Close ends the writer without a checkpoint. The stage stays. Closing
	// again is success.
	Close() error
}

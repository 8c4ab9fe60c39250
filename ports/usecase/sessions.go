package usecase

import (
	"context"
	"hash"
	"io"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Sessions takes files in by pieces, resumable. What is not the actor's own
// (admins: anybody's) is NotFound.
type Sessions interface {
	// Create makes the session and, unless it is a partial, its file. Errors:
	// Invalid (name, size, metadata), TooLarge (declared size), Quota (too many
	// open sessions), NotFound and Conflict (batch). The same idempotency key
	// returns the session made first, with created false.
	Create(ctx context.Context, a domain.Actor, in SessionInput) (s *domain.UploadSession, created bool, err error)
	// Join makes a final out of whole partials of this actor (tus
	// "Concatenation") and stores its file.
	Join(ctx context.Context, a domain.Actor, in SessionInput, partials []uuid.UUID) (*domain.UploadSession, error)
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*SessionDetail, error)
	// List leaves Parts out.
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*SessionDetail], error)
	// DeclareSize sets a deferred size.
	DeclareSize(ctx context.Context, a domain.Actor, id uuid.UUID, total int64) (*domain.UploadSession, error)
	// Append writes at offset, which must be the durable one: Conflict else. It
	// takes over from an earlier writer that is dead or slow. What arrived
	// before the body broke off stays, durable, and the session says how much;
	// then the error is Invalid on field body. When the last byte is here the
	// file is stored before Append returns; an empty body at the end does that
	// too, for an upload of 0 bytes and for one whose size was declared last.
	// More bytes than the declared size are TooLarge. A checksum makes it all or
	// nothing: Invalid on field checksum.
	Append(ctx context.Context, a domain.Actor, id uuid.UUID, in AppendInput) (*domain.UploadSession, error)
	// PutPart writes one part. The same content again is success; other content
	// Conflict; a wrong number, size, place or checksum Invalid, on the fields
	// part_number, size, Content-Range and checksum.
	PutPart(ctx context.Context, a domain.Actor, id uuid.UUID, in PartInput) (*domain.UploadPart, error)
	// Complete assembles, verifies and stores; what is missing is a
	// domain.MissingParts, a Conflict. sum is the file's SHA-256 in hex, "" for
	// none: another one than was declared before, or than the file has, is
	// Invalid on field sha256. Completing twice returns the stored file again.
	Complete(ctx context.Context, a domain.Actor, id uuid.UUID, sum string) (*domain.File, error)
	// Abort ends the session; its bytes go and its file is failed.
	Abort(ctx context.Context, a domain.Actor, id uuid.UUID) error
}

// Together takes several uploads in at once.
type Together interface {
	// CreateAll is Sessions.Create for each of them. Small ones that are all there
	// share one commit, each with its own event. What is refused, or cannot be
	// stored with the others, has no effect on them.
	CreateAll(ctx context.Context, a domain.Actor, in []SessionInput) []Creation
}

// Creation is what Sessions.Create said of one of several.
type Creation struct {
	Session *domain.UploadSession
	Created bool
	Err     error
}

// SessionInput describes an upload before its first byte.
type SessionInput struct {
	Kind           domain.SessionKind
	Name           string
	Size           *int64 // nil: deferred
	BatchID        *uuid.UUID
	Metadata       map[string]string // of the file
	SHA256         string            // hex, compared at completion; "" for none
	IdempotencyKey string
	// First is the body that came with the creation, for an Append to follow;
	// nil for none. A small one that is all there is stored at once: the session
	// is complete then. Whatever of the body was read else is put back in front
	// of it.
	First *AppendInput
	// Declared is what the client gets back word for word (tus: Upload-Metadata
	// and Upload-Concat as sent). It is kept as the session's Metadata; nil
	// keeps Metadata there.
	Declared map[string]string
}

// Ready is a body of known length that can tell what of it is here already.
type Ready interface {
	// ReadReady fills p, but gives up when wait is over; Read goes on from there.
	// An error of the body, its end included, comes again from Read.
	ReadReady(p []byte, wait time.Duration) (n int, err error)
}

// AppendInput is one request's body.
type AppendInput struct {
	Offset   int64
	Size     int64 // declared bytes of this request, -1 when unknown
	Body     io.Reader
	Checksum hash.Hash // nil for none; compared with Sum when the body ended
	Sum      func() []byte
	// Total declares the upload's size together with these bytes, as DeclareSize
	// does and with its errors; nil says nothing about it.
	Total *int64
	// Hold leaves the upload open when these are its last bytes: it is complete
	// only when a later Append without Hold says so.
	Hold bool
	// Saved is told the offset of a checkpoint, once it is durable, and of one in a
	// second at most beside the last; nil for none. It is called from one goroutine
	// at a time and not after Append returned.
	Saved func(offset int64)
}

// PartInput is one part of an upload.
type PartInput struct {
	Number int
	Size   int64 // declared bytes of this request, -1 when unknown
	Body   io.Reader
	Place  *domain.PartPlace // where the client says that it lies; nil: it does not say
	SHA256 []byte            // what the body's SHA-256 has to be; nil for no check
}

// SessionDetail is a session with its file and received parts.
type SessionDetail struct {
	Session *domain.UploadSession
	File    *domain.File // nil for a partial
	Parts   []*domain.UploadPart
	// Hashed is how many bytes from the beginning are hashed: in sequential mode
	// all that are here; else the parts that came in order, and while completing
	// how far the rest is.
	Hashed int64
}

package usecase

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
)

// Uploads takes files in.
type Uploads interface {
	// Upload streams one file in: cleans the name, commits the file row with
	// its storage key, streams, hashes and checks, and stores file and
	// `file.stored` in one transaction. On any error no bytes stay and the row
	// is `failed` with the reason (or was never made). Errors: Invalid (name),
	// TooLarge, Quota (as domain.OverQuota, when the uploader's room is full),
	// UnsupportedType, Conflict (batch finalised), NotFound (batch),
	// Unavailable (storage), and Invalid on field body when fewer bytes came
	// than Size declared.
	Upload(ctx context.Context, a domain.Actor, in UploadInput) (*domain.File, error)
	// Policy is what this actor may hand in, for pages to show.
	Policy(a domain.Actor) domain.UploadPolicy
	// Usage is how much of the actor's bytes the portal keeps.
	Usage(ctx context.Context, a domain.Actor) (domain.Usage, error)
	// CreateBatch makes a batch. The same key of the same user returns the batch
	// made first, with created false; Conflict when the label differs from its.
	CreateBatch(ctx context.Context, a domain.Actor, label, idempotencyKey string) (b *domain.Batch, created bool, err error)
	// FinaliseBatch seals a batch; doing it again changes nothing.
	FinaliseBatch(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Batch, error)
}

// UploadsOnce takes files in under keys of the client, so that a request that
// is sent again makes nothing new.
type UploadsOnce interface {
	// UploadOnce is Uploads.Upload, but the same key of the same user within
	// domain.IdempotencyTTL returns the file made first, with replayed true and
	// the body unread. A failed upload frees its key. Conflict while the first
	// is still on its way in, or when the name, batch, metadata or size differ
	// from the first's. An empty key is no key.
	UploadOnce(ctx context.Context, a domain.Actor, in UploadInput, key string) (f *domain.File, replayed bool, err error)
}

// UploadInput is one file on its way in.
type UploadInput struct {
	Name     string
	Size     int64 // declared bytes, -1 when unknown
	BatchID  *uuid.UUID
	Metadata map[string]string
	Body     io.Reader
}

// Files is everything after storing.
type Files interface {
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.File, error)
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.File], error)
	// Detail is a file with its deliveries, events and history, for its page.
	Detail(ctx context.Context, a domain.Actor, id uuid.UUID) (*FileDetail, error)
	// Link returns the stable download link; it is absolute, and "" for an actor
	// who may not fetch files.
	Link(a domain.Actor, f *domain.File) string
	// Download opens the file for this actor; ByLink for whoever has the link
	// (Expired when it is gone). Close Body when it is set.
	Download(ctx context.Context, a domain.Actor, id uuid.UUID) (*Download, error)
	ByLink(ctx context.Context, token string) (*Download, error)
	// Delete moves files to deleted and purges their bytes; owner or admin.
	Delete(ctx context.Context, a domain.Actor, ids []uuid.UUID) (deleted int, err error)
}

// Consumer is what the program that takes files over does with them.
type Consumer interface {
	// Process moves a stored file to processed. Of several at once one
	// succeeds; the others get Conflict, as for a file in any other state.
	Process(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.File, error)
	// Fail moves a stored file to failed; its bytes stay. Invalid on field
	// reason when that is empty or too long, Conflict as above.
	Fail(ctx context.Context, a domain.Actor, id uuid.UUID, reason string) (*domain.File, error)
}

// Keeper decides how long a file is kept; its owner or an admin may. Conflict
// for a file without bytes.
type Keeper interface {
	// Extend keeps the file for so much longer, counted from its expiry, or from
	// now when that is over; 0 keeps it for good. Receivers are warned anew
	// before it expires. Conflict for a file that never does.
	Extend(ctx context.Context, a domain.Actor, id uuid.UUID, by time.Duration) (*domain.File, error)
	// Expire ends the file's time now. Its bytes go at once, unless a delivery of
	// it is pending: then it is held, as any that expires.
	Expire(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.File, error)
}

// Checks reads stored bytes back; admins alone may ask for it.
type Checks interface {
	// Ask has the file's bytes read and hashed soon, by a worker. Conflict for a
	// file without bytes, and for one that is being read. The result is in the
	// file's history, by who asked.
	Ask(ctx context.Context, a domain.Actor, file uuid.UUID) error
	// Latest is the newest check of the file, nil when there was none.
	Latest(ctx context.Context, a domain.Actor, file uuid.UUID) (*domain.FileCheck, error)
}

// BatchLabels names batches.
type BatchLabels interface {
	// RenameBatch is for its maker and admins. Invalid on label, Conflict when
	// the batch was changed since seen, its UpdatedAt when the form was filled.
	RenameBatch(ctx context.Context, a domain.Actor, id uuid.UUID, label string, seen time.Time) (*domain.Batch, error)
}

// FileDetail is what the file page shows.
type FileDetail struct {
	File       *domain.File
	Batch      *domain.Batch // nil for a single file
	Deliveries []*domain.Delivery
	Events     []*domain.Event
	History    []*domain.AuditEntry
	Link       string
	Held       bool // kept past its expiry while a delivery is pending
}

// Download is a file ready to be read. Either URL is set (redirect there) or
// Open reads a range of it.
type Download struct {
	File *domain.File
	URL  string
	Open func(ctx context.Context, offset, length int64) (io.ReadCloser, error)
}

// Archives hands out many files as one.
type Archives interface {
	// OfBatch is a ZIP archive of those files of a batch that have bytes now and
	// that the actor may see, under the folders that they were sent from.
	// Conflict when there are none.
	OfBatch(ctx context.Context, a domain.Actor, batch uuid.UUID) (*Archive, error)
}

// Archive is one that is made while it is read. When one of its files turns out
// to be gone or broken, reading ends with an error before Size bytes came.
type Archive struct {
	Name  string
	Size  int64 // bytes of the archive
	Files int
	Bytes int64 // of the files
	// Open begins it; close what it returns, at the end or before.
	Open func(ctx context.Context) io.ReadCloser
}

// Batches reads batches.
type Batches interface {
	Find(ctx context.Context, a domain.Actor, id uuid.UUID) (*domain.Batch, error)
	List(ctx context.Context, a domain.Actor, q ports.ListQuery) (ports.Page[*domain.Batch], error)
}

package ports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"doorito/domain"
)

// Transactor runs use cases against the database.
type Transactor interface {
	// InTx runs fn in one transaction with repositories bound to it. It commits
	// when fn returns nil and rolls back on an error or a panic (which goes
	// on). fn may run more than once (serialisation failures), so it must have
	// no effect outside its Stores: no storage call, no HTTP. Calling InTx
	// inside fn's context is Internal. After a commit that appended events or
	// made deliveries due the bell is rung; a failing bell is logged only.
	InTx(ctx context.Context, fn func(ctx context.Context, s Stores) error) error
	// InLooseTx is InTx for what is done again by itself (fan-out, leases,
	// settling): its commit does not wait for the disk. All see it at once, but
	// when the database itself crashes within the next second it may be undone.
	// A later InTx makes it durable with its own commit.
	InLooseTx(ctx context.Context, fn func(ctx context.Context, s Stores) error) error
	// Reads returns repositories for plain reads, outside any transaction.
	// Their writing methods are Internal.
	Reads() Stores
	// Ping tells whether the database answers.
	Ping(ctx context.Context) error
}

// Stores are the repositories of one transaction.
type Stores struct {
	Users       Users
	WebSessions WebSessions
	Tokens      Tokens
	Factors     SecondFactors
	Invitations Invitations
	ShareLinks  ShareLinks
	Accesses    ShareAccesses
	Throttles   Throttles
	Batches     Batches
	Files       Files
	FileChecks  FileChecks
	Sessions    Sessions
	Uploads     Uploads
	StorageKeys StorageKeys
	Outbox      Outbox
	Endpoints   Endpoints
	Deliveries  Deliveries
	Attempts    Attempts
	Replays     Replays
	Schedules   Schedules
	Runs        ScheduleRuns
	Audit       Audit
	Idempotency Idempotency
}

// Users keeps accounts. List filters: role, active (true, false). Search: part
// of the name or of the address, an id or the end of one.
type Users interface {
	UserReader
	UserWriter
}

// UserReader reads accounts.
type UserReader interface {
	Find(ctx context.Context, id uuid.UUID) (*domain.User, error)
	FindByEmail(ctx context.Context, email string) (*domain.User, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.User], error)
	// Peek is List of the newest `within` rows that q.Owner has (of all, where an
	// index finds words), without counting and for a first page alone.
	Peek(ctx context.Context, q ListQuery, within int) ([]*domain.User, error)
	// Tally counts by role and active.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
	Count(ctx context.Context) (int, error)
}

// UserWriter changes accounts.
type UserWriter interface {
	// Insert is a Conflict on field email when the address is taken.
	Insert(ctx context.Context, u *domain.User) error
	// Save is a Conflict as Insert is, NotFound when the user is gone.
	Save(ctx context.Context, u *domain.User) error
	// Lock is Find that keeps others from changing the row until the
	// transaction ends.
	Lock(ctx context.Context, id uuid.UUID) (*domain.User, error)
	// LockAdmins returns the active admins and keeps others from changing them
	// until the transaction ends: of two that each take the other's role away,
	// one waits and then sees itself demoted.
	LockAdmins(ctx context.Context) ([]uuid.UUID, error)
	// Delete removes the account with its sessions and tokens; what it made
	// stays and is nobody's.
	Delete(ctx context.Context, id uuid.UUID) error
}

// WebSessions keeps signed-in browsers.
type WebSessions interface {
	Insert(ctx context.Context, s *domain.WebSession) error
	// FindByHash finds by the hash of the cookie's id, revoked and expired ones
	// too, and returns whose session it is as of the same moment.
	FindByHash(ctx context.Context, hash string) (*domain.WebSession, *domain.User, error)
	// Touch moves last_seen_at and expires_at.
	Touch(ctx context.Context, id uuid.UUID, seen, expires time.Time) error
	Revoke(ctx context.Context, id uuid.UUID, at time.Time) error
	// RevokeAllOf ends the user's sessions but the one kept; uuid.Nil keeps none.
	RevokeAllOf(ctx context.Context, user, kept uuid.UUID, at time.Time) error
	// ListLive returns up to limit sessions of the user that may still be used
	// at now, the last used first.
	ListLive(ctx context.Context, user uuid.UUID, now time.Time, limit int) ([]*domain.WebSession, error)
	// KnownAddress tells whether the user had a session from ip since then.
	KnownAddress(ctx context.Context, user uuid.UUID, ip string, since time.Time) (bool, error)
	// DeleteDead removes up to limit sessions that ended before then.
	DeleteDead(ctx context.Context, before time.Time, limit int) (int, error)
}

// SecondFactors keeps what people show beside their password.
type SecondFactors interface {
	// Find is NotFound for a user without one.
	Find(ctx context.Context, user uuid.UUID) (*domain.SecondFactor, error)
	// Lock is Find that keeps others from changing the row until the
	// transaction ends.
	Lock(ctx context.Context, user uuid.UUID) (*domain.SecondFactor, error)
	// Save inserts it, or puts it in the place of the one there.
	Save(ctx context.Context, f *domain.SecondFactor) error
	// Delete removes it with its recovery codes; none there is no error.
	Delete(ctx context.Context, user uuid.UUID) error
	// SetCodes puts the hashes in the place of all recovery codes.
	SetCodes(ctx context.Context, user uuid.UUID, hashes []string) error
	// UseCode marks a recovery code used; false when there is none that is not.
	UseCode(ctx context.Context, user uuid.UUID, hash string, at time.Time) (bool, error)
	// CodesLeft is how many are not used yet.
	CodesLeft(ctx context.Context, user uuid.UUID) (int, error)
	// Users returns up to limit users with a secret, by id, after that one.
	Users(ctx context.Context, after uuid.UUID, limit int) ([]uuid.UUID, error)
}

// Tokens keeps API tokens. List filters: state (active, expired, revoked), user (id).
// Search: part of the name or of the prefix, an id or the end of one.
type Tokens interface {
	Insert(ctx context.Context, t *domain.APIToken) error
	// FindByHash finds revoked and expired ones too, and returns whose token it
	// is as of the same moment.
	FindByHash(ctx context.Context, hash string) (*domain.APIToken, *domain.User, error)
	Find(ctx context.Context, id uuid.UUID) (*domain.APIToken, error)
	// List fills the name and the address of each token's user.
	List(ctx context.Context, q ListQuery) (Page[*domain.APIToken], error)
	// Tally counts by state and user.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
	Touch(ctx context.Context, id uuid.UUID, at time.Time) error
	Revoke(ctx context.Context, id uuid.UUID, at time.Time) error
}

// Throttles counts failures in leaky buckets, shared by all web processes.
type Throttles interface {
	// Level returns the bucket's level at now after leaking one unit each drain.
	Level(ctx context.Context, key string, drain time.Duration, now time.Time) (float64, error)
	// Add pours one unit in and returns the new level.
	Add(ctx context.Context, key string, drain time.Duration, now time.Time) (float64, error)
	// Clear empties the bucket.
	Clear(ctx context.Context, key string) error
	// DeleteIdle removes buckets untouched since then.
	DeleteIdle(ctx context.Context, before time.Time) (int, error)
}

// Batches keeps upload batches. List filters: status, creator (user id).
// Search: label, id.
type Batches interface {
	// Insert returns the batch that already has this creator and idempotency
	// key instead, with created false.
	Insert(ctx context.Context, b *domain.Batch) (got *domain.Batch, created bool, err error)
	Save(ctx context.Context, b *domain.Batch) error
	Find(ctx context.Context, id uuid.UUID) (*domain.Batch, error)
	// Lock is Find that keeps others from changing the row until the
	// transaction ends.
	Lock(ctx context.Context, id uuid.UUID) (*domain.Batch, error)
	// Join is for a file that joins: it moves init to in_progress and returns
	// the batch as Find does, keeping it from being sealed (Lock waits) until
	// the transaction ends. Several transactions may hold it at once.
	Join(ctx context.Context, id uuid.UUID, now time.Time) (*domain.Batch, error)
	// Counts are computed from the files, superseded ones left out.
	Counts(ctx context.Context, id uuid.UUID) (domain.BatchCounts, error)
	// Labels of those of the batches that have one.
	Labels(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error)
	// List fills Counts of each.
	List(ctx context.Context, q ListQuery) (Page[*domain.Batch], error)
	// Peek is List of the newest `within` rows that q.Owner has (of all, where an
	// index finds words), without counting and for a first page alone; Counts are those that are kept.
	Peek(ctx context.Context, q ListQuery, within int) ([]*domain.Batch, error)
	// Tally counts by status and creator.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
	// ListOpen returns ids of batches that may need settling: sealed and not
	// done, or idle since then.
	ListOpen(ctx context.Context, idleSince time.Time, limit int) ([]uuid.UUID, error)
}

// Files keeps uploaded files. List filters: status, batch (id), owner (user
// id), type (content type prefix up to the slash, or whole), size_min,
// size_max (bytes), expiring (a number of hours), held (true: past the expiry and
// kept for a receiver), superseded (true, false). Search: part of the name,
// start of the SHA-256, an id or the end of one.
type Files interface {
	FileReader
	FileWriter
}

// FileReader reads files.
type FileReader interface {
	Find(ctx context.Context, id uuid.UUID) (*domain.File, error)
	// FindAll returns those of these files that exist.
	FindAll(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.File, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.File], error)
	// Peek is List of the newest `within` rows that q.Owner has (of all, where an
	// index finds words), without counting and for a first page alone.
	Peek(ctx context.Context, q ListQuery, within int) ([]*domain.File, error)
	// Tally counts by status, owner, type (the whole one) and superseded.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
	// ListStale returns files `uploading` without a sign of life since then and
	// without an open session, which has an expiry of its own.
	ListStale(ctx context.Context, before time.Time, limit int) ([]*domain.File, error)
	// ListExpired returns stored, processed and failed files past expires_at
	// that may go: no `file.stored` delivery pending, or past expires_at + hold.
	ListExpired(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]*domain.File, error)
	// ListExpiring returns stored files that expire before then and have no
	// `file.expiring` event for their expires_at.
	ListExpiring(ctx context.Context, now, before time.Time, limit int) ([]*domain.File, error)
	// ListUnpurged returns deleted files, and failed ones that were never
	// stored, that have no purged_at yet.
	ListUnpurged(ctx context.Context, limit int) ([]*domain.File, error)
	// ListKept returns stored, processed and failed files whose bytes are kept,
	// by id, after that one.
	ListKept(ctx context.Context, after uuid.UUID, limit int) ([]*domain.File, error)
	// Contents returns those files of a batch that have bytes, by (created_at, id),
	// the oldest first: those after a row, nil to begin, and those of an owner, nil
	// for all. It is cheap enough to be asked for a million files.
	Contents(ctx context.Context, batch uuid.UUID, owner *uuid.UUID, after *Cursor, limit int) ([]FileContent, error)
	// LinkSerials returns the link serial of each of these files that exists.
	LinkSerials(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]int, error)
	// Held tells whether a `file.stored` delivery of the file is pending.
	Held(ctx context.Context, id uuid.UUID) (bool, error)
}

// FileContent is what has to be known of a file to pass its bytes on.
type FileContent struct {
	ID         uuid.UUID
	Name       string // original_filename
	Folder     string // "path" of the metadata: the folder that it was sent from
	SizeBytes  int64
	StorageKey string
	StoredAt   time.Time
	CreatedAt  time.Time
}

// FileWriter changes files.
type FileWriter interface {
	// Insert adds the file. Failed files of the same batch, uploader, name and
	// folder (metadata path) are superseded by it: they leave the batch's counts.
	Insert(ctx context.Context, f *domain.File) error
	// Move saves f if the row is still in `from` (and for from = stored or
	// processed still has f's expires_at), else Conflict: compare-and-set.
	Move(ctx context.Context, f *domain.File, from domain.FileStatus) error
	// SetExpiry moves expires_at of a stored, processed or failed file if that is
	// still `from` (nil is never), else Conflict: compare-and-set.
	SetExpiry(ctx context.Context, id uuid.UUID, from, to *time.Time, now time.Time) error
	// Touch moves updated_at of a file that is still uploading; Conflict else.
	Touch(ctx context.Context, id uuid.UUID, at time.Time) error
	// MarkPurged sets purged_at.
	MarkPurged(ctx context.Context, id uuid.UUID, at time.Time) error
}

// Endpoints keeps receivers with their sealed secrets. List search: name, url.
// Filters: active (true, false).
type Endpoints interface {
	Insert(ctx context.Context, e *domain.Endpoint) error
	Save(ctx context.Context, e *domain.Endpoint) error // secrets too
	Find(ctx context.Context, id uuid.UUID) (*domain.Endpoint, error)
	// Lock is Find that keeps others from changing the row.
	Lock(ctx context.Context, id uuid.UUID) (*domain.Endpoint, error)
	FindAll(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*domain.Endpoint, error)
	ListActive(ctx context.Context) ([]*domain.Endpoint, error)
	// Generation is raised by every Insert, Save and Delete: as long as it
	// stays, what was read after it is still true but for the health.
	Generation(ctx context.Context) (int64, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.Endpoint], error)
	// Peek is List of the newest `within` rows that q.Owner has (of all, where an
	// index finds words), without counting and for a first page alone; secrets are left out.
	Peek(ctx context.Context, q ListQuery, within int) ([]*domain.Endpoint, error)
	// Tally counts by active.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
	// Delete removes the endpoint; its deliveries and attempts go with it.
	Delete(ctx context.Context, id uuid.UUID) error
}

// Audit is append only. List filters: actor (user id), action, object (its
// type), object_id. Search: part of the actor's name or of the action, the id
// of an entry, an object or the end of one.
type Audit interface {
	Append(ctx context.Context, e *domain.AuditEntry) error
	// ListOf returns an object's entries, oldest first.
	ListOf(ctx context.Context, objectType string, id uuid.UUID, limit int) ([]*domain.AuditEntry, error)
	Find(ctx context.Context, id uuid.UUID) (*domain.AuditEntry, error)
	List(ctx context.Context, q ListQuery) (Page[*domain.AuditEntry], error)
	// Tally counts by actor, action and object.
	Tally(ctx context.Context, q ListQuery, by TallyBy) (Tally, error)
}

// Idempotency remembers what was made under the keys of clients.
type Idempotency interface {
	// Insert returns the record that already has this owner, operation and key
	// instead, with created false. It waits for a transaction that is inserting
	// the same key.
	Insert(ctx context.Context, r *domain.IdempotencyRecord) (got *domain.IdempotencyRecord, created bool, err error)
	// Replace puts r in the place of the record with its key if that still
	// names the resource `from`, else Conflict: compare-and-set.
	Replace(ctx context.Context, r *domain.IdempotencyRecord, from uuid.UUID) error
	// DeleteBefore removes up to limit records made before then.
	DeleteBefore(ctx context.Context, before time.Time, limit int) (int, error)
}
